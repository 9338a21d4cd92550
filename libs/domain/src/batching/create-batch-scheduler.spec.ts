import { createBatchScheduler, type BatchScheduler } from './create-batch-scheduler';
import { batchLanes } from './lanes';
import { seededRandom, type SeededRandom } from './testing/random';
import { floodTenant, makeScenario } from './testing/scenarios';
import { simulateBatcher, type Outcome, type Run } from './testing/simulate-batcher';
import type { SimulatedWork } from './testing/simulated-work';
import { quantile, summariseRun } from './testing/summarise-run';
import { defaultProvider, poissonArrivals, populate } from './testing/synthetic-workload';

/** Some CPU seconds, on a machine that may be busy. */
const patienceMs = 120_000;

const isSame = (a: SimulatedWork, b: SimulatedWork): boolean => a.meaning === b.meaning;

function simulateScenario(options: Parameters<typeof makeScenario>[0]): Run {
  const { works, provider, target } = makeScenario(options);
  const scheduler = createBatchScheduler<SimulatedWork>({ random: seededRandom(options.seed).next, isSame });
  return simulateBatcher({ works, providers: { [target]: provider }, scheduler });
}

/** A small world by chance: one or two targets, few places, light load or a heavy overload, short deadlines, an outage. */
function smallWorld(seed: number): {
  works: SimulatedWork[];
  scheduler: BatchScheduler<SimulatedWork>;
  options: Omit<Parameters<typeof simulateBatcher>[0], 'works' | 'scheduler'>;
} {
  const random = seededRandom(seed);
  const provider = { ...defaultProvider, places: 1 + random.below(8) };
  const targets = random.next() < 0.3 ? ['mock/a', 'mock/b'] : ['mock/a'];
  const works = targets
    .flatMap((target, index) => {
      const load = [0.5, 1, 3, 10][random.below(4)] ?? 1;
      const arrivals = poissonArrivals({ count: 20 + random.below(60), load, provider }, random);
      const population = { tenants: 1 + random.below(6), repeatShare: 0.2, rewordShare: 0.2 };
      return populate(arrivals, { seed: seed + index, target, provider, population, name: `${target}:` });
    })
    .map((work) => shortened(work, random))
    .sort((a, b) => a.arrivedAtMs - b.arrivedAtMs);
  const spanMs = works.at(-1)?.arrivedAtMs ?? 0;
  const outages = random.next() < 0.2 ? [{ fromMs: spanMs * 0.3, toMs: spanMs * 0.6 }] : [];
  const scheduler = createBatchScheduler<SimulatedWork>({
    random: random.next,
    isSame,
    maxWaiting: random.next() < 0.2 ? 1 + random.below(20) : 10_000,
    settings: random.next() < 0.3 ? { maxSize: 1 + random.below(8), maxWaitMs: random.below(400) } : {},
  });
  return {
    works,
    scheduler,
    options: { providers: Object.fromEntries(targets.map((target) => [target, provider])), outages },
  };
}

const shortened = (work: SimulatedWork, random: SeededRandom): SimulatedWork =>
  random.next() < 0.2 ? { ...work, deadlineAtMs: work.arrivedAtMs + random.below(4_000) } : work;

describe('createBatchScheduler, in a thousand small worlds', () => {
  it(
    'keeps what must always hold, and forgets everything in the end',
    () => {
      const endings = new Set<string>();
      for (let seed = 1; seed <= 1_000; seed++) {
        const { works, scheduler, options } = smallWorld(seed);
        try {
          const { outcomes } = simulateBatcher({ works, scheduler, ...options });
          for (const { ending } of outcomes) endings.add(ending);
          for (const lane of batchLanes) expect(scheduler.waiting(lane)).toBe(0);
          for (const { tenants } of scheduler.targets()) expect(tenants).toBe(0);
          const endMs = (works.at(-1)?.arrivedAtMs ?? 0) + 1e9;
          scheduler.decide(endMs, () => ({ freePlaces: 1, places: 1 }));
          scheduler.decide(endMs + 1e5, () => ({ freePlaces: 1, places: 1 }));
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
      }
      expect([...endings].sort()).toEqual(['answered', 'dropped', 'refused', 'shed']);
    },
    patienceMs,
  );

  it('decides the same for the same seed', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const [a, b] = [smallWorld(seed), smallWorld(seed)];
      const runOf = ({ works, scheduler, options }: typeof a): Run => simulateBatcher({ works, scheduler, ...options });
      expect({ seed, run: runOf(a) }).toEqual({ seed, run: runOf(b) });
    }
  });
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
      const scheduler = createBatchScheduler<SimulatedWork>({ random: seededRandom(seed).next, isSame });
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
