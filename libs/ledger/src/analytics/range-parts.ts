/** By what a part of a range is read. Weeks begin on Monday, UTC. */
export type PartGrain = 'hour' | 'day' | 'week';

/** From `from` on and before `to`, in epoch milliseconds. */
export interface RangePart {
  grain: PartGrain;
  from: number;
  to: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** The epoch began on a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

const lengths: Record<PartGrain, { ms: number; offsetMs: number }> = {
  hour: { ms: HOUR_MS, offsetMs: 0 },
  day: { ms: DAY_MS, offsetMs: 0 },
  week: { ms: WEEK_MS, offsetMs: FIRST_MONDAY_MS },
};
const finer: Record<PartGrain, PartGrain | undefined> = { week: 'day', day: 'hour', hour: undefined };

/** Splits a range of whole hours: all of it that can be is of the coarsest grain, what is left at its edges of finer ones. In order, none of them empty. */
export function splitRange(from: number, to: number, coarsest: PartGrain): RangePart[] {
  if (from >= to) return [];
  const next = finer[coarsest];
  if (next === undefined) return [{ grain: coarsest, from, to }];
  const { ms, offsetMs } = lengths[coarsest];
  const start = Math.ceil((from - offsetMs) / ms) * ms + offsetMs;
  const end = Math.floor((to - offsetMs) / ms) * ms + offsetMs;
  if (start >= end) return splitRange(from, to, next);
  return [...splitRange(from, start, next), { grain: coarsest, from: start, to: end }, ...splitRange(end, to, next)];
}
