import type { ErrorCode, TokenUsage } from '@costlane/domain';

/** Integer nano-USD by cause; may be negative. The domain's `SavingsByCause` as it travels. */
export interface SavingsNanoUsd {
  cache: number;
  routing: number;
  prefix: number;
  batching: number;
}

/**
 * What a worker sends back, as fields of entries in the gateway's reply stream: field name `<kind><attempt>:<request id>`, value the
 * part. Kinds: `r` whole reply (header line, then body), `h` head of a stream, `c` bytes of a stream, `e` end of a stream.
 * `attempt` tells two workers apart that ran the same job (one letter or digit run, no colon).
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
  savings: SavingsNanoUsd;
  upstreamLatencyMs: number;
  /** Requests to the provider that this job took, retries included. */
  upstreamCalls: number;
  finishReason?: string;
}

/** `provider`: as reported. `estimated`: counted by us because the stream was cut. `none`: nothing was delivered. */
export type UsageSource = 'provider' | 'estimated' | 'none';

export interface ReplyPart {
  kind: ReplyKind;
  attempt: string;
  requestId: string;
  value: Buffer;
}

export const replyField = (kind: ReplyKind, attempt: string, requestId: string): string =>
  `${kind}${attempt}:${requestId}`;

/** Inverse of {@link replyField}; undefined for a field that is not a reply part. */
export function parseReplyField(field: string): { kind: ReplyKind; attempt: string; requestId: string } | undefined {
  const colon = field.indexOf(':');
  const kind = field[0];
  if (colon < 1 || (kind !== 'r' && kind !== 'h' && kind !== 'c' && kind !== 'e')) return undefined;
  return { kind, attempt: field.slice(1, colon), requestId: field.slice(colon + 1) };
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
