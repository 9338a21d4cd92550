import { CostlaneError } from '@costlane/domain';
import { isObject, parseObject, textOf, type JsonObject } from '../../openai-compatible/json-object';
import { mapErrorAnswer } from '../../openai-compatible/map-error';
import { failedItem, itemUsage, unansweredItem } from '../item-outcome';
import type { BatchItemResult, ResultOptions } from '../provider-batches';
import { endpointOf } from './endpoints';

export interface ResultContext extends Pick<ResultOptions, 'dialect' | 'requestBodyOf'> {
  readonly provider: string;
  readonly apiKey: string | undefined;
}

/** A line of an output or an error file; undefined for what is none. */
export function readResultLine(line: Buffer, context: ResultContext): BatchItemResult | undefined {
  const json = parseObject(line.toString('utf8'));
  const customId = json && textOf(json['custom_id']);
  if (!json || customId === undefined) return undefined;
  const { response, error } = json;
  if (isObject(response)) return { customId, outcome: readAnswer(customId, response, context) };
  return isObject(error) ? { customId, outcome: readError(error, context) } : undefined;
}

/** Of requests that were sent: of others only the error beside the response speaks. */
function readAnswer(customId: string, response: JsonObject, context: ResultContext): BatchItemResult['outcome'] {
  const { provider, apiKey } = context;
  const status = typeof response['status_code'] === 'number' ? response['status_code'] : 200;
  const body = Buffer.from(JSON.stringify(response['body'] ?? null));
  const isGood = status >= 200 && status < 300;
  const read = isGood ? endpointOf(context.dialect).readBody(body) : undefined;
  if (read?.kind === 'completion') {
    const { usage, modelUsed, finishReason, characters, isWhole } = read.facts;
    return {
      ok: true,
      status,
      contentType: 'application/json',
      body,
      modelUsed,
      ...itemUsage(usage, characters, context.requestBodyOf?.(customId)),
      finishReason,
      isCacheable: isWhole,
      serviceTier: 'batch',
    };
  }
  if (read?.kind === 'malformed') {
    const words = `${provider} sent an answer that is not valid.`;
    return failedItem({ error: new CostlaneError('upstream_malformed', words), isRetryable: true, status });
  }
  const nowMs = Date.now();
  return failedItem({
    ...mapErrorAnswer({ provider, apiKey, body, nowMs, status: isGood ? undefined : status }),
    status,
  });
}

function readError(error: JsonObject, { provider, apiKey }: ResultContext): BatchItemResult['outcome'] {
  const code = textOf(error['code']);
  if (code === 'batch_expired') return unansweredItem('expired', provider);
  if (code === 'batch_cancelled') return unansweredItem('cancelled', provider);
  const body = Buffer.from(JSON.stringify({ error }));
  // Something went wrong on their side before there was an answer; the body is not one that a client would know.
  return failedItem({
    ...mapErrorAnswer({ provider, apiKey, body, nowMs: Date.now(), status: undefined }),
    body: undefined,
  });
}
