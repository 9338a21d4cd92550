import { CostlaneError, type ErrorCode } from '@costlane/domain';
import type { CallVerdict } from '@costlane/resilience';
import { isObject, parseObject, textOf, type JsonObject } from './json-object';

/** An error answer of the provider, or an error event in a stream (then without headers). */
export interface UpstreamErrorAnswer {
  provider: string;
  status: number | undefined;
  body: Buffer;
  /** Raw header values. */
  retryAfter?: string;
  retryAfterMs?: string;
  shouldRetry?: string;
  /** Our key for this provider: removed from whatever is shown. */
  apiKey: string | undefined;
  nowMs: number;
}

/** A failure in our terms, and what is to follow from it. */
export interface MappedFailure {
  error: CostlaneError;
  isRetryable: boolean;
  verdict: CallVerdict;
  retryAfterMs?: number;
  /** The provider's body, where the client is to see it. */
  body?: Buffer;
}

interface Mapping {
  code: ErrorCode;
  /** Shown instead of the provider's words, which may tell about our account. Undefined: the provider's words are shown. */
  message?: string;
  /** Where it differs from what the code says. */
  isRetryable?: boolean;
  /** No header of the provider's changes that it is not to be tried again: the same call cannot succeed. */
  isFinal?: true;
  verdict: CallVerdict;
}

/** Spend limits: waiting does not help, somebody has to pay. */
const quotaWords = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'enforced_spend_limit_reached',
  'insufficient_balance',
  'billing_error',
]);
const overloadWords = new Set(['overloaded_error', 'server_is_overloaded', 'service_unavailable_error']);
const rateWords = new Set(['rate_limit_exceeded', 'rate_limit_error', 'slow_down']);
/** OpenAI's flex tier has no capacity just now; nothing is charged ("Flex processing", read November 2026). */
const noCapacityWords = new Set(['resource_unavailable']);
const noCapacityMessage = /^resource unavailable/i;

/** Prompt and answer do not fit: servers that give no code for it (vLLM, older ones in its format) say it in words. */
const overflowMessage = /maximum (?:context|model) length|context (?:window|length) (?:of|exceeded|is exceeded)/i;

/** The table of `map-error`: status, type and code of an OpenAI-compatible error answer into ours. */
export function mapErrorAnswer(answer: UpstreamErrorAnswer): MappedFailure {
  const detail = readDetail(answer.body);
  const { code, message, isRetryable, isFinal, verdict } = chooseMapping(answer, detail);
  const isShown = message === undefined;
  const retryAfterMs = readRetryAfterMs(answer);
  const theirs = (detail.message ?? `${answer.provider} rejected the request.`).slice(0, MAX_MESSAGE_CHARACTERS);
  const words = message ?? withoutSecrets(theirs, answer.apiKey);
  const error = new CostlaneError(code, words, { field: isShown ? detail.param : undefined, retryAfterMs });
  return {
    error,
    isRetryable: !isFinal && (wantsRetry(answer.shouldRetry) ?? isRetryable ?? error.isRetryable),
    verdict,
    retryAfterMs,
    body: isShown && detail.message !== undefined ? bodyWithoutSecrets(answer.body, answer.apiKey) : undefined,
  };
}

function chooseMapping({ provider, status, body }: UpstreamErrorAnswer, detail: ErrorDetail): Mapping {
  const words = [detail.code, detail.type];
  const says = (known: ReadonlySet<string>): boolean => words.some((word) => word !== undefined && known.has(word));
  if (status === 402 || says(quotaWords)) {
    const message = `The quota of Costlane's account at ${provider} is used up.`;
    return { code: 'upstream_quota_exhausted', message, isFinal: true, verdict: 'neutral' };
  }
  if (isOverflow(status, detail)) return { code: 'context_length_exceeded', isFinal: true, verdict: 'neutral' };
  if (says(noCapacityWords) || (status === 429 && noCapacityMessage.test(detail.message ?? ''))) {
    const message = `${provider} has no capacity for this tier of service just now.`;
    return { code: 'upstream_overloaded', message, verdict: 'neutral' };
  }
  if (status === 429 || (status === undefined && says(rateWords))) {
    return {
      code: 'upstream_rate_limited',
      message: `${provider} is limiting the rate of requests.`,
      verdict: 'neutral',
    };
  }
  if (status === 503 || status === 529 || says(overloadWords)) {
    return { code: 'upstream_overloaded', message: `${provider} is overloaded.`, verdict: 'failure' };
  }
  if (status === undefined || status >= 500) return serverFault(provider, status);
  if (status === 401 || status === 403) {
    const message = `${provider} refused Costlane's credentials (status ${status}).`;
    return { code: 'upstream_auth_failed', message, verdict: 'neutral' };
  }
  if (status === 408) return { code: 'upstream_timeout', message: `${provider} timed out.`, verdict: 'failure' };
  if (status === 409) {
    // A resource of the provider's own that is locked: its SDKs try again.
    return { code: 'upstream_error', message: `${provider} answered with a conflict.`, verdict: 'neutral' };
  }
  if (status >= 400 && (status !== 404 || detail.message !== undefined)) {
    return { code: isModelMissing(status, detail) ? 'model_not_found' : 'upstream_rejected', verdict: 'neutral' };
  }
  // A redirect, or a 404 that no API wrote: the base URL is wrong.
  const message = `${provider} answered with status ${status}${body.length > 0 ? ' and no API error' : ''}; its base URL may be wrong.`;
  return { code: 'upstream_error', message, isRetryable: false, verdict: 'neutral' };
}

