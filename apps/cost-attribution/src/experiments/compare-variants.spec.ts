import type { Interval } from '@costlane/domain';
import { compareVariants, MINIMUM_USERS, type Metric } from './compare-variants';
import { seededRandom, simulate, trueCost, trueLatencyQuantile, usualWorld, type World } from './testing/simulate';

const RUNS = 1_000;
const z95 = 1.6449;

/** Share of so many seeded runs in which something holds. */
function shareOf(holds: (random: () => number, run: number) => boolean, runs = RUNS): number {
  let count = 0;
  for (let run = 0; run < runs; run++) if (holds(seededRandom(7_919 * run + 11), run)) count += 1;
  return count / runs;
}

const contains = ({ low, high }: Interval, value: number): boolean => low <= value && value <= high;
const metricsOf = (worlds: readonly World[], random: () => number): Record<string, Metric>[] =>
  compareVariants(worlds.map((world) => simulate(world, random)));

const isWithin = (share = NaN, low: number, high: number): boolean => share >= low && share <= high;

/** By name: share of the runs in which the interval holds what is true. */
function coverageOf(
  truths: readonly [string, number][],
  intervalsOf: (random: () => number) => Record<string, Interval>,
): Record<string, number> {
  const hits = new Map<string, number>();
  shareOf((random) => {
    const intervals = intervalsOf(random);
    for (const [name, truth] of truths) {
      const interval = intervals[name];
      if (interval && contains(interval, truth)) hits.set(name, (hits.get(name) ?? 0) + 1);
    }
    return true;
  });
  return Object.fromEntries(truths.map(([name]) => [name, (hits.get(name) ?? 0) / RUNS]));
}

const few: World = { ...usualWorld, users: 40 };
const other: World = {
  ...usualWorld,
  users: 150,
  costNanoUsd: 1.5e6,
  latencyMs: 1_000,
  errorRate: 0.15,
  rightRate: 0.6,
};

describe('intervals of a variant', () => {
  const truths: [string, number][] = [
    ['cost_usd', trueCost(usualWorld) * 1e-9],
    ['latency_p50_ms', usualWorld.latencyMs],
    ['latency_p95_ms', trueLatencyQuantile(usualWorld, z95)],
    ['error_rate', usualWorld.errorRate],
    ['feedback', usualWorld.rightRate],
  ];

  it('hold what is true in 93 to 97 of a hundred experiments', () => {
    const coverage = coverageOf(truths, (random) => metricsOf([usualWorld], random)[0] ?? {});
    for (const [name] of truths) {
      // Quantiles may be wider than they need to be: the worth of a request is taken from the mean.
      const highest = name.startsWith('latency_p') ? 0.995 : 0.97;
      expect([name, coverage[name], isWithin(coverage[name], 0.93, highest)]).toEqual([name, coverage[name], true]);
    }
  }, 180_000);

  it('of differences do so too, with groups of unequal sizes and spreads', () => {
    const differences: [string, number][] = [
      ['cost_usd', (trueCost(other) - trueCost(few)) * 1e-9],
      ['error_rate', 0.07],
      ['feedback', -0.1],
    ];
    const coverage = coverageOf(differences, (random) => {
      const second = Object.entries(metricsOf([few, other], random)[1] ?? {});
      return Object.fromEntries(second.flatMap(([name, { difference }]) => (difference ? [[name, difference]] : [])));
    });
    for (const [name] of differences)
      expect([name, coverage[name], isWithin(coverage[name], 0.93, 0.97)]).toEqual([name, coverage[name], true]);
  }, 180_000);
});

describe('verdicts', () => {
  it('find a difference where there is none in at most 6 of a hundred experiments, of each metric', () => {
    const found = new Map<string, number>();
    shareOf((random) => {
      const second = metricsOf([usualWorld, usualWorld], random)[1] ?? {};
      for (const [name, { verdict }] of Object.entries(second))
        if (verdict === 'better' || verdict === 'worse') found.set(name, (found.get(name) ?? 0) + 1);
      return true;
    });
    for (const [name, count] of found) expect([name, count / RUNS <= 0.06, count]).toEqual([name, true, count]);
    expect(found.size).toBeGreaterThan(4);
  }, 180_000);

  it('do so with five variants as well, any of the four comparisons counted', () => {
    const share = shareOf((random) => {
      const [, ...others] = metricsOf(Array<World>(5).fill(few), random);
      return others.some(({ cost_usd: cost }) => cost?.verdict === 'better' || cost?.verdict === 'worse');
    }, 500);
    expect(share).toBeLessThanOrEqual(0.06);
  }, 180_000);

  it('show a difference of a tenth four times in five with as many users as were said to be needed', () => {
    const dear = { ...usualWorld, costNanoUsd: usualWorld.costNanoUsd * 1.1 };
    const pilot = [usualWorld, dear].map((world) => ({ ...world, users: 2_000 }));
    const users = metricsOf(pilot, seededRandom(5))[1]?.['cost_usd']?.usersNeeded ?? 0;
    const [large, dearer] = [usualWorld, dear].map((world) => ({ ...world, users })) as [World, World];
    const power = shareOf((random) => metricsOf([large, dearer], random)[1]?.['cost_usd']?.verdict === 'worse', 100);
    expect(power).toBeGreaterThan(0.7);
    expect(power).toBeLessThan(0.92);
  }, 180_000);

  it('say which way is better: less cost, more praise', () => {
    const [first, second] = metricsOf(
      [
        { ...usualWorld, users: 400 },
        { ...other, users: 400 },
      ],
      seededRandom(3),
    );
    expect(first?.['cost_usd']).toMatchObject({ value: expect.any(Number) });
    expect(first?.['cost_usd']?.verdict).toBeUndefined();
    const verdicts = Object.fromEntries(Object.entries(second ?? {}).map(([name, { verdict }]) => [name, verdict]));
    expect(verdicts).toEqual({
      cost_usd: 'worse',
      baseline_usd: undefined,
      latency_ms: 'worse',
      latency_p50_ms: 'worse',
      latency_p95_ms: 'worse',
      first_token_ms: 'worse',
      error_rate: 'worse',
      feedback: 'worse',
    });
  });

  it('are none where a variant has too few users, whatever they cost', () => {
    const dear = { ...usualWorld, users: MINIMUM_USERS - 1, costNanoUsd: 1e9 };
    const [, second] = metricsOf([usualWorld, dear], seededRandom(1));
    expect(second?.['cost_usd']?.verdict).toBe('too_few_data');
    const [, enough] = metricsOf([usualWorld, { ...dear, users: MINIMUM_USERS }], seededRandom(1));
    expect(enough?.['cost_usd']?.verdict).toBe('worse');
  });
});
