import { parseObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { overflowError } from '../translation/overflow-error';
import type { TranslatedError } from '../translation/translator';
import { isFailedFinish } from './finish-reason';

/** Prompts that are too long, in Cohere's words for it; of answers it says the same with another number. */
const overflowWords = /too many tokens(?!: max tokens)/i;
const limitWords = /too many tokens: max tokens/i;
/** Limits of a month, of a trial key or of spending: waiting for seconds does not help. */
const quotaWords = /\/ ?month|per month|monthly|maximum billing|payment method/i;
const modelWords = /^model '([^']+)' not found/i;
/** A field of the request that is the same in both dialects; others would name what the client did not send. */
const fieldWords =
  /\b(max_tokens|temperature|seed|frequency_penalty|presence_penalty|response_format|tool_choice|tools)\b/;

const BLOCKED_STATUS = 498;
const CANCELLED_STATUS = 499;

const typesByStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'insufficient_quota',
  403: 'permission_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

/**
 * An error of Cohere's in OpenAI's shape, so that one table (`openai-compatible/map-error.ts`) tells what follows from it;
 * undefined when it is none. Errors have a message and nothing else. ("Errors", and the responses of "Chat" in Cohere's
 * OpenAPI description, read November 2026.)
 */
export function convertError(bodyText: string, status: number): TranslatedError | undefined {
  const json = parseObject(bodyText);
  if (!json) return undefined;
  const reason = textOf(json['finish_reason']);
  if (isFailedFinish(reason)) return { body: { error: finishError(reason, json['error']) } };
  const message = textOf(json['message']);
  if (message === undefined) return undefined;
  const body = { error: openAiError(message, status) };
  // What was asked for or answered is on Cohere's list of what is not to be said.
  if (status === BLOCKED_STATUS) return { body, status: 400 };
  // We did not cancel: we would not have seen the answer.
  if (status === CANCELLED_STATUS) return { body, status: 500 };
  return { body };
}

function openAiError(message: string, status: number): JsonObject {
  const type =
    typesByStatus[status] ?? (status >= 500 || status === CANCELLED_STATUS ? 'server_error' : 'invalid_request_error');
  const ours = (code: string | null, words = message): JsonObject => ({ message: words, type, param: null, code });
  if (status === 402 || (status === 429 && quotaWords.test(message))) return ours('insufficient_quota');
  if (status === BLOCKED_STATUS) return ours('content_policy_violation');
  const model = modelWords.exec(message)?.[1];
  if (model !== undefined) {
    return ours('model_not_found', `The model ${model} does not exist or Costlane's account has no access to it.`);
  }
  if (status < 429 && overflowWords.test(message)) return overflowError(message);
  if (status >= 429) return ours(null);
  const field = limitWords.test(message) ? 'max_tokens' : fieldWords.exec(message)?.[1];
  return { ...ours(null), param: field ?? null };
}

/** The error of an answer that began well and ended with `ERROR` or `TIMEOUT`. */
export function finishError(reason: string | undefined, message: unknown): JsonObject {
  const usual =
    reason === 'TIMEOUT' ? 'Cohere timed out while it was answering.' : 'Cohere failed while it was answering.';
  return { message: textOf(message) ?? usual, type: 'server_error', param: null, code: null };
}
