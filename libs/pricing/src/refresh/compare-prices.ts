import {
  pricesForPromptLength,
  tokenClasses,
  type ModelPrice,
  type TokenClass,
  type TokenPrices,
} from '@costlane/domain';

/** What a class without a price is charged as (see `TokenPrices`). */
const fallbacks: Readonly<Record<TokenClass, readonly TokenClass[]>> = {
  freshInput: [],
  output: ['freshInput'],
  cacheRead: ['freshInput'],
  cacheWriteShort: ['freshInput'],
  cacheWriteLong: ['cacheWriteShort', 'freshInput'],
  reasoning: ['output', 'freshInput'],
  audioInput: ['freshInput'],
  audioCacheRead: ['audioInput', 'cacheRead', 'freshInput'],
  audioOutput: ['output', 'freshInput'],
  imageInput: ['freshInput'],
};

export interface PriceChangeOfClass {
  readonly tokenClass: TokenClass;
  /** 0: for prompts of any length; else for those that are longer. */
  readonly aboveTokens: number;
  /** The new price over the old one; `Infinity` from a price of zero. */
  readonly ratio: number;
}

type Priced = Pick<ModelPrice, 'perMillion' | 'longPromptBands'>;

/**
 * Every class whose price differs, at every prompt length at which either price list has a step. Compared is what would be charged, so a class
 * that only one of them names is set against what it falls back to in the other.
 */
export function comparePrices(before: ModelPrice, after: Priced): readonly PriceChangeOfClass[] {
  const next: ModelPrice = { ...before, longPromptBands: undefined, ...after };
  const steps = [before, next].flatMap((price) => (price.longPromptBands ?? []).map((band) => band.thresholdTokens));
  const lengths = [0, ...withoutNeighbours(steps)];
  return lengths.flatMap((aboveTokens) => {
    const old = pricesForPromptLength(before, aboveTokens + 1);
    const now = pricesForPromptLength(next, aboveTokens + 1);
    return tokenClasses.flatMap((tokenClass): PriceChangeOfClass[] => {
      if (old[tokenClass] === undefined && now[tokenClass] === undefined) return [];
      const [from, to] = [charged(old, tokenClass), charged(now, tokenClass)];
      return isSame(from, to)
        ? []
        : [{ tokenClass, aboveTokens, ratio: from === 0 ? Number.POSITIVE_INFINITY : to / from }];
    });
  });
}

/** One list writes "above 271,999" where the other has "above 272,000": of steps that close the higher one is looked at only. */
const neighbourTokens = 16;

function withoutNeighbours(steps: readonly number[]): readonly number[] {
  const sorted = [...new Set(steps)].sort((a, b) => a - b);
  return sorted.filter((step, index) => {
    const next = sorted[index + 1];
    return next === undefined || next - step > neighbourTokens;
  });
}

/** How far a change goes, either way: 0.25 for a quarter more or less. */
export const sizeOfChange = ({ ratio }: PriceChangeOfClass): number => Math.abs(ratio - 1);

function charged(prices: TokenPrices, tokenClass: TokenClass): number {
  const name = [tokenClass, ...fallbacks[tokenClass]].find((candidate) => prices[candidate] !== undefined);
  return Number(prices[name ?? 'freshInput']);
}

/** Lists write prices per token as binary numbers, which differ from decimals in their last digits. */
function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(a, b);
}
