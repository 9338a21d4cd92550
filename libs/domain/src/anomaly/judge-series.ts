import {
  STEPS_PER_HOUR,
  type AnomalyDimension,
  type AnomalyEvidence,
  type AnomalyFinding,
  type AnomalySettings,
} from './anomaly-types';
import { gammaScore } from './gamma-score';
import { judgePrice } from './judge-price';
import { medianSpread } from './order-statistics';
import type { SpendSeries } from './spend-series';
import { windowSteps } from './step-windows';

/** Where each window's spike gives alarm by itself: the shorter one is, the more often one looks, and the more bursts fit in. */
export const spikeAlarms = [6.5, 6, 6, 6, 6.5, 7] as const;
const PATTERN_ALARM = 4;
/** Tukey's inner fence lies this many interquartile ranges above the upper quartile (Exploratory Data Analysis, 1977, section 2D). */
const FENCE = 1.5;
/** The more scopes of a kind there are, the more often one of them does what is rare, and the burstier each is. */
const strictness: Readonly<Record<AnomalyDimension, number>> = { total: 1, model: 1.05, feature: 1.05, user: 1.2 };
/** Fence and pattern confirm a spike, and can take the place of a part of it, but not of all. */
const MAX_EVIDENCE = { spike: 3, fence: 1.5, pattern: 1.5 };
const weights = { spike: 0.6, fence: 0.2, pattern: 0.2 };
/** Below this nothing is told, not even to keep an anomaly open. */
const QUIET = 0.5;
/** However strange a window is by fence and pattern, by chance alone it must not come about. */
const LEAST_SPIKE = 0.72;
/** Spend is over what is expected by this factor, at the least, and still is so in the last quarter of an hour (for long windows). */
const MIN_RATIO = 2;
const STILL_RATIO = 1.4;
const SHORT = 1;
const HOUR = 3;
const WEEK_HOURS = 168;
/** Of the noise: what stands for an expectation of nothing, which has no logarithm. */
const NOTHING = 0.01;

export interface JudgeContext {
  settings: AnomalySettings;
  /** The hour under way. */
  hour: number;
  /** The tenant's total; undefined for the total itself. */
  total: SpendSeries | undefined;
}

/** The strongest finding over all windows, if there is one. Costs next to nothing where the money is not enough to matter. */
export function judgeSeries(series: SpendSeries, context: JudgeContext): AnomalyFinding | undefined {
  // All windows lie within the longest: most scopes spend less in a day than what would matter in an hour.
  if (series.windows.actualOf(windowSteps.length - 1) < context.settings.minImpactNanoUsd / 2.5) return undefined;
  let best: AnomalyFinding | undefined;
  for (let window = 0; window < windowSteps.length; window++) {
    const finding = judgeWindow(series, window, context);
    if (finding && (best === undefined || finding.score > best.score)) best = finding;
  }
  const dear = judgePrice(series, context.settings, (window, excess) => isFelt({ window, excess }, context.total));
  return dear && (best === undefined || dear.score > best.score) ? dear : best;
}

function judgeWindow(series: SpendSeries, window: number, context: JudgeContext): AnomalyFinding | undefined {
  const { windows } = series;
  if (!windows.isFilled(window)) return undefined;
  const actual = windows.actualOf(window);
  const expected = windows.expectedOf(window);
  if (!(actual > expected * MIN_RATIO)) return undefined;
  const impact = impactOf(series, window);
  if (
    impact < leastImpact(series, context) ||
    !isStillSo(series, window) ||
    !isFelt({ window, excess: actual - expected }, context.total)
  )
    return undefined;
  const evidence = evidenceOf(series, window, context.hour);
  const strict = context.settings.threshold * strictness[series.scope.dimension];
  const score = Math.min(combine(evidence) / strict, evidence.spike / (LEAST_SPIKE * strict));
  if (score < QUIET) return undefined;
  return {
    ...series.scope,
    windowMinutes: ((windowSteps[window] ?? 0) * 60) / STEPS_PER_HOUR,
    actualNanoUsd: actual,
    expectedNanoUsd: expected,
    impactNanoUsd: impact,
    score,
    evidence,
    isNew: series.isNew,
  };
}

