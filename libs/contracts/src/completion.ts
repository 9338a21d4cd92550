import type { ErrorCode, TokenUsage } from '@costlane/domain';
import type { SavingsNanoUsd, UsageSource } from './reply';

export type CacheTier = 'miss' | 'memory' | 'exact' | 'semantic' | 'coalesced';

/** One finished request, as it goes over the completions stream into the ledger. Times in epoch milliseconds, money in nano-USD. */
export interface CompletionRecord {
  v: 1;
  requestId: string;
  /** Which run of the job this is: a second record of one request with another attempt is a doubled upstream call. */
  attempt: string;
  tenantId: string;
  teamId?: string;
  userId?: string;
  keyId?: string;
  featureName?: string;
  experimentId?: string;
  endpoint: string;
  provider: string;
  modelAsked: string;
  modelUsed: string;
  routeReason: string;
  policyVersion: string;
  cacheTier: CacheTier;
  stream: boolean;
  usage?: TokenUsage;
  usageSource: UsageSource;
  paidNanoUsd: number;
  baselineNanoUsd: number;
  savings: SavingsNanoUsd;
  /** Undefined: the model has no known price, so cost is flagged as unknown, never as zero. */
  priceVersion?: string;
  httpStatus: number;
  errorCode?: ErrorCode;
  createdAtMs: number;
  finishedAtMs: number;
  latencyMs: number;
  timeToFirstTokenMs?: number;
  upstreamCalls: number;
  traceparent?: string;
}

/** What the cache needs to store an answer; the answer's bytes travel beside it. */
export interface CacheFill {
  tenantId: string;
  fingerprint: string;
  ttlSeconds: number;
  tag?: string;
  entry: CachedAnswerHeader;
}

/** Header of a stored answer. The bytes are kept in the form the provider sent; the other form is made when it is asked for. */
export interface CachedAnswerHeader {
  v: 1;
  form: 'json' | 'sse';
  provider: string;
  modelAsked: string;
  modelUsed: string;
  usage?: TokenUsage;
  /** What asking again would have cost: the baseline of every hit. */
  baselineNanoUsd: number;
  priceVersion?: string;
  /** When the question came in, and when the answer was complete. */
  askedAtMs: number;
  createdAtMs: number;
}

/** One entry of the completions stream carries many: fields alternate `m` (JSON {record, fill?}) and `b` (answer bytes, may be empty). */
export interface Completion {
  record: CompletionRecord;
  fill?: CacheFill;
  body?: Buffer;
}

const EMPTY = Buffer.alloc(0);

/** Fields of one stream entry for these completions, as `XADD` takes them. */
export function completionFields(completions: readonly Completion[]): (string | Buffer)[] {
  const fields: (string | Buffer)[] = [];
  for (const { record, fill, body } of completions) {
    fields.push('m', JSON.stringify(fill ? { record, fill } : { record }), 'b', fill && body ? body : EMPTY);
  }
  return fields;
}

/** Inverse of {@link completionFields}. Throws on an entry of another shape. */
export function parseCompletionFields(fields: readonly Buffer[]): Completion[] {
  const completions: Completion[] = [];
  if (fields.length % 4 !== 0) throw new Error('completions entry is malformed');
  for (let i = 0; i < fields.length; i += 4) {
    if (fields[i]?.toString() !== 'm' || fields[i + 2]?.toString() !== 'b')
      throw new Error('completions entry is malformed');
    const { record, fill } = JSON.parse(String(fields[i + 1])) as Pick<Completion, 'record' | 'fill'>;
    if (record?.v !== 1) throw new Error(`completion has version ${String(record?.v)}, this build reads 1`);
    completions.push({ record, fill, body: fields[i + 3] });
  }
  return completions;
}
