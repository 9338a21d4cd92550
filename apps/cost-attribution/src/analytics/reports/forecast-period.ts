import { dayOf } from '../read-range';

export type ForecastPeriod = 'day' | 'week' | 'month';

const DAY_MS = 86_400_000;

/** The period in UTC that a moment lies in; a week begins on Monday, as a budget's does. */
export function periodAround(period: ForecastPeriod, now: Date): { start: Date; end: Date } {
  const today = dayOf(now);
  if (period === 'day') return { start: new Date(today), end: new Date(today + DAY_MS) };
  if (period === 'week') {
    const start = today - ((now.getUTCDay() + 6) % 7) * DAY_MS;
    return { start: new Date(start), end: new Date(start + 7 * DAY_MS) };
  }
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return { start: new Date(Date.UTC(year, month, 1)), end: new Date(Date.UTC(year, month + 1, 1)) };
}
