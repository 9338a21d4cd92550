import { explainAnomaly } from './explain-anomaly';
import { gammaScore } from './gamma-score';
import { medianSpread, quantileOf, winsorisedMean } from './order-statistics';
import { RollupSteps, type HourRow } from './rollup-steps';
import { SeriesHistory } from './series-history';
import { StepWindows } from './step-windows';

const row = (hour: number, costNanoUsd: number, value = 'a'): HourRow => ({
  ...{ hour, costNanoUsd, value, tenantId: 't', dimension: 'user', requests: costNanoUsd },
});

describe('parts of anomaly detection', () => {
  it('the gamma score is near a normal one for many parts, and asks for more with few', () => {
    // Mean 100, standard deviation 5.
    expect(gammaScore(115, 100, 25)).toBeGreaterThan(2.7);
    expect(gammaScore(115, 100, 25)).toBeLessThan(3.0);
    // An exponential amount (shape 1): P(X > 6.9 x mean) is 0.001, which is 3.09 standard deviations.
    expect(gammaScore(6.9, 1, 1)).toBeCloseTo(3.09, 0);
    expect(gammaScore(1, 1, 0.01)).toBeCloseTo(0, 0);
  });

  it('quantiles, the winsorised mean and MAD are as defined', () => {
    expect(quantileOf([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantileOf([], 0.5)).toBeNaN();
    expect(winsorisedMean([1, 1, 1, 97])).toBe(1);
    expect(winsorisedMean([1, 3])).toBe(2);
    expect(medianSpread([1, 1, 2, 2, 4, 6, 9])).toEqual({ median: 2, deviation: 1.4826 });
  });

  it('history knows zero from unknown, and weeks from days', () => {
    const history = new SeriesHistory();
    const first = 24 * 20_000;
    history.put(first, 5);
    history.put(first + 168, 7);
    expect([history.at(first - 1), history.at(first), history.at(first + 3)]).toEqual([NaN, 5, 0]);
    expect(history.sameSlot(first + 336)).toEqual([7, 5]);
    history.put(first + 169, NaN);
    expect(history.at(first + 169)).toBeNaN();
    expect(history.sum(first + 168, 168)).toBe(7);
  });

  it('history takes for usual what looked like an anomaly twice at the same hour of the week, unless it was one', () => {
    const history = new SeriesHistory();
    for (let hour = 0; hour < 504; hour++) {
      if (hour % 168 === 2) history.hold(hour, 30);
      else history.put(hour, 1);
    }
    expect(history.sameSlot(170)).toEqual([]);
    expect(history.sameSlot(338)).toEqual([30, 30]);
    expect(history.sameSlot(339)).toEqual([1, 1]);
    history.release(504, (hour) => hour === 170);
    expect(history.sameSlot(506)).toEqual([30, 30]);
    history.release(504, (hour) => hour === 338);
    expect(history.sameSlot(506)).toEqual([]);
  });

  it('windows are sums over their steps, and end with what was cleared', () => {
    const windows = new StepWindows();
    for (let step = 1; step <= 400; step++) windows.push(step, 1, 2);
    expect([windows.actualOf(0), windows.actualOf(1), windows.expectedOf(5), windows.requestsOf(3)]).toEqual([
      799, 1_197, 288, 24,
    ]);
    windows.clear();
    expect([windows.isFilled(0), windows.actualOf(5)]).toEqual([false, 0]);
    windows.push(3, 1, 1);
    windows.push(4, 1, 1);
    expect([windows.isFilled(0), windows.actualOf(0)]).toEqual([true, 7]);
  });

  it('steps are what hours have grown by, late records of the hour before included', () => {
    const steps = new RollupSteps();
    expect(steps.advance([row(10, 100)])).toMatchObject([{ value: 'a', costNanoUsd: 100 }]);
    expect(steps.advance([row(10, 100)])).toEqual([]);
    expect(steps.advance([row(10, 130), row(11, 5), row(11, 2, 'b')])).toMatchObject([
      { value: 'a', costNanoUsd: 35, requests: 35 },
      { value: 'b', costNanoUsd: 2 },
    ]);
    expect(steps.advance([row(10, 100), row(11, 5), row(11, 3, 'b')])).toMatchObject([
      { value: 'a', costNanoUsd: 0 },
      { value: 'b', costNanoUsd: 1 },
    ]);
    expect(steps.advance([row(11, 6), row(12, 1)])).toMatchObject([{ value: 'a', costNanoUsd: 2 }]);
  });

  it('an explanation says who, how much, instead of how much, and through what', () => {
    const scope = { tenantId: 'acme', dimension: 'user', value: 'ann' } as const;
    const sentence = explainAnomaly({
      ...scope,
      ...{ startedAtMs: 0, lastSeenMs: 0, windowMinutes: 60, score: 2, severity: 'warning', evidence: { spike: 1 } },
      ...{ actualNanoUsd: 12_500_000_000, expectedNanoUsd: 2_500_000_000, impactNanoUsd: 20_000_000_000 },
      cause: [scope, { tenantId: 'acme', dimension: 'feature', value: 'search' }],
    });
    expect(sentence).toBe(
      'user ann spent $12.50 in 1 h, where $2.50 was expected (5.0 times that). It is about feature search.',
    );
  });
});
