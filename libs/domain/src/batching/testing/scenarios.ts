import { seededRandom } from './random';
import type { ProviderModel } from './simulated-provider';
import type { SimulatedWork } from './simulated-work';
import { defaultProvider, poissonArrivals, populate, type Arrival } from './synthetic-workload';

export const scenarioNames = ['mixed', 'overload10', 'flood'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface Scenario {
  readonly target: string;
  readonly provider: ProviderModel;
  readonly works: SimulatedWork[];
}

export interface ScenarioOptions {
  readonly name: ScenarioName;
  readonly seed: number;
  /** Pieces of work, about. */
  readonly count: number;
  readonly places?: number;
  /** Without the flooding tenant, to compare with. */
  readonly isCalm?: boolean;
}

/** The tenant that floods. */
export const floodTenant = 'flood';
const target = 'mock/small';
const burstSize = 40;
/** Of a batch job's items, one after the other. */
const burstGapMs = 2;

/**
 * Made-up traffic, the same for a seed. `mixed`: single requests at 0.6 of what the provider can serve and batch jobs of 40 items at 0.3, each behind one prompt of four blocks, a sixth of the items
 * word by word the same as another one. `overload10`: ten times what it can serve, half of what it can serve of it express. `flood`: nine tenants at 0.6, and one that offers ten times what the provider can serve in
 * the middle third.
 */
export function makeScenario(options: ScenarioOptions): Scenario {
  const { name, seed, places = 32 } = options;
  const provider = { ...defaultProvider, places };
  const make = { mixed, overload10, flood }[name];
  return { target, provider, works: make({ ...options, provider, seed: seed * 7 }).sort(byArrival) };
}

type MakeOptions = ScenarioOptions & { provider: ProviderModel };

const byArrival = (a: SimulatedWork, b: SimulatedWork): number => a.arrivedAtMs - b.arrivedAtMs;

function mixed({ seed, count, provider }: MakeOptions): SimulatedWork[] {
  const random = seededRandom(seed);
  const single = poissonArrivals({ count: Math.ceil((count * 2) / 3), load: 0.6, provider }, random);
  const items = poissonArrivals({ count: Math.ceil(count / 3), load: 0.3, provider }, random);
  const bursts = items.map((item, index): Arrival => {
    const first = items[index - (index % burstSize)] ?? item;
    const atMs = first.atMs + (index % burstSize) * burstGapMs;
    return { ...item, atMs, promptTokens: item.promptTokens + 2_048, tenantId: `job${Math.floor(index / burstSize)}` };
  });
  const lanes = { express: 0.4, standard: 0.6, batch: 0 };
  const singles = populate(single, { seed: seed + 1, provider, population: { laneShares: lanes }, name: 's' });
  const jobs = populate(bursts, {
    seed: seed + 2,
    provider,
    population: {
      laneShares: { express: 0, standard: 0, batch: 1 },
      prefixes: 1,
      repeatShare: 1 / 6,
      rewordShare: 1 / 12,
    },
    name: 'b',
  });
  return [...singles, ...jobs];
}

function overload10({ seed, count, provider }: MakeOptions): SimulatedWork[] {
  const arrivals = poissonArrivals({ count, load: 10, provider }, seededRandom(seed));
  const laneShares = { express: 0.05, standard: 0.475, batch: 0.475 };
  return populate(arrivals, { seed: seed + 1, provider, population: { laneShares, isSkewed: false } });
}

/** A sixth of the work is the calm tenants', so that the flood, a third of the time at ten times the capacity, is most of it. */
function flood({ seed, count, provider, isCalm = false }: MakeOptions): SimulatedWork[] {
  const calm = poissonArrivals({ count: Math.ceil(count / 6), load: 0.6, provider }, seededRandom(seed));
  const population = { tenants: 9, isSkewed: false, laneShares: { express: 0, standard: 1, batch: 0 } };
  const works = populate(calm, { seed: seed + 1, provider, population, name: 'c' });
  if (isCalm) return works;
  const thirdMs = (calm.at(-1)?.atMs ?? 0) / 3;
  const rush = poissonArrivals({ count: count * 2, load: 10, provider }, seededRandom(seed + 2))
    .map((arrival) => ({ ...arrival, atMs: arrival.atMs + thirdMs, tenantId: floodTenant }))
    .filter(({ atMs }) => atMs < 2 * thirdMs);
  return [...works, ...populate(rush, { seed: seed + 3, provider, population, name: 'f' })];
}
