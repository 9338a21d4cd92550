import { median, quantile } from './quantile';
import { expectedDays, smoothDays, WEEK, type SmoothingRates } from './smooth-days';

export interface CostForecastInput {
  /** What was paid on each whole day, oldest first, the last one being yesterday. Days before the first payment are left out. */
  days: readonly number[];
  /** Paid today so far, and the share of a usual day's payments that has been made by this time, 0 to 1. */
  paidToday: number;
  elapsedShare: number;
  /** Until the end of the period, today included. */
  remainingDays: number;
}

/** `weekly`: days of the week, level and trend. `level`: too short a history for weeks. `mean`: for anything but a mean. `none`: nothing was ever paid. */
export type ForecastMethod = 'weekly' | 'level' | 'mean' | 'none';

export interface ForecastInterval {
  low: number;
  high: number;
}

export interface CostForecast {
  method: ForecastMethod;
  /** What is still to come, the rest of today included. */
  rest: number;
  /** Of `rest`, by day; the first is the rest of today. */
  restByDay: number[];
  /** Of `rest`; undefined where too few past forecasts are there to be judged by. */
  interval80?: ForecastInterval;
  interval95?: ForecastInterval;
  /** How far past forecasts over as many days were off, as shares of what was forecast; positive: it became more. */
  pastErrors: number[];
  /** The amount that `pastErrors` are shares of. */
  errorUnit: number;
}

const LEVEL_DAYS = WEEK;
const WEEKLY_DAYS = 4 * WEEK;
const WARM_UP_DAYS = 3 * WEEK;
/** Fewer past forecasts say nothing about an interval. */
const LEAST_ERRORS = 5;
/** For the wider interval: its edge has to have been seen beyond. */
const LEAST_ERRORS_95 = 19;
const NORMAL_80 = 1.2816;
const NORMAL_95 = 1.96;

/** Tried on the past, by what is to be forecast; the one that was closest is taken. */
const rateChoices: readonly SmoothingRates[] = [0.08, 0.2, 0.4].flatMap((level) => [
  { level, trend: 0 },
  { level, trend: 0.1 },
]);

/**
 * What will be paid until a period's end. The interval is empirical: how far off forecasts over as many days have been before, from every
 * earlier day of the history on, widened for how few of them do not overlap. Nothing is assumed about the distribution of errors but that they
 * are alike from day to day.
 */
export function forecastCosts(input: CostForecastInput): CostForecast {
  const { paidToday, elapsedShare, remainingDays } = input;
  const first = input.days.findIndex((day) => day > 0);
  const days = first === -1 ? [] : input.days.slice(first);
  const { method, ahead, pastErrors } = planOf(days, remainingDays);
  if (method === 'none') return emptyForecast(paidToday, elapsedShare, remainingDays);
  const [today = 0, ...later] = ahead;
  const left = 1 - elapsedShare;
  // The later it is, the more what was paid today says about the rest of it, and the less what was expected.
  const restOfToday = left * (left * today + paidToday);
  const restByDay = [restOfToday, ...later];
  const rest = sum(restByDay);
  const errorUnit = sum(ahead) * Math.sqrt((remainingDays - elapsedShare) / remainingDays);
  const within = (width: number | undefined): ForecastInterval | undefined =>
    width === undefined ? undefined : { low: Math.max(rest - width * errorUnit, 0), high: rest + width * errorUnit };
  const interval80 = within(widthOf(pastErrors, remainingDays, 0.8, NORMAL_80, LEAST_ERRORS));
  const interval95 = within(widthOf(pastErrors, remainingDays, 0.95, NORMAL_95, LEAST_ERRORS_95));
  return {
    method,
    rest,
    restByDay,
    ...(interval80 ? { interval80 } : {}),
    ...(interval95 ? { interval95 } : {}),
    pastErrors,
    errorUnit,
  };
}

/** The share of past errors that would make the rest exceed an amount; undefined where there are too few. */
export function chanceAbove({ rest, errorUnit, pastErrors }: CostForecast, amount: number): number | undefined {
  if (amount < 0) return 1;
  if (pastErrors.length < LEAST_ERRORS) return undefined;
  return pastErrors.filter((error) => rest + error * errorUnit > amount).length / pastErrors.length;
}

