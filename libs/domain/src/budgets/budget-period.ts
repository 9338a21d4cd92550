import type { BudgetPeriod } from './budget';

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
/** 1970-01-01 was a Thursday: three days after a Monday. */
const EPOCH_WEEKDAY = 3;

/** When the period that holds this moment began, in UTC; a week begins on Monday. Epoch milliseconds. */
export function periodStartMs(period: BudgetPeriod, atMs: number): number {
  const day = Math.floor(atMs / DAY_MS);
  if (period === 'day') return day * DAY_MS;
  if (period === 'week') {
    const weekday = (((day + EPOCH_WEEKDAY) % WEEK_DAYS) + WEEK_DAYS) % WEEK_DAYS;
    return (day - weekday) * DAY_MS;
  }
  const date = new Date(atMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** When the period that began at `startMs` ends: the first moment of the next one. */
export function periodEndMs(period: BudgetPeriod, startMs: number): number {
  if (period === 'day') return startMs + DAY_MS;
  if (period === 'week') return startMs + WEEK_DAYS * DAY_MS;
  const date = new Date(startMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
