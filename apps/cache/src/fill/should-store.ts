import type { CacheFill, Completion } from '@costlane/contracts';
import { answerText, isRefusal, OPENING_CHARACTERS } from './answer-text';

/** Why an answer is not stored; also the label of the metric. */
export const skipReasons = [
  'not_wanted',
  'not_a_miss',
  'failed',
  'incomplete',
  'refused',
  'not_json',
  'empty',
  'too_large',
  'no_lifetime',
  'expired',
  'bad_key',
  'invalidated',
] as const;
export type SkipReason = (typeof skipReasons)[number];

export type StoreDecision = { store: true; fill: CacheFill; body: Buffer } | { store: false; reason: SkipReason };

export interface StoreLimits {
  readonly maxEntryBytes: number;
  readonly nowMs: number;
}

const fingerprintPattern = /^[0-9a-f]{64}$/;

/**
 * Whether a finished request's answer goes into the cache: only what was asked for, by a request that really went to the provider,
 * succeeded, and came complete. The lifetime counts from the answer's own time, so a late fill lives only as long as is left of it.
 */
export function shouldStore({ record, fill, body }: Completion, { maxEntryBytes, nowMs }: StoreLimits): StoreDecision {
  if (!fill) return skip('not_wanted');
  if (record.cacheTier !== 'miss') return skip('not_a_miss');
  if (record.errorCode !== undefined || record.httpStatus < 200 || record.httpStatus > 299) return skip('failed');
  if (!body || body.length === 0) return skip('empty');
  if (body.length > maxEntryBytes) return skip('too_large');
  if (record.usageSource === 'none' || !isComplete(body, fill.entry.form)) return skip('incomplete');
  // As far as it takes to know a refusal; JSON that was asked for, to its end. What a worker passes on has been looked through already.
  const answer = answerText(body, fill.entry.form, fill.expectsJson ? undefined : OPENING_CHARACTERS);
  if (!answer) return skip('incomplete');
  if (isRefusal(answer)) return skip('refused');
  if (fill.expectsJson && !isJson(answer.text)) return skip('not_json');
  // The tenant is part of the key: a fill for another tenant than the request's would hand its answer over.
  if (fill.tenantId !== record.tenantId || !fingerprintPattern.test(fill.fingerprint)) return skip('bad_key');
  if (!(fill.ttlSeconds > 0)) return skip('no_lifetime');
  const leftSeconds = fill.ttlSeconds - Math.max(0, nowMs - fill.entry.createdAtMs) / 1000;
  if (leftSeconds <= 0) return skip('expired');
  // Up to the next second: else an answer that may be kept for one second would never be.
  const ttlSeconds = Math.ceil(leftSeconds);
  return { store: true, fill: { ...fill, ttlSeconds }, body };
}

const skip = (reason: SkipReason): StoreDecision => ({ store: false, reason });

/** Where the end of a body is looked at, before it is read. */
const TAIL_BYTES = 64;

/** An event stream is complete with its `[DONE]`, a JSON answer with its closing brace: a body that was cut off has neither. */
function isComplete(body: Buffer, form: CacheFill['entry']['form']): boolean {
  const tail = body.toString('latin1', Math.max(0, body.length - TAIL_BYTES)).trimEnd();
  if (form === 'sse') return /(^|\n)data: ?\[DONE\]$/.test(tail);
  return tail.endsWith('}') && body.toString('latin1', 0, TAIL_BYTES).trimStart().startsWith('{');
}

/** An answer to a request for JSON that is none would be given again to callers who parse it. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
