import { createBatchScheduler, type BatchScheduler } from '../create-batch-scheduler';
import { seededRandom, type SeededRandom } from './random';
import type { SimulationOptions } from './simulate-batcher';
import type { SimulatedWork } from './simulated-work';
import { defaultProvider, poissonArrivals, populate } from './synthetic-workload';

export interface SmallWorld {
  readonly works: SimulatedWork[];
  readonly schedulers: BatchScheduler<SimulatedWork>[];
  readonly options: SimulationOptions;
}

/** One answer serves both. */
export const isSameMeaning = (a: SimulatedWork, b: SimulatedWork): boolean => a.meaning === b.meaning;

/**
 * A small world by chance, the same for a seed: one or two targets of 1 to 8 places, up to six tenants, light load or ten times too much, short deadlines, outages, little memory; and perhaps
 * callers that come back.
 */
export function smallWorld(seed: number, schedulerCount = 1): SmallWorld {
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
  const maxWaiting = random.next() < 0.2 ? 1 + random.below(20) : 10_000;
  const settings = random.next() < 0.3 ? { maxSize: 1 + random.below(8), maxWaitMs: random.below(400) } : {};
  const retries = random.next() < 0.3 ? 1 + random.below(3) : 0;
  const schedulers = Array.from({ length: schedulerCount }, () =>
    createBatchScheduler<SimulatedWork>({ random: random.next, isSame: isSameMeaning, maxWaiting, settings }),
  );
  const providers = Object.fromEntries(targets.map((target) => [target, provider]));
  return { works, schedulers, options: { works, scheduler: schedulers, providers, outages, retries } };
}

const shortened = (work: SimulatedWork, random: SeededRandom): SimulatedWork =>
  random.next() < 0.2 ? { ...work, deadlineAtMs: work.arrivedAtMs + random.below(4_000) } : work;
