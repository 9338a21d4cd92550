import { nanoUsd, type NanoUsd } from './nano-usd';

/** What our own machines cost, in dollars. GB are those that clouds bill: 2^30 bytes. */
export interface InfrastructurePrices {
  readonly cpuUsdPerCoreHour: number;
  readonly memoryUsdPerGbHour: number;
  readonly storageUsdPerGbMonth: number;
  /** Of an embedder that is asked over HTTP; 0: the built-in one, whose work is part of the CPU. */
  readonly embeddingUsdPerMillionTokens: number;
}

/** Which of the measured kinds of work a request was. */
export type InfrastructureWork = 'memory' | 'exact' | 'semantic' | 'coalesced' | 'miss' | 'streamed_miss';

/** How much of it a request takes. */
export interface InfrastructureUse {
  /** Microseconds of CPU of all our services, Redis and Postgres for one request. */
  readonly cpuMicros: Readonly<Record<InfrastructureWork, number>>;
  /** Held while a request is under way, besides its text. */
  readonly heldBytes: number;
  /** Beside the text of a stored answer: its key, its question's vector, its places in indexes. */
  readonly answerBytes: number;
  readonly answerSeconds: number;
  /** A record in the ledger, with its share of indexes and sums. */
  readonly recordBytes: number;
  readonly recordMonths: number;
}

/** What the deployment keeps ready, whether anything asks for it or not. */
export interface ReservedInfrastructure {
  readonly cpuCores: number;
  readonly memoryGb: number;
  readonly storageGb: number;
}

/** What a request was, as far as it takes anything of ours. */
export interface InfrastructureFacts {
  readonly work: InfrastructureWork;
  readonly latencyMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Its answer went into the cache. */
  readonly isAnswerKept: boolean;
  /** Its question was compared with others. */
  readonly isEmbedded: boolean;
  /** Its prompt is kept. */
  readonly prompt?: { readonly bytes: number; readonly days: number };
}

/** Prices in nano-dollars of each unit, made once ({@link infrastructureRates}). */
export interface InfrastructureRates {
  readonly prices: InfrastructurePrices;
  readonly use: InfrastructureUse;
  readonly reserved: ReservedInfrastructure;
  readonly cpu: Readonly<Record<InfrastructureWork, number>>;
  readonly record: number;
  readonly memoryByteMs: number;
  readonly storageByteHour: number;
  readonly embeddingToken: number;
}

/**
 * List prices of one public cloud: AWS Fargate, Linux on x86, $0.04048 per vCPU-hour and $0.004445 per GB-hour, and EBS gp3, $0.08 per GB-month, both in us-east-1, as
 * published in March 2026. One's own machines mostly cost less.
 */
export const defaultInfrastructurePrices: InfrastructurePrices = {
  cpuUsdPerCoreHour: 0.04048,
  memoryUsdPerGbHour: 0.004445,
  storageUsdPerGbMonth: 0.08,
  embeddingUsdPerMillionTokens: 0,
};

/**
 * As measured on 2026-11-27 (`bench/README.md`): all services and Redis at 32 connections, and 53 µs of Postgres from the headline workload, where joined requests are taken
 * for hits in Redis; memory of the gateway with 10,000 requests at once, less what it has idle, over these. Of a record see `docs/infrastructure-cost.md`.
 */
export const defaultInfrastructureUse: InfrastructureUse = {
  cpuMicros: { memory: 158, exact: 185, semantic: 710, coalesced: 185, miss: 1_103, streamed_miss: 1_568 },
  heldBytes: 47_000,
  answerBytes: 3_000,
  answerSeconds: 3_600,
  recordBytes: 900,
  recordMonths: 12,
};

const NANO = 1e9;
const GB = 2 ** 30;
const hoursPerMonth = 730;
const MICROS_PER_HOUR = 3.6e9;
const MS_PER_HOUR = 3.6e6;
const HOURS_PER_DAY = 24;
/** Of English text and of code; what a text takes is known in tokens only. */
const BYTES_PER_TOKEN = 4;
/** Items of batches are under way for hours without holding anything in a gateway. */
const MAX_HELD_MS = 600_000;

/** @throws RangeError for a price or an amount that is negative or no number */
export function infrastructureRates(
  prices: InfrastructurePrices,
  use: InfrastructureUse,
  reserved: ReservedInfrastructure = { cpuCores: 0, memoryGb: 0, storageGb: 0 },
): InfrastructureRates {
  const { cpuMicros, ...amounts } = use;
  for (const [name, value] of Object.entries({ ...prices, ...amounts, ...cpuMicros, ...reserved }))
    if (!(value >= 0 && Number.isFinite(value))) throw new RangeError(`${name} has to be 0 or more, not ${value}`);
  const cpuMicro = (prices.cpuUsdPerCoreHour * NANO) / MICROS_PER_HOUR;
  const storageByteHour = (prices.storageUsdPerGbMonth * NANO) / GB / hoursPerMonth;
  const works = Object.entries(cpuMicros) as [InfrastructureWork, number][];
  return {
    prices,
    use,
    reserved,
    cpu: Object.fromEntries(works.map(([work, micros]) => [work, micros * cpuMicro])) as InfrastructureRates['cpu'],
    record: use.recordBytes * use.recordMonths * hoursPerMonth * storageByteHour,
    memoryByteMs: (prices.memoryUsdPerGbHour * NANO) / GB / MS_PER_HOUR,
    storageByteHour,
    embeddingToken: (prices.embeddingUsdPerMillionTokens * NANO) / 1e6,
  };
}

/** What a request costs by part, in nano-dollars, not rounded. */
export function infrastructureParts(
  facts: InfrastructureFacts,
  rates: InfrastructureRates,
): Readonly<Record<'cpu' | 'memory' | 'storage' | 'embedding', number>> {
  const { use, memoryByteMs, storageByteHour } = rates;
  const textBytes = (facts.inputTokens + facts.outputTokens) * BYTES_PER_TOKEN;
  const heldMs = Math.min(facts.latencyMs, MAX_HELD_MS);
  let memory = (use.heldBytes + textBytes) * heldMs * memoryByteMs;
  let storage = rates.record;
  if (facts.isAnswerKept) {
    const bytes = use.answerBytes + textBytes;
    memory += bytes * use.answerSeconds * 1_000 * memoryByteMs;
    storage += (bytes * use.answerSeconds * storageByteHour) / 3_600;
  }
  if (facts.prompt) storage += facts.prompt.bytes * facts.prompt.days * HOURS_PER_DAY * storageByteHour;
  const embedding = facts.isEmbedded ? facts.inputTokens * rates.embeddingToken : 0;
  return { cpu: rates.cpu[facts.work], memory, storage, embedding };
}

/** What our own machines cost for a request: the parts together, rounded once to the nano-dollar. */
export function infrastructureCost(facts: InfrastructureFacts, rates: InfrastructureRates): NanoUsd {
  const { cpu, memory, storage, embedding } = infrastructureParts(facts, rates);
  return nanoUsd(Math.round(cpu + memory + storage + embedding));
}

/** What the deployment keeps ready costs an hour, in nano-dollars: whatever of it requests do not account for is idle. */
export function reservedCostPerHour({ prices, reserved }: InfrastructureRates): NanoUsd {
  const hourly =
    reserved.cpuCores * prices.cpuUsdPerCoreHour +
    reserved.memoryGb * prices.memoryUsdPerGbHour +
    (reserved.storageGb * prices.storageUsdPerGbMonth) / hoursPerMonth;
  return nanoUsd(Math.round(hourly * NANO));
}
