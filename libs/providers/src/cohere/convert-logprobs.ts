import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';

/**
 * Cohere's log probabilities (`{text, token_ids, logprobs}` for each piece of text) in OpenAI's form. A piece of several tokens
 * cannot be told apart: it stands as one, with the probability of the whole. Undefined where there are none.
 */
export function convertLogprobs(value: unknown): JsonObject | undefined {
  const items = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isObject);
  const content = items.flatMap((item) => {
    const token = textOf(item['text']);
    const logprobs = Array.isArray(item['logprobs']) ? (item['logprobs'] as unknown[]) : [];
    const numbers = logprobs.filter((each) => typeof each === 'number');
    if (token === undefined || numbers.length === 0) return [];
    const logprob = numbers.reduce((sum, each) => sum + each, 0);
    return [{ token, logprob, bytes: [...Buffer.from(token)], top_logprobs: [] }];
  });
  return content.length > 0 ? { content, refusal: null } : undefined;
}
