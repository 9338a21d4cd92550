import type { ReportInterval, ReportRange } from '@costlane/ledger';
import { refusal, type ParameterReader } from './read-parameters';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 400;
const MAX_DAYS_BY_HOUR = 62;

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const timePattern = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * From `from` on and before `to`, at full hours in UTC: by default 30 days, today included. Throws `invalid_request` that names the
 * parameter.
 */
export function readRange(reader: ParameterReader, now: Date, interval: ReportInterval): ReportRange {
  const to = readMoment(reader, 'to') ?? new Date(dayOf(now) + DAY_MS);
  const from = readMoment(reader, 'from') ?? new Date(to.getTime() - DEFAULT_DAYS * DAY_MS);
  if (from >= to) throw refusal('from', 'has to lie before "to"');
  if (interval === 'hour') requireDays({ from, to }, MAX_DAYS_BY_HOUR, ' where hours are shown');
  else requireDays({ from, to }, MAX_DAYS);
  return { from, to, grain: interval === 'hour' ? 'hour' : 'day' };
}

/** Throws `invalid_request` for a range that is longer. */
export function requireDays({ from, to }: Pick<ReportRange, 'from' | 'to'>, days: number, when = ''): void {
  if (to.getTime() - from.getTime() > days * DAY_MS)
    throw refusal('from', `has to lie at most ${days} days before "to"${when}`);
}

/** Whether a range is one of whole days. */
export const isOfWholeDays = ({ from, to }: ReportRange): boolean =>
  [from, to].every((moment) => moment.getTime() % DAY_MS === 0);

/** How many of its intervals a range has at the most. */
export function intervalsIn({ from, to }: ReportRange, interval: ReportInterval): number {
  if (interval === 'none') return 1;
  return (
    Math.ceil((to.getTime() - from.getTime()) / (interval === 'day' ? DAY_MS : HOUR_MS)) + (interval === 'day' ? 1 : 0)
  );
}

/** The start of a moment's day, UTC, in epoch milliseconds. */
export const dayOf = (moment: Date): number => moment.getTime() - (moment.getTime() % DAY_MS);

function readMoment(reader: ParameterReader, name: string): Date | undefined {
  const text = reader.text(name);
  if (text === undefined) return undefined;
  const date = datePattern.test(text) ? text : timePattern.exec(text)?.[1];
  const moment = new Date(date === undefined ? NaN : text);
  // A day that is in no calendar, the 30th of February, would be read as another one.
  if (date === undefined || Number.isNaN(moment.getTime()) || !isInCalendar(date))
    throw refusal(name, 'has to be a date such as 2026-11-01 or an RFC 3339 time such as 2026-11-01T08:00:00Z');
  if (moment.getTime() % HOUR_MS === 0) return moment;
  throw refusal(name, 'has to be a full hour in UTC');
}

function isInCalendar(date: string): boolean {
  const moment = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(date);
}
