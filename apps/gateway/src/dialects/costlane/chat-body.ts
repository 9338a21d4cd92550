import type { InferenceInput } from './request-schema';

type LimitField = 'max_tokens' | 'max_completion_tokens';

/**
 * The same question as a chat completion request, so that both doors share the road and the cache. Quality, task type and
 * metadata steer the gateway and do not reach the provider.
 */
export function chatBody(input: InferenceInput, isStreamed: boolean, limitField: LimitField = 'max_tokens'): Buffer {
  const { prompt, messages, max_tokens: maxTokens, temperature, preferred_model: model } = input;
  return Buffer.from(
    JSON.stringify({
      model,
      messages: messages ?? [{ role: 'user', content: prompt }],
      [limitField]: maxTokens,
      temperature,
      ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
    }),
  );
}

const REASONING_MODEL = /^(o\d|gpt-5)/;

/**
 * OpenAI's reasoning models refuse `max_tokens` (API reference of chat completions: "not compatible with o-series models"), while older
 * compatible servers pass over `max_completion_tokens`, and with it the limit.
 */
export const limitFieldFor = (upstreamModel: string): LimitField =>
  REASONING_MODEL.test(upstreamModel) ? 'max_completion_tokens' : 'max_tokens';
