import { createBatchScheduler, type BatchScheduler } from './create-batch-scheduler';
import { batchLanes } from './lanes';
import { seededRandom } from './testing/random';
import { floodTenant, makeScenario } from './testing/scenarios';
import { simulateBatcher, type Outcome, type Run } from './testing/simulate-batcher';
import type { SimulatedWork } from './testing/simulated-work';
import { isSameMeaning, smallWorld } from './testing/small-world';
import { quantile, summariseRun } from './testing/summarise-run';
import { defaultProvider, poissonArrivals, populate } from './testing/synthetic-workload';

/** Some CPU seconds, on a machine that may be busy. */
const patienceMs = 120_000;

function simulateScenario(options: Parameters<typeof makeScenario>[0]): Run {
  const { works, provider, target } = makeScenario(options);
  const scheduler = createBatchScheduler<SimulatedWork>({
    random: seededRandom(options.seed).next,
    isSame: isSameMeaning,
  });
  return simulateBatcher({ works, providers: { [target]: provider }, scheduler });
}

describe('createBatchScheduler, in a thousand small worlds', () => {
  it.each([
    ['alone', 1_000, 1],
    ['with one to three others that share its places', 150, 2],
  ])(
    'keeps what must always hold, and forgets everything in the end, %s',
    (_how, seeds, least) => {
      const endings = new Set<string>();
      for (let seed = 1; seed <= seeds; seed++) {
        const { works, schedulers, options } = smallWorld(seed, least === 1 ? 1 : least + (seed % 3));
        try {
          const { outcomes, longestStream } = simulateBatcher(options);
          for (const { ending } of outcomes) endings.add(ending);
          // Each may take its part of what it saw free, and what is seen is a while old.
          const most = Math.max(...Object.values(options.providers).map(({ places }) => places));
          expect(longestStream).toBeLessThanOrEqual(schedulers.length === 1 ? 0 : most + schedulers.length);
          for (const scheduler of schedulers) expectForgotten(scheduler, works);
        } catch (error) {
          throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
        }
      }
      expect([...endings].sort()).toEqual(['answered', 'dropped', 'refused', 'shed']);
    },
    patienceMs,
  );

  it('decides the same for the same seed', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const [a, b] = [smallWorld(seed, 1 + (seed % 3)), smallWorld(seed, 1 + (seed % 3))];
      expect({ seed, run: simulateBatcher(a.options) }).toEqual({ seed, run: simulateBatcher(b.options) });
    }
  });
});

function expectForgotten(scheduler: BatchScheduler<SimulatedWork>, works: readonly SimulatedWork[]): void {
  for (const lane of batchLanes) expect(scheduler.waiting(lane)).toBe(0);
  for (const { tenants } of scheduler.targets()) expect(tenants).toBe(0);
  const endMs = (works.at(-1)?.arrivedAtMs ?? 0) + 1e9;
  for (const nowMs of [endMs, endMs + 1e5]) scheduler.decide(nowMs, () => ({ freePlaces: 1, places: 1 }));
  expect(scheduler.targets()).toEqual([]);
}

describe('several schedulers that share places', () => {
  it(
    'keep express within its target and feed the batch lane under a tenfold overload, as one does',
    () => {
      const waits = [1, 2, 3].flatMap((seed) => {
        const { works, provider, target } = makeScenario({ name: 'overload10', seed, count: 6_000, places: 64 });
        const scheduler = [1, 2, 3].map((nth) =>
          createBatchScheduler<SimulatedWork>({ random: seededRandom(nth).next, isSame: isSameMeaning }),
        );
        const run = simulateBatcher({ works, providers: { [target]: provider }, scheduler });
        const { lanes, fairness } = summariseRun(run);
        expect({ seed, isFed: lanes.batch.tokenShare > 0.05 }).toEqual({ seed, isFed: true });
        expect(fairness).toBeGreaterThan(0.95);
        expect(run.longestStream).toBeLessThan(10);
        return run.outcomes.filter(({ work }) => work.lane === 'express').map(({ waitMs }) => waitMs);
      });
      // Each knows a third of the calls, and what it knows of the places is old: somewhat longer than with one.
      expect(quantile(waits, 0.9)).toBeLessThan(50);
      expect(quantile(waits, 0.95)).toBeLessThan(150);
    },
    patienceMs,
  );
});

