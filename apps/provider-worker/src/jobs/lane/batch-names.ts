import type { Dialect } from '@costlane/contracts';

/** Items of one group may share a batch, and are asked of one account in one dialect. Its parts hold no spaces but the last. */
export interface GroupParts {
  provider: string;
  account: string;
  dialect: Dialect;
  /** What the provider's Batch API keeps apart, and the model. */
  rest: string;
}

export const groupOf = ({ provider, account, dialect, rest }: GroupParts): string =>
  [provider, account, dialect, rest].join(' ');

/** Inverse of {@link groupOf}. */
export function partsOf(group: string): GroupParts {
  const [provider = '', account = '', dialect = '', ...rest] = group.split(' ');
  return { provider, account, dialect: dialect as Dialect, rest: rest.join(' ') };
}

/** Longest key of a batch: `b_` and a UUID. */
const KEY_LENGTH = 38;

/** An item as the provider's batch calls it: never used for another one, for no two batches have the same key. */
export const customIdOf = (index: number, batchKey: string): string => `${index}-${batchKey}`;

/** As long as the item's will be, whatever batch it comes into. */
export const customIdToMeasure = (index: number): string => customIdOf(index, 'x'.repeat(KEY_LENGTH));

/** Undefined: it is not of this batch. */
export function indexIn(customId: string, batchKey: string): number | undefined {
  if (!customId.endsWith(`-${batchKey}`)) return undefined;
  const index = customId.slice(0, -batchKey.length - 1);
  return /^\d{1,9}$/.test(index) ? Number(index) : undefined;
}