interface Plan {
  method: ForecastMethod;
  /** What is expected of today and the days after it, whole. */
  ahead: number[];
  pastErrors: number[];
}

function planOf(days: readonly number[], remainingDays: number): Plan {
  if (days.length === 0) return { method: 'none', ahead: [], pastErrors: [] };
  if (days.length < LEVEL_DAYS) {
    const mean = sum(days) / days.length;
    return { method: 'mean', ahead: Array.from({ length: remainingDays }, () => mean), pastErrors: [] };
  }
  if (days.length < WEEKLY_DAYS) return levelPlan(days, remainingDays);
  const plans = rateChoices.map((rates) => weeklyPlan(days, remainingDays, rates));
  const missOf = ({ pastErrors }: Plan): number =>
    pastErrors.length === 0 ? 0 : sum(pastErrors.map(Math.abs)) / pastErrors.length;
  return plans.reduce((best, plan) => (missOf(plan) < missOf(best) ? plan : best));
}

function weeklyPlan(days: readonly number[], remainingDays: number, rates: SmoothingRates): Plan {
  const states = smoothDays(days, WARM_UP_DAYS, rates);
  const pastErrors = states.flatMap((state, i) => {
    const next = WARM_UP_DAYS + i;
    const actual = days.slice(next, next + remainingDays);
    return errorOf(actual, expectedDays(state, next, remainingDays), remainingDays);
  });
  const last = states.at(-1);
  const ahead = last === undefined ? [] : expectedDays(last, days.length, remainingDays);
  return { method: 'weekly', ahead, pastErrors };
}

/** The median of the last week for every day: an odd day among few would carry a mean away. */
function levelPlan(days: readonly number[], remainingDays: number): Plan {
  const levelAt = (end: number): number => {
    const week = days.slice(Math.max(end - WEEK, 0), end);
    const middle = median(week);
    return middle > 0 ? middle : sum(week) / week.length;
  };
  const flat = (level: number): number[] => Array.from({ length: remainingDays }, () => level);
  const pastErrors = days.flatMap((_, end) =>
    end < 3 ? [] : errorOf(days.slice(end, end + remainingDays), flat(levelAt(end)), remainingDays),
  );
  return { method: 'level', ahead: flat(levelAt(days.length)), pastErrors };
}

/** A past forecast's error; none where it has not come to its end yet, or expected nothing. */
function errorOf(actual: readonly number[], expected: readonly number[], length: number): number[] {
  const total = sum(expected);
  return actual.length < length || total <= 0 ? [] : [sum(actual) / total - 1];
}

/**
 * Half the width of an interval, as a share of what is forecast: the size that this share of past errors, and one more to be on the safe side, did
 * not exceed (split conformal prediction). Forecasts over many days overlap, so there are fewer than it looks: the width grows by the first term of
 * Student's quantile over the normal's, of as many as do not overlap.
 */
function widthOf(
  pastErrors: readonly number[],
  remainingDays: number,
  share: number,
  normal: number,
  least: number,
): number | undefined {
  const count = pastErrors.length;
  if (count < least) return undefined;
  const apart = Math.max((count + remainingDays - 1) / remainingDays, 1);
  const growth = 1 + (normal * normal + 1) / (4 * apart);
  return quantile(pastErrors.map(Math.abs), Math.min((share * (count + 1)) / count, 1)) * growth;
}

/** Nothing was paid before today: what was paid so far, going on as it went. */
function emptyForecast(paidToday: number, elapsedShare: number, remainingDays: number): CostForecast {
  const restOfToday = elapsedShare > 0 ? (paidToday * (1 - elapsedShare)) / elapsedShare : 0;
  const restByDay = [restOfToday, ...Array.from({ length: remainingDays - 1 }, () => paidToday + restOfToday)];
  return { method: 'none', rest: sum(restByDay), restByDay, pastErrors: [], errorUnit: 0 };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
