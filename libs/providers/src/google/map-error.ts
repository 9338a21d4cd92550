import { isObject, parseObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { overflowError } from '../translation/overflow-error';
import type { TranslatedError } from '../translation/translator';

/** Prompts that are too long, in Google's words for it. */
const overflowWords = /input token count.*exceeds|exceeds the maximum number of tokens/i;
/** Limits of spending; waiting for seconds does not help. Limits of a rate, counted in money too, do not say "cap". */
const spendWords = /spend(?:ing)? cap|prepay(?:ment)? credits/i;
const keyWords = /API key (?:not valid|not found|expired)|API_KEY_INVALID/i;
/** The account, and not the request, is not what it should be. */
const accountWords = /billing|location is not supported/i;
const modelWords = /^models?\/(\S+) (?:is not found|is no longer available)/i;
const waitWords = /retry in ([\dhms.]+)s/i;

/** Words of a prompt that is longer than this may be why Gemini fails with 500 ("Troubleshooting": reduce your context). */
const LARGE_PROMPT_BYTES = 800_000;

/** Statuses of Google's errors by the types of OpenAI's, which tell what follows from them where no HTTP status does. */
const types: Readonly<Record<string, string>> = {
  RESOURCE_EXHAUSTED: 'rate_limit_error',
  UNAVAILABLE: 'overloaded_error',
  INVALID_ARGUMENT: 'invalid_request_error',
  FAILED_PRECONDITION: 'invalid_request_error',
  NOT_FOUND: 'invalid_request_error',
};

/** Fields of a request under their names in OpenAI's dialect. */
const fields: Readonly<Record<string, string>> = {
  max_output_tokens: 'max_tokens',
  temperature: 'temperature',
  top_p: 'top_p',
  top_k: 'top_k',
  stop_sequences: 'stop',
  response_json_schema: 'response_format',
  response_mime_type: 'response_format',
  thinking_config: 'reasoning_effort',
  frequency_penalty: 'frequency_penalty',
  presence_penalty: 'presence_penalty',
};
const fieldPattern = /generation_?config\.(\w+)/i;

/**
 * An error of Google's in OpenAI's shape, with what it says in the body and others in status and headers; undefined when it is
 * none. ("Troubleshooting", "Rate limits" and google.rpc's error details, read November 2026.)
 */
export function convertError(bodyText: string, status: number, requestBytes: number): TranslatedError | undefined {
  const error = findError(bodyText);
  if (!error) return undefined;
  const message = textOf(error['message']) ?? '';
  const body = { error: openAiError(error) };
  if (status === 400 && keyWords.test(`${message} ${reasonOf(error) ?? ''}`)) return { body, status: 401 };
  if (status === 400 && error['status'] === 'FAILED_PRECONDITION' && accountWords.test(message)) {
    return { body, status: 403 };
  }
  if (status === 500 && overflowWords.test(message)) return { body, status: 400 };
  const retryAfterMs = retryAfterOf(error, message);
  return {
    body,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === 500 && requestBytes > LARGE_PROMPT_BYTES ? { isPerhapsTheRequest: true } : {}),
  };
}

/** An error object of Google's in OpenAI's words. */
export function openAiError(error: JsonObject): JsonObject {
  const message = textOf(error['message']) ?? '';
  const status = textOf(error['status']) ?? '';
  const type = (Object.hasOwn(types, status) ? types[status] : undefined) ?? 'api_error';
  const ours = (code: string | null, words = message): JsonObject => ({ message: words, type, param: null, code });
  if (spendWords.test(message) || isDailyQuota(error)) return ours('insufficient_quota');
  const model = modelWords.exec(message)?.[1];
  if (model !== undefined) {
    return ours('model_not_found', `The model ${model} does not exist or Costlane's account has no access to it.`);
  }
  if (overflowWords.test(message)) return overflowError(message);
  const field = fieldPattern.exec(message)?.[1]?.toLowerCase() ?? '';
  return { ...ours(null), param: (Object.hasOwn(fields, field) ? fields[field] : undefined) ?? null };
}

/** Some answers come as a list with one error in it. */
function findError(bodyText: string): JsonObject | undefined {
  const json = parseObject(bodyText) ?? parseObject(bodyText.trim().replace(/^\[|\]$/g, ''));
  return json && isObject(json['error']) ? json['error'] : undefined;
}

const detailsOf = (error: JsonObject): JsonObject[] =>
  Array.isArray(error['details']) ? (error['details'] as unknown[]).filter(isObject) : [];

const reasonOf = (error: JsonObject): string | undefined =>
  detailsOf(error)
    .map(({ reason }) => textOf(reason))
    .find((reason) => reason !== undefined);

/** A quota of a day is not waited out. */
function isDailyQuota(error: JsonObject): boolean {
  return detailsOf(error).some(({ violations }) => {
    if (!Array.isArray(violations)) return false;
    return (violations as unknown[]).some((each) => isObject(each) && /PerDay/.test(textOf(each['quotaId']) ?? ''));
  });
}

/** `RetryInfo` of the details, else the words of the message. */
function retryAfterOf(error: JsonObject, message: string): number | undefined {
  const told = detailsOf(error)
    .map(({ retryDelay }) => textOf(retryDelay))
    .find((delay) => delay !== undefined);
  const words = told?.replace(/s$/, '') ?? waitWords.exec(message)?.[1];
  const [, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(\d+(?:\.\d+)?)$/.exec(words ?? '') ?? [];
  const waitMs = Math.ceil((Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000);
  return words === undefined || waitMs === 0 ? undefined : waitMs;
}
