import { CostlaneError, type UsageAxis } from '@costlane/domain';

/**
 * What a provider counts, by the axes of ours that are in it. Providers tell some axes apart and others not: OpenAI's usage has reasoning within the output and
 * what was written to its cache within the uncached input; Anthropic's has thinking within the output.
 */
export const meters = {
  fresh_input: ['freshInputTokens'],
  cache_read: ['cacheReadTokens'],
  cache_write_short: ['cacheWriteShortTokens'],
  cache_write_long: ['cacheWriteLongTokens'],
  output: ['outputTokens'],
  reasoning: ['reasoningTokens'],
  uncached_input: ['freshInputTokens', 'cacheWriteShortTokens', 'cacheWriteLongTokens'],
  all_output: ['outputTokens', 'reasoningTokens'],
} as const satisfies Record<string, readonly UsageAxis[]>;

export type Meter = keyof typeof meters;

export const meterNames = Object.keys(meters) as readonly Meter[];

/** What a provider says of a UTC day and a model; several of one day and model are added up. */
export interface UsageRow {
  /** `YYYY-MM-DD`. */
  day: string;
  /** As the provider calls it; `''`: it does not say. */
  model: string;
  tokens: Partial<Record<Meter, bigint>>;
  costNanoUsd?: bigint;
}

export interface UsageExport {
  /** What kind of export it was taken for. */
  kind: string;
  rows: UsageRow[];
  /** What a reader has to know about it: there is more of it, say. */
  notes: string[];
}

const MAX_NAME = 200;
const dayPattern = /^\d{4}-\d{2}-\d{2}/;
/** A time that does not say where: providers' are UTC, whatever the zone of this machine. */
const zoneless = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)$/;

/** Throws `invalid_request` that names the place in the export. */
export function refuse(place: string, message: string): never {
  throw new CostlaneError('invalid_request', `The export, ${place}: ${message}`, { field: 'body' });
}

/** The UTC day of a date, an RFC 3339 time or epoch seconds. */
export function dayOf(value: unknown, place: string): string {
  const time =
    typeof value === 'number' || (typeof value === 'string' && /^\d{9,11}$/.test(value))
      ? new Date(Number(value) * 1_000)
      : new Date(typeof value === 'string' && dayPattern.test(value) ? value.replace(zoneless, '$1T$2Z') : NaN);
  if (Number.isNaN(time.getTime()))
    return refuse(place, 'has to be a day such as 2026-11-21, an RFC 3339 time or epoch seconds.');
  return time.toISOString().slice(0, 10);
}

/** Absent and empty is none. */
export function tokensOf(value: unknown, place: string): bigint {
  if (value === undefined || value === null || value === '') return 0n;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === 'string' && /^\d{1,18}(\.0+)?$/.test(value)) return BigInt(value.split('.')[0] ?? '');
  return refuse(place, 'has to be a whole number of tokens.');
}

export function modelOf(value: unknown, place: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' && value.length <= MAX_NAME) return value.trim();
  return refuse(place, 'has to be the name of a model.');
}
