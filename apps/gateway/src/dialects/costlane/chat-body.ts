import type { InferenceInput } from './request-schema';

/**
 * The same question as a chat completion request, so that both doors share the road and the cache. Quality, task type and
 * metadata steer the gateway and do not reach the provider.
 */
export function chatBody(input: InferenceInput, isStreamed: boolean): Buffer {
  const { prompt, messages, max_tokens, temperature, preferred_model: model } = input;
  return Buffer.from(
    JSON.stringify({
      model,
      messages: messages ?? [{ role: 'user', content: prompt }],
      max_tokens,
      temperature,
      ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
    }),
  );
}