function serverFault(provider: string, status: number | undefined): Mapping {
  if (status === 504 || status === 524) {
    return { code: 'upstream_timeout', message: `${provider} timed out (status ${status}).`, verdict: 'failure' };
  }
  const how = status === undefined ? 'ended its answer with an error' : `failed (status ${status})`;
  // 501 and 505 say that the provider cannot do this, not that it is broken.
  const isRetryable = status === 501 || status === 505 ? false : undefined;
  return { code: 'upstream_error', message: `${provider} ${how}.`, isRetryable, verdict: 'failure' };
}

/** Status 413 speaks of bytes, except where the code says otherwise. */
const isOverflow = (status: number | undefined, { code, message }: ErrorDetail): boolean =>
  (status === undefined || (status >= 400 && status < 500)) &&
  (code === 'context_length_exceeded' || (status === 400 && overflowMessage.test(message ?? '')));

const isModelMissing = (status: number, { code, message }: ErrorDetail): boolean =>
  code === 'model_not_found' || (status === 404 && /\bmodel\b/i.test(message ?? ''));

interface ErrorDetail {
  message?: string;
  type?: string;
  code?: string;
  param?: string;
}

/** `{"error": {message, type, code, param}}`, `{"error": "text"}`, or the flat `{object: "error", message, …}` of older vLLM. */
function readDetail(body: Buffer): ErrorDetail {
  const json = parseObject(body.toString('utf8'));
  if (!json) return {};
  const { error } = json;
  if (isObject(error)) return detailOf(error);
  return typeof error === 'string' ? { message: error } : detailOf(json);
}

const detailOf = (error: JsonObject): ErrorDetail => ({
  message: textOf(error['message']) ?? textOf(error['detail']),
  type: textOf(error['type']),
  code: textOf(error['code']),
  param: textOf(error['param']),
});

/** `retry-after-ms`, else `retry-after` in seconds or as an HTTP date; undefined when there is none that makes sense. */
export function readRetryAfterMs({
  retryAfter,
  retryAfterMs,
  nowMs,
}: Pick<UpstreamErrorAnswer, 'retryAfter' | 'retryAfterMs' | 'nowMs'>): number | undefined {
  if (retryAfterMs !== undefined && /^\d+(\.\d+)?$/.test(retryAfterMs)) return Math.ceil(Number(retryAfterMs));
  if (retryAfter === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(retryAfter)) return Math.ceil(Number(retryAfter) * 1_000);
  // Date.parse takes a mere number for a year.
  const atMs = /[a-z]/i.test(retryAfter) ? Date.parse(retryAfter) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** `x-should-retry`, by which a provider overrules what the status says. */
function wantsRetry(shouldRetry: string | undefined): boolean | undefined {
  if (shouldRetry === 'true') return true;
  return shouldRetry === 'false' ? false : undefined;
}

/** What looks like an API key in a provider's words (whole, or masked as OpenAI does), ours or the caller's. */
const keyLike = /\b(sk|pk|rk)-[A-Za-z0-9_*-]{6,}/g;
const hidden = '[redacted]';

/** Words longer than this are no message but a dump. */
const MAX_MESSAGE_CHARACTERS = 2_000;

function withoutSecrets(text: string, apiKey: string | undefined): string {
  const withoutOurs = apiKey ? text.replaceAll(apiKey, hidden) : text;
  return withoutOurs.replace(keyLike, hidden);
}

function bodyWithoutSecrets(body: Buffer, apiKey: string | undefined): Buffer {
  const text = body.toString('utf8');
  const shown = withoutSecrets(text, apiKey);
  return shown === text ? body : Buffer.from(shown);
}
