import type { ErrorCode, RouteStep, TokenUsage } from '@costlane/domain';

/** Integer nano-USD by cause; may be negative. The domain's `SavingsByCause` as it travels. */
export interface SavingsNanoUsd {
  cache: number;
  routing: number;
  prefix: number;
  batching: number;
}

/**
 * What a worker sends back, as fields of entries in the gateway's reply stream: field name `<kind><attempt>.<seq>:<request id>`, value
 * the part. Kinds: `r` whole reply (header line, then body), `h` head of a stream, `c` bytes of a stream, `e` end of a stream.
 * `attempt` tells two runs of the same job apart; `seq` counts a run's parts from 0, so that a part which travels twice (over Redis
 * and, when that seemed lost, straight to the gateway) is taken once.
 */
export type ReplyKind = 'r' | 'h' | 'c' | 'e';

export interface ReplyHeader {
  /** HTTP status for the client. */
  status: number;
  contentType: string;
  errorCode?: ErrorCode;
  retryAfterMs?: number;
  provider: string;
  /** Model that answered, as the provider names it. */
  modelUsed: string;
  usage?: TokenUsage;
  usageSource?: UsageSource;
  paidNanoUsd: number;
  baselineNanoUsd: number;
  /** What the same answer costs with the model that gave it, at list price; absent: as much as the baseline. */
  askAgainNanoUsd?: number;
  savings: SavingsNanoUsd;
  /** Undefined: the model has no known price. */
  priceVersion?: string;
  upstreamLatencyMs: number;
  /** Requests to the provider that this job took, retries included. */
  upstreamCalls: number;
  finishReason?: string;
  /** How the answer's model came to be it, where it is not the one that was routed to. */
  routeSteps?: RouteStep[];
  /** It was asked for another request, which pays for it. */
  isShared?: boolean;
  /** The answer goes into the cache, so a gateway may keep it too. */
  isStored?: boolean;
}

/** `provider`: as reported. `estimated`: counted by us because the stream was cut. `none`: nothing was delivered. */
export type UsageSource = 'provider' | 'estimated' | 'none';

export interface ReplyPart {
  kind: ReplyKind;
  attempt: string;
  seq: number;
  requestId: string;
  value: Buffer;
}

export const replyField = (kind: ReplyKind, attempt: string, seq: number, requestId: string): string =>
  `${kind}${attempt}.${seq}:${requestId}`;

/** Inverse of {@link replyField}; undefined for a field that is not a reply part. */
export function parseReplyField(
  field: string,
): { kind: ReplyKind; attempt: string; seq: number; requestId: string } | undefined {
  const dot = field.indexOf('.');
  const colon = field.indexOf(':', dot);
  const kind = field[0];
  if (dot < 1 || colon <= dot + 1 || (kind !== 'r' && kind !== 'h' && kind !== 'c' && kind !== 'e')) return undefined;
  const seq = Number(field.slice(dot + 1, colon));
  if (!Number.isSafeInteger(seq) || seq < 0) return undefined;
  return { kind, attempt: field.slice(1, dot), seq, requestId: field.slice(colon + 1) };
}

/** A part as it travels over gRPC: the field name as a line, then the value. */
export const encodePart = (field: string, value: Buffer): Buffer => Buffer.concat([Buffer.from(`${field}\n`), value]);

/** Inverse of {@link encodePart}. */
export function decodePart(bytes: Buffer): ReplyPart | undefined {
  const end = bytes.indexOf(NEW_LINE);
  const name = end < 0 ? undefined : parseReplyField(bytes.toString('utf8', 0, end));
  return name && { ...name, value: bytes.subarray(end + 1) };
}

const NEW_LINE = 0x0a;

/** `r` value: header line, then the body as the provider sent it. `h` and `e` values are a header line only. */
export function encodeReply(header: ReplyHeader, body?: Buffer): Buffer {
  const head = Buffer.from(`${JSON.stringify(header)}\n`);
  return body && body.length > 0 ? Buffer.concat([head, body]) : head;
}

export function decodeReply(value: Buffer): { header: ReplyHeader; body: Buffer } {
  const end = value.indexOf(NEW_LINE);
  if (end < 0) throw new Error('reply has no header line');
  return { header: JSON.parse(value.toString('utf8', 0, end)) as ReplyHeader, body: value.subarray(end + 1) };
}