/** The excess so far, and what the next hour adds if it goes on as in the last. */
function impactOf(series: SpendSeries, window: number): number {
  const { windows } = series;
  const excess = windows.actualOf(window) - windows.expectedOf(window);
  const steps = windowSteps[window] ?? STEPS_PER_HOUR;
  if (steps < STEPS_PER_HOUR) return excess + excess * (STEPS_PER_HOUR / steps) * sureShare(windows.requestsOf(window));
  return excess + Math.max(0, windows.actualOf(HOUR) - windows.expectedOf(HOUR));
}

/** A few dear calls make no rate: what is projected is the share of it that is sure by two standard deviations of a Poisson count. */
const sureShare = (requests: number): number => (requests > 4 ? 1 - 2 / Math.sqrt(requests) : 0);

function leastImpact(series: SpendSeries, { settings, total }: JudgeContext): number {
  const { minImpactNanoUsd, minImpactShare } = settings;
  // Without a usual day of its own, a scope is measured by the tenant's.
  const day = series.isNew && total ? Math.max(series.usualDay, total.usualDay) : series.usualDay;
  return Math.max(minImpactNanoUsd, minImpactShare * day);
}

/** A long and a short window both burn too fast: what is over gives no alarm (Beyer et al., The Site Reliability Workbook, chapter 5: multiwindow, multi-burn-rate alerts). */
function isStillSo({ windows }: SpendSeries, window: number): boolean {
  if (window <= SHORT + 1) return true;
  const recent = window <= HOUR ? SHORT : HOUR;
  return windows.actualOf(recent) > STILL_RATIO * windows.expectedOf(recent);
}

/** What moves from one model, feature or user to another costs nothing more: the tenant's total has to feel it, as far as its own noise lets one see. */
function isFelt({ window, excess }: { window: number; excess: number }, total: SpendSeries | undefined): boolean {
  if (!total) return true;
  const expected = total.windows.expectedOf(window);
  const doubt = 0.7 * Math.sqrt(total.noise * expected + (0.1 * expected) ** 2);
  return total.windows.actualOf(window) - expected + doubt > 0.4 * excess;
}

function evidenceOf(series: SpendSeries, window: number, hour: number): AnomalyEvidence {
  const actual = series.windows.actualOf(window);
  const { noise, spread, fence } = series;
  const expected = Math.max(series.windows.expectedOf(window), noise * NOTHING);
  const variance = noise * expected + (spread * expected) ** 2;
  const spike = gammaScore(actual, expected, variance) / (spikeAlarms[window] ?? 5);
  const logRatio = Math.log((actual + noise) / (expected + noise));
  return {
    spike: bounded(spike, MAX_EVIDENCE.spike),
    fence: bounded((logRatio - fence.upper) / (FENCE * fence.range), MAX_EVIDENCE.fence),
    pattern: patternOf(series, window, hour),
  };
}

/** Against the same time of the same weekday in the weeks before, by median and MAD; neighbours in time are pooled through the expectation's noise. */
function patternOf(series: SpendSeries, window: number, hour: number): number | undefined {
  const steps = windowSteps[window] ?? STEPS_PER_HOUR;
  const hours = Math.max(1, steps / STEPS_PER_HOUR);
  const before: number[] = [];
  for (let week = 1; week < 5; week++) {
    const amount = series.history.sum(hour - week * WEEK_HOURS, hours);
    if (!Number.isNaN(amount)) before.push(amount);
  }
  if (before.length < 2) return undefined;
  const { median, deviation } = medianSpread(before);
  const share = Math.min(1, steps / STEPS_PER_HOUR);
  const usual = median * share;
  const expected = series.windows.expectedOf(window);
  const variance = deviation ** 2 * share + series.noise * expected + (series.spread * expected) ** 2;
  const deviations = (series.windows.actualOf(window) - usual) / Math.sqrt(variance);
  return bounded(deviations / PATTERN_ALARM, MAX_EVIDENCE.pattern);
}

function combine({ spike, fence, pattern }: AnomalyEvidence): number {
  let sum = weights.spike * spike;
  let weight = weights.spike;
  if (fence !== undefined) {
    sum += weights.fence * fence;
    weight += weights.fence;
  }
  if (pattern !== undefined) {
    sum += weights.pattern * pattern;
    weight += weights.pattern;
  }
  return sum / weight;
}

const bounded = (evidence: number, most: number): number => Math.max(0, Math.min(most, evidence));
