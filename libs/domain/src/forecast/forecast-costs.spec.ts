import { chanceAbove, forecastCosts, type CostForecastInput } from './forecast-costs';
import { simulateCosts, type SpendingWorld } from './testing/simulate-costs';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const forecast = (days: readonly number[], more: Partial<CostForecastInput> = {}) =>
  forecastCosts({ days, paidToday: 0, elapsedShare: 0, remainingDays: 1, ...more });

const worlds: Record<string, SpendingWorld> = {
  calm: { weekend: 0.4, growth: 0, noise: 0.15, wander: 0.01, outliers: 0 },
  growing: { weekend: 0.5, growth: 0.01, noise: 0.2, wander: 0.02, outliers: 0 },
  odd: { weekend: 0.5, growth: 0.003, noise: 0.2, wander: 0.02, outliers: 0.02 },
  wild: { weekend: 0.8, growth: 0, noise: 0.5, wander: 0.04, outliers: 0 },
};
const SEEDS = 150;
const HISTORY = 120;

function trial(world: SpendingWorld, remainingDays: number) {
  let [within80, within95, miss, naiveMiss] = [0, 0, 0, 0];
  for (let seed = 0; seed < SEEDS; seed++) {
    const all = simulateCosts(world, HISTORY + remainingDays, seed * 7 + 1);
    const days = all.slice(0, HISTORY);
    const actual = sum(all.slice(HISTORY));
    const { rest, interval80, interval95 } = forecast(days, { remainingDays });
    const isWithin = (interval: typeof interval80) => interval && actual >= interval.low && actual <= interval.high;
    within80 += isWithin(interval80) ? 1 : 0;
    within95 += isWithin(interval95) ? 1 : 0;
    miss += Math.abs(rest - actual) / actual;
    naiveMiss += Math.abs((days.at(-1) ?? 0) * remainingDays - actual) / actual;
  }
  return { share80: within80 / SEEDS, share95: within95 / SEEDS, miss, naiveMiss };
}

describe('a forecast of costs', () => {
  const cases = Object.keys(worlds).flatMap((name) => [1, 7, 20].map((days) => [name, days] as const));

  it.each(cases)(
    'of a %s tenant over %i days has intervals that cover what they say, and beats yesterday repeated',
    (name, days) => {
      const { share80, share95, miss, naiveMiss } = trial(worlds[name] as SpendingWorld, days);
      expect(share80).toBeGreaterThanOrEqual(0.72);
      expect(share80).toBeLessThanOrEqual(0.88);
      expect(share95).toBeGreaterThanOrEqual(0.9);
      expect(miss).toBeLessThan(0.9 * naiveMiss);
    },
  );

  it('is not moved by one odd day, and follows a lasting change', () => {
    const steady = Array.from({ length: 60 }, () => 100);
    const odd = steady.map((day, i) => (i === 57 ? 5_000 : day));
    expect(forecast(odd).rest).toBeLessThan(150);
    const grown = steady.concat(Array.from({ length: 28 }, () => 300));
    expect(forecast(grown).rest).toBeGreaterThan(270);
    expect(forecast(grown).rest).toBeLessThan(330);
  });

  it('knows the days of the week, those on which nothing is paid too', () => {
    const days = Array.from({ length: 56 }, (_, day) => (day % 7 < 5 ? 100 : 0));
    const { restByDay, method } = forecast(days, { remainingDays: 7 });
    expect(method).toBe('weekly');
    expect(restByDay.map(Math.round)).toEqual([100, 100, 100, 100, 100, 0, 0]);
  });

  it('carries a trend on, and lets it fade', () => {
    const days = Array.from({ length: 90 }, (_, day) => 1_000 + 20 * day);
    const { restByDay } = forecast(days, { remainingDays: 21 });
    const [first = 0, second = 0, third = 0] = [0, 7, 14].map((day) => sum(restByDay.slice(day, day + 7)));
    expect(first).toBeGreaterThan(7 * 2_740);
    expect(second - first).toBeGreaterThan(0);
    expect(second - first).toBeLessThan(7 * 7 * 20);
    expect(third - second).toBeLessThan(second - first);
  });

  it('says by which means it was made when the history is short', () => {
    const noisy = (length: number) => Array.from({ length }, (_, day) => 90 + ((day * 13) % 20));
    expect(forecast(noisy(40))).toMatchObject({ method: 'weekly' });
    const level = forecast(noisy(20), { remainingDays: 2 });
    expect(level.method).toBe('level');
    expect(level.interval80?.low).toBeGreaterThan(0);
    const mean = forecast([80, 100, 120], { remainingDays: 2 });
    expect(mean).toMatchObject({ method: 'mean', rest: 200 });
    expect(mean.interval80).toBeUndefined();
    expect(forecast([], { paidToday: 30, elapsedShare: 0.25, remainingDays: 2 })).toMatchObject({
      method: 'none',
      rest: 210,
    });
    expect(forecast([], { remainingDays: 3 })).toMatchObject({ method: 'none', rest: 0 });
  });

  it('leaves out the days before the first payment', () => {
    const days = [...Array.from({ length: 100 }, () => 0), 80, 100, 120];
    expect(forecast(days)).toMatchObject({ method: 'mean', rest: 100 });
  });

  it('gives no wide interval that few past forecasts cannot bear', () => {
    const days = Array.from({ length: 40 }, (_, day) => 90 + ((day * 13) % 20));
    const { interval80, interval95 } = forecast(days, { remainingDays: 10 });
    expect(interval80).toBeDefined();
    expect(interval95).toBeUndefined();
  });

  it('weighs what was paid today the more the later it is', () => {
    const days = Array.from({ length: 56 }, () => 100);
    const restAt = (elapsedShare: number, paidToday: number) => forecast(days, { elapsedShare, paidToday });
    expect(restAt(0, 0).rest).toBeCloseTo(100);
    expect(restAt(0.5, 50).rest).toBeCloseTo(50);
    expect(restAt(0.5, 200).rest).toBeCloseTo(125);
    expect(restAt(1, 170).rest).toBe(0);
    expect(restAt(0.9, 90).errorUnit).toBeLessThan(restAt(0.1, 10).errorUnit);
  });

  it('tells the chance of exceeding an amount by past errors', () => {
    const days = simulateCosts(worlds['wild'] as SpendingWorld, 120, 3);
    const made = forecast(days, { remainingDays: 5 });
    const at = (amount: number) => chanceAbove(made, amount) ?? NaN;
    expect(at(-1)).toBe(1);
    expect(at(made.rest * 0.2)).toBeGreaterThan(0.9);
    expect(at(made.rest)).toBeGreaterThan(0.2);
    expect(at(made.rest)).toBeLessThan(0.8);
    expect(at(made.rest * 5)).toBeLessThan(0.05);
    expect(chanceAbove(forecast([1, 2]), 5)).toBeUndefined();
  });
});
