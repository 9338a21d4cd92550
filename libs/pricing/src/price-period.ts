import type { ModelPrice } from '@costlane/domain';

/** A price and when it applies. In a list of periods the last one that applies wins. */
export interface PricePeriod {
  /** Inclusive; null: since always. */
  readonly fromMs: number | null;
  /** Exclusive; null: until further notice. */
  readonly toMs: number | null;
  /** Hours of the day (UTC seconds since midnight) for providers with off-peak prices; may wrap round midnight. */
  readonly daily?: { readonly startSecond: number; readonly endSecond: number };
  readonly price: ModelPrice;
}

const secondsPerDay = 86_400;

/** The index of the period that holds at a moment, -1 when none does. */
export function periodAt(periods: readonly Omit<PricePeriod, 'price'>[], atMs: number): number {
  for (let i = periods.length - 1; i >= 0; i--) {
    const period = periods[i];
    if (period && applies(period, atMs)) return i;
  }
  return -1;
}

/**
 * Two lists of periods as one, in the order of their beginnings; of two that begin together the second list's comes last and so wins.
 * Hours of the day have no beginning and stay where they are, before all that has one.
 */
export function inOrder(first: readonly PricePeriod[], second: readonly PricePeriod[]): readonly PricePeriod[] {
  if (second.length === 0) return first;
  const begin = ({ fromMs }: PricePeriod): number => fromMs ?? Number.NEGATIVE_INFINITY;
  return [...first, ...second].sort((a, b) => (begin(a) === begin(b) ? 0 : begin(a) < begin(b) ? -1 : 1));
}

function applies({ fromMs, toMs, daily }: Omit<PricePeriod, 'price'>, atMs: number): boolean {
  if (fromMs !== null && atMs < fromMs) return false;
  if (toMs !== null && atMs >= toMs) return false;
  if (!daily) return true;
  const second = (((atMs / 1000) % secondsPerDay) + secondsPerDay) % secondsPerDay;
  return daily.endSecond < daily.startSecond
    ? second >= daily.startSecond || second < daily.endSecond
    : second >= daily.startSecond && second < daily.endSecond;
}
