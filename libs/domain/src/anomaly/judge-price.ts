import { STEPS_PER_HOUR, type AnomalyFinding, type AnomalySettings } from './anomaly-types';
import { surpriseScore } from './gamma-score';
import type { SpendSeries } from './spend-series';
import { windowSteps } from './step-windows';

/** Windows of ten minutes to an hour, by their place in `windowSteps`, with the deviations that give alarm. */
const alarms = {
  feature: [6.4, 5.7, 4.6, 4.6],
  user: [5, 5, 5.2, 5.2],
} as const;
/** Beyond what so many calls cost, and beyond what is expected of the hour. */
const MIN_RATIO = 1.8;
const MIN_SPEND_RATIO = 1.3;
/** A projection from minutes may fall short of the least impact by this much. */
const SURE_IMPACT = 0.7;
const MAX_SCORE = 3;
const QUIET = 0.5;

/**
 * Calls that cost more than they used to: a prompt that grew, a dear model. What people do in an hour moves the number of calls and hardly what one costs, so that minutes tell what the sum tells after hours.
 * The dearest step is left out, for it may be a single call. Only users and features: totals and models mix features whose calls cost different amounts. Impact is the excess of an hour at this rate.
 */
export function judgePrice(
  series: SpendSeries,
  settings: AnomalySettings,
  isFelt: (window: number, excess: number) => boolean,
): AnomalyFinding | undefined {
  const { dimension } = series.scope;
  const { windows, pricePerCall } = series;
  if ((dimension !== 'feature' && dimension !== 'user') || series.isNew || !(pricePerCall > 0)) return undefined;
  const least = Math.max(settings.minImpactNanoUsd, settings.minImpactShare * series.usualDay);
  let best: AnomalyFinding | undefined;
  for (const [window, alarm] of alarms[dimension].entries()) {
    if (!windows.isFilled(window)) continue;
    const actual = windows.actualOf(window);
    const priced = pricePerCall * windows.requestsOf(window);
    const expected = windows.expectedOf(window);
    if (!(priced > 0) || !(actual > MIN_RATIO * priced) || !(actual > MIN_SPEND_RATIO * expected)) continue;
    const impact = ((actual - priced) * STEPS_PER_HOUR) / (windowSteps[window] ?? STEPS_PER_HOUR);
    if (impact < SURE_IMPACT * least || !isFelt(window, actual - priced)) continue;
    const amount = actual - windows.largestSurprise(window, pricePerCall);
    const price = surpriseScore(amount, priced, series.priceVarianceOf(priced)) / alarm;
    const score = Math.min(MAX_SCORE, price) / settings.threshold;
    if (score < QUIET || (best && best.score >= score)) continue;
    best = {
      ...series.scope,
      windowMinutes: ((windowSteps[window] ?? 0) * 60) / STEPS_PER_HOUR,
      actualNanoUsd: actual,
      expectedNanoUsd: Math.min(priced, expected),
      impactNanoUsd: impact,
      score,
      evidence: { spike: 0, price: Math.min(MAX_SCORE, price) },
      isNew: false,
    };
  }
  return best;
}
