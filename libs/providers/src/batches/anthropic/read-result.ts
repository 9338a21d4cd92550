import { CostlaneError } from '@costlane/domain';
import { convertReply } from '../../anthropic/convert-reply';
import { convertError } from '../../anthropic/map-error';
import { isOverflown, isWholeMessage, messageFacts } from '../../anthropic/read-message';
import { finishReasonOf } from '../../anthropic/stop-reason';
import { isObject, parseObject, textOf, type JsonObject } from '../../openai-compatible/json-object';
import { mapErrorAnswer } from '../../openai-compatible/map-error';
import { overflowError } from '../../translation/overflow-error';
import { failedItem, itemUsage, unansweredItem } from '../item-outcome';
import type { BatchItemFailure, BatchItemResult, BatchItemSuccess, ResultOptions } from '../provider-batches';

export interface ResultContext extends Pick<ResultOptions, 'dialect' | 'requestBodyOf'> {
  readonly provider: string;
  readonly apiKey: string | undefined;
}

/** A line of the results; undefined for what is none. */
export function readResultLine(line: Buffer, context: ResultContext): BatchItemResult | undefined {
  const json = parseObject(line.toString('utf8'));
  const customId = json && textOf(json['custom_id']);
  const result = json?.['result'];
  if (customId === undefined || !isObject(result)) return undefined;
  const outcome = readOutcome(customId, result, context);
  return outcome && { customId, outcome };
}

function readOutcome(
  customId: string,
  result: JsonObject,
  context: ResultContext,
): BatchItemResult['outcome'] | undefined {
  switch (result['type']) {
    case 'succeeded':
      return isObject(result['message']) ? readAnswer(customId, result['message'], context) : undefined;
    case 'errored':
      return isObject(result['error']) ? readError(result['error'], context) : undefined;
    case 'expired':
      return unansweredItem('expired', context.provider);
    case 'canceled':
      return unansweredItem('cancelled', context.provider);
    default:
      return undefined;
  }
}

function readAnswer(customId: string, message: JsonObject, context: ResultContext): BatchItemResult['outcome'] {
  const isOwn = context.dialect !== 'openai.chat';
  const facts = messageFacts(message);
  const translated = isOwn ? undefined : convertReply(message, nowSeconds());
  if (!facts || !(isOwn || translated)) {
    const error = new CostlaneError('upstream_malformed', `${context.provider} sent an answer that is not valid.`);
    return failedItem({ error, isRetryable: true, status: 200 });
  }
  const { modelUsed, characters, stopReason } = facts;
  const used = itemUsage(facts.usage?.usage, characters, context.requestBodyOf?.(customId));
  if (isOverflown(facts)) return overflown(context, { ...used, modelUsed });
  return {
    ok: true,
    status: 200,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(translated ? { ...translated.body, service_tier: 'batch' } : message)),
    modelUsed,
    ...used,
    finishReason: stopReason === undefined ? undefined : finishReasonOf(stopReason),
    isCacheable: isWholeMessage(facts) && translated?.isWhole !== false,
    serviceTier: 'batch',
  };
}

/** Anthropic has answered, and is paid: what the client gets is the error that it knows for it. */
function overflown(
  { dialect }: ResultContext,
  used: Pick<BatchItemSuccess, 'usage' | 'usageSource' | 'modelUsed'>,
): BatchItemFailure {
  const error = overflowError('the answer did not fit any more.');
  const words = String(error['message']);
  const body =
    dialect === 'openai.chat' ? { error } : errorBody('invalid_request_error', `prompt is too long: ${words}`);
  return {
    ...failedItem({
      error: new CostlaneError('context_length_exceeded', words, { field: 'messages' }),
      isRetryable: false,
      status: 400,
      body: Buffer.from(JSON.stringify(body)),
    }),
    ...used,
  };
}

/** The status that an error of a type would have come with ("Errors", read November 2026). */
const statusByType: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** `{type: 'error', error: {type, message}}`, as an answer of its own would be. */
function readError(errorJson: JsonObject, { provider, apiKey, dialect }: ResultContext): BatchItemFailure {
  const inner = isObject(errorJson['error']) ? errorJson['error'] : errorJson;
  const type = textOf(inner['type']) ?? 'api_error';
  const status = Object.hasOwn(statusByType, type) ? statusByType[type] : 500;
  const converted = convertError(JSON.stringify({ error: inner })) ?? { error: inner };
  const body = Buffer.from(JSON.stringify(converted));
  const mapped = mapErrorAnswer({ provider, apiKey, status, body, nowMs: Date.now() });
  return failedItem({ ...mapped, status, body: dialect === 'openai.chat' ? mapped.body : ownWords(mapped.body) });
}

/** What the client is to see, in Anthropic's words again. */
function ownWords(body: Buffer | undefined): Buffer | undefined {
  const error = body && parseObject(body.toString('utf8'))?.['error'];
  if (!isObject(error)) return undefined;
  return Buffer.from(JSON.stringify(errorBody(textOf(error['type']) ?? 'api_error', textOf(error['message']) ?? '')));
}

const errorBody = (type: string, message: string): JsonObject => ({ type: 'error', error: { type, message } });

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
