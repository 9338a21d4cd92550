import { median } from './quantile';

export const WEEK = 7;

/** How fast a smoothing follows what it sees, each 0 (never) to 1 (at once). */
export interface SmoothingRates {
  level: number;
  /** 0: no trend. */
  trend: number;
}

/** What a smoothing holds to be true after some day. */
export interface SmoothedState {
  level: number;
  /** A day's growth at present; it fades by {@link TREND_DAMPING} from day to day. */
  trend: number;
  /** Factors by the day's index modulo a week. */
  season: readonly number[];
}

/** A trend that is taken to go on forever is wrong by the end of the month. */
const TREND_DAMPING = 0.9;
const SEASON_RATE = 0.15;
/** Errors beyond this many times their usual size are taken to be that large: one odd day does not move the level. */
const OUTLIER_SIZE = 2;
const SCALE_RATE = 0.1;
/** A weekday on which next to nothing is spent says nothing about the level. */
const LEAST_FACTOR = 0.05;

/**
 * The states after each day, from day `warmUp` on: exponential smoothing with a damped trend and factors for the days of the week, which bears outliers
 * (after Gelper, Fried and Croux, "Robust forecasting with exponential and Holt-Winters smoothing", 2010: each observation is drawn to its
 * forecast as far as it lies beyond twice the usual error). The first `warmUp` days, of which there have to be two weeks at least, only begin it.
 */
export function smoothDays(days: readonly number[], warmUp: number, rates: SmoothingRates): SmoothedState[] {
  let state = firstState(days.slice(0, warmUp));
  let scale = firstScale(days.slice(0, warmUp), state);
  const states = [state];
  for (let i = warmUp; i < days.length; i++) {
    const expected = Math.max((state.level + TREND_DAMPING * state.trend) * factorAt(state, i), 0);
    const error = (days[i] as number) - expected;
    const bound = OUTLIER_SIZE * scale;
    const seen = expected + Math.min(Math.max(error, -bound), bound);
    // The scale itself follows bounded errors: it grows where they stay large, so a lasting change is believed in a few days.
    scale = Math.max(
      (1 - SCALE_RATE) * scale + SCALE_RATE * 1.25 * Math.min(Math.abs(error), 2 * bound),
      Number.MIN_VALUE,
    );
    state = nextState(state, i, seen, rates);
    states.push(state);
  }
  return states;
}

/** What is expected of the days from index `next` on, none below zero. */
export function expectedDays({ level, trend, season }: SmoothedState, next: number, count: number): number[] {
  let damped = 0;
  let growth = trend;
  return Array.from({ length: count }, (_, ahead) => {
    growth *= TREND_DAMPING;
    damped += growth;
    return Math.max(level + damped, 0) * (season[(next + ahead) % WEEK] ?? 1);
  });
}

const factorAt = ({ season }: SmoothedState, day: number): number => season[day % WEEK] ?? 1;

function nextState(state: SmoothedState, day: number, seen: number, rates: SmoothingRates): SmoothedState {
  const factor = factorAt(state, day);
  const before = state.level + TREND_DAMPING * state.trend;
  const level =
    factor < LEAST_FACTOR ? before : Math.max((1 - rates.level) * before + (rates.level * seen) / factor, 0);
  const trend = (1 - rates.trend) * TREND_DAMPING * state.trend + rates.trend * (level - state.level);
  const season =
    level > 0
      ? state.season.map((old, i) => (i === day % WEEK ? (1 - SEASON_RATE) * old + (SEASON_RATE * seen) / level : old))
      : state.season;
  return { level, trend: rates.trend === 0 ? 0 : trend, season };
}

/** Factors are medians over weeks of a day's share in its week, so that one odd day does not make them. */
function firstState(days: readonly number[]): SmoothedState {
  const weeks = Math.floor(days.length / WEEK);
  const begin = days.length - weeks * WEEK;
  const shares: number[][] = Array.from({ length: WEEK }, () => []);
  for (let week = 0; week < weeks; week++) {
    const days7 = days.slice(begin + week * WEEK, begin + (week + 1) * WEEK);
    const mean = days7.reduce((sum, day) => sum + day, 0) / WEEK;
    if (mean > 0) days7.forEach((day, i) => shares[(begin + i) % WEEK]?.push(day / mean));
  }
  const raw = shares.map((all) => (all.length === 0 ? 1 : median(all)));
  const sum = raw.reduce((total, factor) => total + factor, 0);
  const season = sum > 0 ? raw.map((factor) => (factor * WEEK) / sum) : raw.map(() => 1);
  return {
    level: median(levels(days.slice(-2 * WEEK), days.length - Math.min(days.length, 2 * WEEK), season)),
    trend: 0,
    season,
  };
}

function levels(days: readonly number[], first: number, season: readonly number[]): number[] {
  return days.flatMap((day, i) => {
    const factor = season[(first + i) % WEEK] ?? 1;
    return factor < LEAST_FACTOR ? [] : [day / factor];
  });
}

/** The median error of the first days, as a standard deviation's size where errors are normal. */
function firstScale(days: readonly number[], { level, season }: SmoothedState): number {
  const errors = days.map((day, i) => Math.abs(day - level * (season[i % WEEK] ?? 1)));
  return Math.max(1.4826 * median(errors), 0.01 * level, Number.MIN_VALUE);
}
