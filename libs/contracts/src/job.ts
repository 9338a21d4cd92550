import type { SemanticQuestion } from '@costlane/domain';
import type { SemanticAudit } from './completion';
import type { Priority } from './names';

/** Wire dialects of request and reply bodies. */
export type Dialect = 'openai.chat';

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
  stream: boolean;
  /** Absolute, epoch milliseconds: work that is not done by then is dropped. */
  deadlineAtMs: number;
  createdAtMs: number;
  /** Exact-cache key and lifetime; absent when the answer must not be stored. */
  fingerprint?: string;
  cacheTtlSeconds?: number;
  cacheTag?: string;
  /** The question, where a like one may be answered by this one's answer. */
  semantic?: SemanticQuestion;
  /** The answer has to be a JSON document: another one is not stored. */
  expectsJson?: true;
  /** Asked to check an answer that the semantic cache gave; nobody waits for this one. */
  audit?: SemanticAudit;
  /** SHA-256 of the client's idempotency key and of the request body it came with. */
  idempotency?: { keyHash: string; bodyHash: string };
  traceparent?: string;
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
