import type { ErrorCode, RouteRecord, SemanticQuestion, TokenUsage } from '@costlane/domain';
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
  experimentVariant?: string;
  endpoint: string;
  provider: string;
  modelAsked: string;
  modelUsed: string;
  routeReason: string;
  policyVersion: string;
  /** How the model was chosen and what was tried before the one that answered. */
  route?: RouteRecord;
  /** An answer past its lifetime, given because no provider answered. */
  isStale?: true;
  cacheTier: CacheTier;
  /** Cosine of the two questions, of a semantic hit. */
  cacheSimilarity?: number;
  stream: boolean;
  usage?: TokenUsage;
  usageSource: UsageSource;
  paidNanoUsd: number;
  baselineNanoUsd: number;
  savings: SavingsNanoUsd;
  /** Undefined: the model has no known price, so cost is flagged as unknown, never as zero. */
  priceVersion?: string;
  /** What the price did not say and was taken to be so; absent: nothing. */
  priceAssumptions?: string[];
  httpStatus: number;
  errorCode?: ErrorCode;
  createdAtMs: number;
  finishedAtMs: number;
  latencyMs: number;
  timeToFirstTokenMs?: number;
  upstreamCalls: number;
  /** Calls beside the one that answered which cost something: a doubtful answer, the slower of two. What they cost is part of `paidNanoUsd`. */
  otherCalls?: OtherCall[];
  traceparent?: string;
  /** Of everything that can change the answer, tenant included: two records with one hash asked the same. */
  promptHash?: string;
  /** The request's body, where the tenant has asked for its prompts to be kept. */
  prompt?: StoredPrompt;
  /** It went out as it came, without cache, routing or batching, to measure what these save. */
  isHoldout?: true;
  /** In whose leases of budgets its cost was reserved; absent: in none. */
  budgetLessee?: string;
}

/** A prompt to be kept, and for how long. */
export interface StoredPrompt {
  text: string;
  retentionDays: number;
}

/** A provider call whose answer the client did not get. */
export interface OtherCall {
  reason: 'low_confidence' | 'fallback' | 'hedge' | 'retry';
  provider: string;
  model: string;
  /** What was wrong with the answer, or the error's code. */
  detail?: string;
  usage?: TokenUsage;
  usageSource: UsageSource;
  paidNanoUsd: number;
  latencyMs: number;
}

/** What the cache needs to store an answer; the answer's bytes travel beside it. */
export interface CacheFill {
  tenantId: string;
  fingerprint: string;
  ttlSeconds: number;
  tag?: string;
  entry: CachedAnswerHeader;
  expectsJson?: true;
  audit?: SemanticAudit;
  /** Kept beyond its lifetime, to be given as stale when nothing else is left. */
  isStaleKept?: true;
}

/** A semantic hit that is being checked: the stored answer that was given, and what was thought of it. */
export interface SemanticAudit {
  fingerprint: string;
  similarity: number;
  probability: number;
}

/** Header of a stored answer. The bytes are kept in the form the provider sent; the other form is made when it is asked for. */
export interface CachedAnswerHeader {
  v: 1;
  form: 'json' | 'sse';
  provider: string;
  modelAsked: string;
  modelUsed: string;
  usage?: TokenUsage;
  /** What the caller would have paid without us, asking again: the baseline of every hit. */
  baselineNanoUsd: number;
  /** What the same answer costs with the model that gave it, at list price; absent: as much as the baseline. */
  askAgainNanoUsd?: number;
  priceVersion?: string;
  /** When the question came in, and when the answer was complete. */
  askedAtMs: number;
  createdAtMs: number;
  /** What was asked, where a like question may be answered by it: from here the semantic tier is rebuilt. */
  semantic?: SemanticQuestion;
}

/** A finished request, with the answer where the cache is to store it. */
export interface Completion {
  record: CompletionRecord;
  fill?: CacheFill;
  body?: Buffer;
}

/**
 * Fields of one entry of the completions stream, which carries many completions: `r` records without an answer, a line of JSON each;
 * `f` one record with its fill (JSON {record, fill}), followed by `b`, the answer's bytes. So a reader that wants answers only has
 * nothing to parse of the others.
 */
export function completionFields(completions: readonly Completion[]): (string | Buffer)[] {
  const fields: (string | Buffer)[] = [];
  let records = '';
  for (const { record, fill, body } of completions) {
    if (fill && body) fields.push('f', JSON.stringify({ record, fill }), 'b', body);
    else records += records === '' ? JSON.stringify(record) : `\n${JSON.stringify(record)}`;
  }
  if (records !== '') fields.push('r', records);
  return fields;
}

/** Inverse of {@link completionFields}; with `fillsOnly` those without an answer are passed over. Throws on an entry of another shape. */
export function parseCompletionFields(fields: readonly Buffer[], { fillsOnly = false } = {}): Completion[] {
  if (fields.length % 2 !== 0) throw new Error('completions entry is malformed');
  const completions: Completion[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]?.toString('latin1');
    const value = fields[i + 1] as Buffer;
    if (name === 'r') {
      if (!fillsOnly)
        for (const line of value.toString('utf8').split('\n'))
          completions.push({ record: versioned(JSON.parse(line) as CompletionRecord) });
    } else if (name === 'f' && fields[i + 2]?.toString('latin1') === 'b') {
      const { record, fill } = JSON.parse(value.toString('utf8')) as Pick<Completion, 'record' | 'fill'>;
      completions.push({ record: versioned(record), fill, body: fields[i + 3] });
      i += 2;
    } else throw new Error('completions entry is malformed');
  }
  return completions;
}

function versioned(record: CompletionRecord): CompletionRecord {
  if (record?.v !== 1) throw new Error(`completion has version ${String(record?.v)}, this build reads 1`);
  return record;
}
