import { defaultAnomalySettings, STEPS_PER_HOUR } from './anomaly-types';
import { BurstNoise } from './burst-noise';
import { gammaScore, logNormalScore, surpriseScore } from './gamma-score';
import { judgePrice } from './judge-price';
import { SpendSeries } from './spend-series';

const USD = 1_000_000_000;
const START_HOUR = 490_000 - (490_000 % 24);
const DAYS = 21;
const CALLS = 40;

/** Three weeks of forty calls of a cent in each step. */
function steady(): SpendSeries {
  const series = new SpendSeries({ tenantId: 'acme', dimension: 'feature', value: 'search' });
  for (let hour = START_HOUR; hour < START_HOUR + DAYS * 24; hour++) {
    series.beginHour(hour, undefined, 1);
    for (let step = 0; step < STEPS_PER_HOUR; step++)
      series.step(CALLS * 0.01 * USD, CALLS, series.expected / STEPS_PER_HOUR);
    series.endHour(hour, series.hourSoFar, 'kept');
  }
  series.beginHour(START_HOUR + DAYS * 24, undefined, 1);
  return series;
}

const spend = (series: SpendSeries, usd: number, calls: number) =>
  series.step(usd * USD, calls, series.expected / STEPS_PER_HOUR);
const judge = (series: SpendSeries, isFelt = true) => judgePrice(series, defaultAnomalySettings, () => isFelt);

describe('the price of calls', () => {
  it('is found to have risen within 15 minutes, with as many calls as ever', () => {
    const series = steady();
    expect(series.pricePerCall / USD).toBeCloseTo(0.01, 5);
    for (let step = 0; step < 3; step++) spend(series, CALLS * 0.05, CALLS);
    const found = judge(series);
    expect(found?.score).toBeGreaterThanOrEqual(1);
    expect(found?.evidence.price).toBeGreaterThanOrEqual(1);
    expect(judge(series, false)).toBeUndefined();
  });

  it('is not what has changed where there are more calls of the same price', () => {
    const series = steady();
    for (let step = 0; step < 3; step++) spend(series, CALLS * 0.05, CALLS * 5);
    expect(judge(series)).toBeUndefined();
  });

  it('is not told by a single dear call', () => {
    const series = steady();
    spend(series, CALLS * 0.01 + 6, CALLS + 1);
    for (let step = 0; step < 2; step++) spend(series, CALLS * 0.01, CALLS);
    expect(judge(series)?.score ?? 0).toBeLessThan(1);
  });
});

describe('noise and surprise', () => {
  it('learns bursts from what calls do not account for, and hardly anything from an outage', () => {
    const noise = new BurstNoise(0.1, 10, 1);
    for (let hour = 0; hour < 200; hour++) noise.learn(hour % 2 === 0 ? 150 : 50, 100, 0, 100);
    expect(noise.relative).toBeGreaterThan(0.2);
    expect(noise.relative).toBeLessThan(0.26);
    const even = new BurstNoise(0.01, 100, 1);
    even.learn(0, 100, 0, 100);
    expect(even.relative).toBeLessThan(0.011);
  });

  it('asks for what the heavier of two tails asks for', () => {
    expect(surpriseScore(5, 1, 1.5)).toBe(Math.min(gammaScore(5, 1, 1.5), logNormalScore(5, 1, 1.5)));
    expect(logNormalScore(20, 1, 1)).toBeLessThan(gammaScore(20, 1, 1));
    expect(surpriseScore(0, 1, 1)).toBe(-Infinity);
  });
});