describe('several schedulers that have few places each', () => {
  it(
    'do not leave express work behind the others’ work under a tenfold overload',
    () => {
      const { works, provider, target } = makeScenario({ name: 'overload10', seed: 1, count: 5_000, places: 16 });
      const scheduler = [1, 2, 3, 4].map((nth) =>
        createBatchScheduler<SimulatedWork>({ random: seededRandom(nth).next, isSame: isSameMeaning }),
      );
      const { lanes } = summariseRun(simulateBatcher({ works, providers: { [target]: provider }, scheduler }));
      expect(lanes.express.waitP95Ms).toBeLessThan(1_000);
      expect(lanes.express.refused + lanes.express.shed).toBeLessThan(lanes.express.offered * 0.01);
      expect(lanes.batch.tokenShare).toBeGreaterThan(0.05);
    },
    patienceMs,
  );
});

describe('createBatchScheduler under load', () => {
  it(
    'keeps express within its target and the batch lane above 5 % of the tokens under a tenfold overload',
    () => {
      for (let seed = 1; seed <= 2; seed++) {
        const { lanes } = summariseRun(simulateScenario({ name: 'overload10', seed, count: 20_000, places: 64 }));
        expect({ seed, isKept: lanes.express.waitP95Ms < 50 }).toEqual({ seed, isKept: true });
        expect({ seed, isFed: lanes.batch.tokenShare > 0.05 }).toEqual({ seed, isFed: true });
        expect(lanes.express.refused + lanes.express.shed).toBeLessThan(lanes.express.offered * 0.01);
      }
    },
    patienceMs,
  );

  it(
    "lets one tenant's flood move the others' 95th percentile of latency by less than a fifth",
    () => {
      for (let seed = 1; seed <= 3; seed++) {
        const flooded = simulateScenario({ name: 'flood', seed, count: 6_000 });
        const calm = simulateScenario({ name: 'flood', seed, count: 6_000, isCalm: true });
        const endMs = Math.max(...calm.outcomes.map(({ work }) => work.arrivedAtMs));
        // In the middle third, while the flood lasts.
        const isOther = ({ work }: Outcome): boolean =>
          work.tenantId !== floodTenant && work.arrivedAtMs > endMs / 3 && work.arrivedAtMs < (2 * endMs) / 3;
        const latencyOf = ({ outcomes }: Run): number =>
          quantile(
            outcomes.filter(isOther).map(({ latencyMs }) => latencyMs),
            0.95,
          );
        const refused = flooded.outcomes.filter(
          ({ work, ending }) => work.tenantId !== floodTenant && ending !== 'answered',
        );
        const moved = latencyOf(flooded) / latencyOf(calm);
        expect({ seed, refused: refused.length, isSmall: moved < 1.2 }).toEqual({ seed, refused: 0, isSmall: true });
      }
    },
    patienceMs,
  );

  it('refuses batch work first, then standard, and express last when all three are overloaded', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const provider = { ...defaultProvider, places: 16 };
      const arrivals = poissonArrivals({ count: 2_000, load: 10, provider }, seededRandom(seed));
      const laneShares = { express: 1 / 3, standard: 1 / 3, batch: 1 / 3 };
      const works = populate(arrivals, { seed, provider, population: { laneShares } });
      const scheduler = createBatchScheduler<SimulatedWork>({ random: seededRandom(seed).next, isSame: isSameMeaning });
      const { outcomes } = simulateBatcher({ works, providers: { 'mock/small': provider }, scheduler });
      const refused = outcomes.filter(({ ending }) => ending === 'refused');
      const firstMs = (lane: string): number => refused.find(({ work }) => work.lane === lane)?.work.arrivedAtMs ?? 0;
      const times = [firstMs('batch'), firstMs('standard'), firstMs('express')];
      expect({ seed, times }).toEqual({ seed, times: [...times].sort((a, b) => a - b) });
      expect(times[0]).toBeGreaterThan(0);
    }
  });

  it('shares calls and finds prefixes cached where batch jobs come in one go', () => {
    const { calls, answered } = summariseRun(simulateScenario({ name: 'mixed', seed: 1, count: 6_000 }));
    expect(answered - calls).toBeGreaterThan(200);
  });
});
