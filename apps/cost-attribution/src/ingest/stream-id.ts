/** Ids of stream entries, `<epoch ms>-<sequence>`, compared and counted as Redis does. */

export const idTimeMs = (id: string): number => Number(id.slice(0, id.indexOf('-')));

const sequence = (id: string): bigint => BigInt(id.slice(id.indexOf('-') + 1));

/** Negative when `a` came before `b`. */
export function compareIds(a: string, b: string): number {
  const byTime = idTimeMs(a) - idTimeMs(b);
  if (byTime !== 0) return byTime;
  const difference = sequence(a) - sequence(b);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The smallest id after this one. */
export const nextId = (id: string): string => `${idTimeMs(id)}-${sequence(id) + 1n}`;
