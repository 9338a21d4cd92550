import { winsorisedMean } from './order-statistics';
import { weekdayOf, type SeriesHistory } from './series-history';

const WEEK_HOURS = 168;
const MAX_GROWTH = 1.5;
const MIN_GROWTH = 0.6;
/** How much levels truly move from week to week, as a share. */
const GROWTH_SPREAD = 0.15;

/**
 * What an hour usually costs: the mean of the same weekday and hour in the weeks before, drawn towards that of the same hour on all days of its kind where few
 * weeks are known (empirical Bayes with a prior of three weeks), and this one towards its neighbouring hours. NaN without any history. Sharp, regular hours (a
 * nightly batch) stay sharp once three weeks are known.
 */
export function expectedOfHour(history: SeriesHistory, hour: number): number {
  const pool = sorted(history.sameKindOfDay(hour));
  const slot = sorted(history.sameSlot(hour));
  if (pool.length === 0) return slot.length === 0 ? recentMean(history, hour) : winsorisedMean(slot);
  const pooled = smoothed(history, hour, winsorisedMean(pool), pool.length);
  if (slot.length === 0) return pooled;
  const own = slot.length / (slot.length + 3);
  return own * winsorisedMean(slot) + (1 - own) * pooled;
}

function smoothed(history: SeriesHistory, hour: number, mean: number, days: number): number {
  const share = 1 / (1 + days / 5) / 2;
  const around = [...history.sameKindOfDay(hour, -1), ...history.sameKindOfDay(hour, 1)];
  if (around.length === 0) return mean;
  return (1 - share) * mean + share * winsorisedMean(sorted(around));
}

/** On the first weekend of a scope, or its first day: what it spends at this hour on whatever day, else an hour of the last days. */
function recentMean(history: SeriesHistory, hour: number): number {
  const days = [1, 2, 3, 4, 5, 6].map((back) => history.at(hour - back * 24)).filter((amount) => !Number.isNaN(amount));
  return days.length > 0 ? winsorisedMean(sorted(days)) : NaN;
}

/**
 * By what factor the level of today differs from that of the weeks behind {@link expectedOfHour}: the last week against the mean of all. Drawn towards 1 by how uncertain a
 * week's total is (James and Stein), and bounded, so that a drift does not explain itself away.
 * @param noiseNanoUsd variance of an amount over its mean
 */
export function growthOf(history: SeriesHistory, hour: number, noiseNanoUsd: number): number {
  const recent = history.sum(hour - 1, WEEK_HOURS);
  if (!(recent > 0)) return 1;
  const weeks = [recent];
  for (let week = 1; week < 5; week++) {
    const total = history.sum(hour - 1 - week * WEEK_HOURS, WEEK_HOURS);
    if (!Number.isNaN(total)) weeks.push(total);
  }
  if (weeks.length < 2) return 1;
  const mean = weeks.reduce((sum, week) => sum + week, 0) / weeks.length;
  const variance = (2 * noiseNanoUsd) / mean;
  const trust = GROWTH_SPREAD ** 2 / (GROWTH_SPREAD ** 2 + variance);
  return Math.min(MAX_GROWTH, Math.max(MIN_GROWTH, 1 + (recent / mean - 1) * trust));
}

/** What is spent on a day like this one: the mean day of the last week that is known. NaN before that. */
export function usualDay(history: SeriesHistory, hour: number): number {
  const week = history.sum(hour - 1, WEEK_HOURS);
  if (!Number.isNaN(week)) return week / 7;
  const days = Math.floor(history.ageDays(hour));
  return days < 1 ? NaN : history.sum(hour - 1, Math.min(7, days) * 24) / Math.min(7, days);
}

/** The last two days of a month in UTC, when books are closed and reports are made. */
export function isMonthEnd(hour: number): boolean {
  const ahead = new Date((hour + 48) * 3_600_000);
  return ahead.getUTCDate() <= 2;
}

export const isWeekend = (hour: number): boolean => weekdayOf(hour) % 6 === 0;

const sorted = (values: number[]): number[] => values.sort((a, b) => a - b);
