import { batchLanes, type BatchLane } from '../lanes';
import { seededRandom, type SeededRandom } from './random';
import { blockTokens, plainServiceMs, type ProviderModel } from './simulated-provider';
import type { SimulatedWork } from './simulated-work';

export const defaultProvider: ProviderModel = {
  places: 32,
  firstTokenMs: 250,
  promptTokenMs: 0.15,
  outputTokenMs: 12,
  cacheLifetimeMs: 300_000,
  leaderWaitMs: 2_000,
  inputUsdPerMillion: 0.4,
  cachedUsdPerMillion: 0.1,
  outputUsdPerMillion: 1.6,
};

const deadlineMs: Readonly<Record<BatchLane, number>> = { express: 30_000, standard: 120_000, batch: 3_600_000 };
const vectorDimension = 16;
/** What comes again, comes within the last so many of a tenant's. */
const recentWorks = 20;

/** Who asks what, beside when and how much. */
export interface Population {
  readonly tenants: number;
  /** Tenants by Zipf's law, or evenly. */
  readonly isSkewed: boolean;
  readonly laneShares: Readonly<Record<BatchLane, number>>;
  /** Share of the work that repeats a tenant's recent one word by word, and that says the same in other words. */
  readonly repeatShare: number;
  readonly rewordShare: number;
  /** Common prefixes of each tenant, and how many blocks long; 0: none. */
  readonly prefixes: number;
  readonly prefixBlocks: number;
  readonly latencySigma: number;
}

export const defaultPopulation: Population = {
  tenants: 20,
  isSkewed: true,
  laneShares: { express: 0.3, standard: 0.5, batch: 0.2 },
  repeatShare: 0.05,
  rewordShare: 0.05,
  prefixes: 3,
  prefixBlocks: 4,
  latencySigma: 0.5,
};

export interface Arrival {
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Of a trace that knows them. */
  readonly blocks?: readonly string[];
  readonly tenantId?: string;
}

/** Random arrivals at a share of what a provider can serve: `load` 1 fills all its places. */
export function poissonArrivals(
  { count, load, provider }: { count: number; load: number; provider: ProviderModel },
  random: SeededRandom,
): Arrival[] {
  const lengths = Array.from({ length: count }, () => ({
    promptTokens: Math.ceil(100 + 900 * random.logNormal(0.7)),
    outputTokens: Math.ceil(150 * random.logNormal(0.6)),
  }));
  const gapMs = meanServiceMs(lengths, provider) / (provider.places * load);
  let atMs = 0;
  return lengths.map((length) => ({ ...length, atMs: (atMs += random.exponential(gapMs)) }));
}

export const meanServiceMs = (
  lengths: readonly { promptTokens: number; outputTokens: number }[],
  provider: ProviderModel,
): number =>
  lengths.reduce((sum, each) => sum + plainServiceMs(provider, each.promptTokens, each.outputTokens), 0) /
  Math.max(1, lengths.length);

/** Gives arrivals tenants, lanes, meanings and prefixes. Random, but the same for a seed. */
export function populate(
  arrivals: readonly Arrival[],
  options: { seed: number; target?: string; provider: ProviderModel; population?: Partial<Population>; name?: string },
): SimulatedWork[] {
  const { target = 'mock/small', provider, name = 'w' } = options;
  const population = { ...defaultPopulation, ...options.population };
  const random = seededRandom(options.seed);
  const recent = new Map<string, SimulatedWork[]>();
  return arrivals.map((arrival, index) => {
    const lane = laneOf(population.laneShares, random.next());
    const tenant = population.isSkewed ? random.zipf(population.tenants) : random.below(population.tenants);
    const tenantId = arrival.tenantId ?? `t${tenant}`;
    const known = recent.get(`${tenantId}|${lane}`) ?? [];
    const draw = random.next();
    const slowness = random.logNormal(population.latencySigma);
    const earlier = known[random.below(Math.max(1, known.length))];
    const again = draw < population.repeatShare + population.rewordShare ? earlier : undefined;
    const isRepeat = again !== undefined && draw < population.repeatShare;
    const lengths = again ?? arrival;
    const id = `${name}${index}`;
    const work: SimulatedWork = {
      id,
      lane,
      tenantId,
      target,
      slowness,
      promptTokens: lengths.promptTokens,
      outputTokens: lengths.outputTokens,
      tokens: lengths.promptTokens + lengths.outputTokens,
      arrivedAtMs: arrival.atMs,
      deadlineAtMs: arrival.atMs + deadlineMs[lane],
      serviceMs: 0.3 * plainServiceMs(provider, lengths.promptTokens, lengths.outputTokens),
      meaning: again?.meaning ?? id,
      fingerprint: isRepeat ? again.fingerprint : id,
      vector: again?.vector ? nearVector(again.vector, random) : randomVector(random),
      prefix: again?.prefix ?? prefixOf(arrival, tenantId, id, population, random),
    };
    known.push(work);
    if (known.length > recentWorks) known.shift();
    recent.set(`${tenantId}|${lane}`, known);
    return work;
  });
}

function laneOf(shares: Readonly<Record<BatchLane, number>>, draw: number): BatchLane {
  let below = 0;
  for (const lane of batchLanes) if (draw < (below += shares[lane])) return lane;
  return 'batch';
}

function prefixOf(
  { blocks, promptTokens }: Arrival,
  tenantId: string,
  id: string,
  { prefixes, prefixBlocks }: Population,
  random: SeededRandom,
): string[] {
  if (blocks) return blocks.map((block) => `${tenantId}:${block}`);
  const family = random.below(Math.max(1, prefixes));
  const wholeBlocks = Math.floor(promptTokens / blockTokens);
  const common = prefixes === 0 ? 0 : Math.min(prefixBlocks, wholeBlocks);
  return Array.from({ length: wholeBlocks }, (_, block) =>
    block < common ? `${tenantId}:${family}:${block}` : `${id}:${block}`,
  );
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, each) => sum + each * each, 0));
  return vector.map((each) => each / norm);
}

const randomVector = (random: SeededRandom): Float32Array =>
  unit(Float32Array.from({ length: vectorDimension }, () => random.next() * 2 - 1));

/** Cosine about 0.99. */
const nearVector = (vector: Float32Array, random: SeededRandom): Float32Array =>
  unit(vector.map((each) => each + 0.08 * (random.next() - 0.5)));
