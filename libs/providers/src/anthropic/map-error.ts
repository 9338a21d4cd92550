import { isObject, parseObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { overflowError } from '../translation/overflow-error';

/** Prompts that are too long, in Anthropic's several words for it. */
const overflowWords =
  /prompt is too long|exceeds? (?:the )?context (?:limit|window)|too many (?:total )?(?:input )?tokens/i;
/** Credit and limits of spending; they come with status 400, 402 or 429, and waiting for minutes does not help. */
const spendWords = /credit balance is too low|API usage limits/i;
const modelName = /^model:\s*(\S+)/;

/** A field of the request that is the same in both dialects; others would name what the client did not send. */
const sharedField = /^(max_tokens|temperature|top_p|top_k|thinking|tools|metadata)\b[^:]*:/;

/**
 * An error of Anthropic's in OpenAI's shape, so that one table (`openai-compatible/map-error.ts`) tells what follows from
 * it and clients find the codes they know; undefined when it is none. ("Errors" and "Rate limits", read November 2026.)
 */
export function convertError(bodyText: string): JsonObject | undefined {
  const json = parseObject(bodyText);
  const error = json && isObject(json['error']) ? json['error'] : undefined;
  return error ? { error: openAiError(error) } : undefined;
}

export function openAiError(error: JsonObject): JsonObject {
  const message = textOf(error['message']) ?? '';
  const type = textOf(error['type']) ?? 'api_error';
  const details = isObject(error['details']) ? error['details'] : {};
  const ours = (code: string | null, words = message): JsonObject => ({ message: words, type, param: null, code });
  const detailCode = textOf(details['error_code']);
  if (detailCode === 'enforced_spend_limit_reached') return ours(detailCode);
  if (type === 'billing_error' || spendWords.test(message)) return ours('insufficient_quota');
  const model = type === 'not_found_error' ? modelName.exec(message)?.[1] : undefined;
  if (model !== undefined) {
    return ours('model_not_found', `The model ${model} does not exist or Costlane's account has no access to it.`);
  }
  if (type === 'invalid_request_error' && overflowWords.test(message)) return overflowError(message);
  return { ...ours(null), param: sharedField.exec(message)?.[1] ?? null };
}
