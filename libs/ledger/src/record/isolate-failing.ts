export interface Isolated<T, R> {
  results: R[];
  failed: { item: T; error: unknown }[];
}

/**
 * Hands a batch to `attempt`; when it fails because of an item, halves it until the items at fault stand alone: about 2·log2(n) attempts
 * for one. An item that failed alone is tried once more, for a failure that came from what happened beside it.
 * @param isItemError tells an error of an item from one of the surroundings, which is thrown on
 */
export async function isolateFailing<T, R>(
  items: readonly T[],
  attempt: (items: readonly T[]) => Promise<R>,
  isItemError: (error: unknown) => boolean,
): Promise<Isolated<T, R>> {
  const isolated: Isolated<T, R> = { results: [], failed: [] };
  const settle = async (part: readonly T[], isLastTry: boolean): Promise<void> => {
    const [first] = part;
    if (first === undefined) return;
    try {
      isolated.results.push(await attempt(part));
    } catch (error) {
      if (!isItemError(error)) throw error;
      if (part.length === 1) {
        if (isLastTry) isolated.failed.push({ item: first, error });
        else await settle(part, true);
        return;
      }
      const middle = part.length >> 1;
      await settle(part.slice(0, middle), false);
      await settle(part.slice(middle), false);
    }
  };
  await settle(items, false);
  return isolated;
}
