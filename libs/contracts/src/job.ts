import type { ModelTier, RouteRecord, SemanticQuestion } from '@costlane/domain';
import type { SemanticAudit } from './completion';
import type { Priority } from './names';

/**
 * Wire dialects of request and reply bodies. `openai.chat` is what every provider takes, by translation where it speaks another one; the
 * others go only to a provider that speaks them itself.
 */
export type Dialect = 'openai.chat' | 'openai.responses' | 'openai.embeddings' | 'anthropic.messages';

/** A model that a job may be sent to. */
export interface RouteTarget {
  /** As callers ask for it. */
  model: string;
  provider: string;
  upstreamModel: string;
  /** An answer that will not do is asked of a model of a higher tier than the one that gave it. */
  tier?: ModelTier;
}

/** What an answer has to be, or a stronger model is asked. */
export interface ConfidenceCheck {
  /** Geometric mean of the tokens' probabilities, where the answer has them. */
  minTokenProbability: number;
  /** The answer has to be JSON, by this schema where there is one. */
  json?: { schema?: unknown };
}

/** What a worker has to know about a job besides the request body, which it passes on as opaque bytes. */
export interface JobHeader {
  v: 1;
  requestId: string;
  tenantId: string;
  teamId?: string;
  userId?: string;
  keyId?: string;
  featureName?: string;
  experimentId?: string;
  experimentVariant?: string;
  /** Gateway whose reply stream gets the answer. */
  replyTo: string;
  /** Door the request came in by, for the record: `/v1/chat/completions`, `grpc:Complete`, … */
  endpoint: string;
  dialect: Dialect;
  provider: string;
  /** Model as the caller asked for it (empty: none), as routed, and as the provider calls it. */
  modelAsked: string;
  model: string;
  upstreamModel: string;
  routeReason: string;
  policyVersion: string;
  /** How the model was chosen, for the record. */
  route?: RouteRecord;
  /** Of the job's own model, where it has fallbacks. */
  tier?: ModelTier;
  /** Models to go on with, in this order, where the one before fails or its answer will not do; none is weaker than the first. */
  fallbacks?: RouteTarget[];
  /** Present where a doubtful answer is to be asked of the next model. */
  confidence?: ConfidenceCheck;
  /** What the caller would have used without us: the model that savings by routing are counted from. Absent: the routed one. */
  baselineModel?: string;
  /** Under which name of a model the answer is stored; absent: `model`. */
  cacheModel?: string;
  /** The answer may be given when it is stale, so it is kept longer. */
  isStaleKept?: true;
  stream: boolean;
  /** Absolute, epoch milliseconds: work that is not done by then is dropped. */
  deadlineAtMs: number;
  /** The caller has said how much time there is: a slower and cheaper service tier may be used. */
  isDeadlineExplicit?: true;
  createdAtMs: number;
  /** Under which id the ledger keeps it, where one request is called by several, one after the other. Absent: `requestId`. */
  recordId?: string;
  /** Under which time the ledger keeps it, where it may be asked several times: with its id that is what it is known by. Absent: `createdAtMs`. */
  recordedAtMs?: number;
  /** Exact-cache key and lifetime; absent when the answer must not be stored. */
  fingerprint?: string;
  cacheTtlSeconds?: number;
  cacheTag?: string;
  /** The question, where a like one may be answered by this one's answer. */
  semantic?: SemanticQuestion;
  /** Cosine that the caller wants of such a question at the least, 0 to 1; absent: what is usual. */
  minSimilarity?: number;
  /** The answer has to be a JSON document: another one is not stored. */
  expectsJson?: true;
  /** Asked to check an answer that the semantic cache gave; nobody waits for this one. */
  audit?: SemanticAudit;
  /** SHA-256 of the client's idempotency key and of the request body it came with. */
  idempotency?: { keyHash: string; bodyHash: string };
  traceparent?: string;
  /** For the record, see {@link CompletionRecord}. */
  promptHash?: string;
  /** The tenant wants its prompts kept so long; absent: they are not. */
  promptRetentionDays?: number;
  isHoldout?: true;
  budgetLessee?: string;
  /** What it may cost at the most, where it is planned for a provider's Batch API and budgets are to be reserved for it there. Nano-USD. */
  worstCaseNanoUsd?: number;
  /** Requests of the same tenant that this one's answer serves as well. Each gets it in its own reply stream and has a record of its own, as `coalesced`. */
  followers?: JobHeader[];
}

export interface Job {
  taskType: 'inference.complete';
  priority: Priority;
  idempotencyKey: string;
  createdAt: string;
  header: JobHeader;
  /** The provider's request body, ready to send. */
  body: Buffer;
}

const NEW_LINE = 0x0a;

/** Job payload on the wire: the header as one line of JSON, then the body untouched, so that bodies are never stringified again. */
export function encodePayload(header: JobHeader, body: Buffer): Buffer {
  const head = Buffer.from(`${JSON.stringify(header)}\n`);
  return Buffer.concat([head, body]);
}

/** Inverse of {@link encodePayload}. Throws when the payload is not of version 1. */
export function decodePayload(payload: Buffer): { header: JobHeader; body: Buffer } {
  const end = payload.indexOf(NEW_LINE);
  if (end < 0) throw new Error('job payload has no header line');
  const header = JSON.parse(payload.toString('utf8', 0, end)) as JobHeader;
  if (header.v !== 1) throw new Error(`job payload has version ${String(header.v)}, this build reads 1`);
  return { header, body: payload.subarray(end + 1) };
}

/** The five fields of a stream entry, in order, as `XADD` takes them. */
export function jobFields(job: Job): (string | Buffer)[] {
  return [
    'task_type',
    job.taskType,
    'payload',
    encodePayload(job.header, job.body),
    'priority',
    job.priority,
    'idempotency_key',
    job.idempotencyKey,
    'created_at',
    job.createdAt,
  ];
}
