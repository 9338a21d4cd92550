import type { JsonObject } from '../openai-compatible/json-object';
import { given, listAt, refuse, textAt } from '../translation/refuse';

/** As many as Cohere takes ("Chat", `stop_sequences`). */
const MAX_STOPS = 5;
/** `p` ends there ("Chat"): the closest that Cohere comes to OpenAI's 1, which cuts nothing off. */
const HIGHEST_P = 0.99;
const MAX_K = 500;
const safetyModes = ['CONTEXTUAL', 'STRICT', 'OFF'];

/** Limits, sampling, stops and log probabilities of a request; empty where nothing is asked for. */
export function convertSettings(body: JsonObject): JsonObject {
  const topP = numberIn(body, 'top_p', 0.01, 1);
  const settings = {
    max_tokens: maxTokensOf(body),
    temperature: numberIn(body, 'temperature', 0, 1),
    p: topP === undefined ? undefined : Math.min(topP, HIGHEST_P),
    k: wholeIn(body, 'top_k', 0, MAX_K),
    seed: wholeIn(body, 'seed', 0, Number.MAX_SAFE_INTEGER),
    // Zero asks for nothing, and some models take only one of the two.
    frequency_penalty: numberIn(body, 'frequency_penalty', 0, 1) || undefined,
    presence_penalty: numberIn(body, 'presence_penalty', 0, 1) || undefined,
    stop_sequences: stopsOf(given(body, 'stop')),
    logprobs: logprobsOf(given(body, 'logprobs')),
    safety_mode: safetyModeOf(given(body, 'safety_mode')),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function maxTokensOf(body: JsonObject): number | undefined {
  const newer = given(body, 'max_completion_tokens');
  const older = given(body, 'max_tokens');
  if (newer !== undefined && older !== undefined && newer !== older) {
    refuse('max_tokens', 'differs from max_completion_tokens; set one of them.');
  }
  return wholeIn(body, newer === undefined ? 'max_tokens' : 'max_completion_tokens', 1, Number.MAX_SAFE_INTEGER);
}

function numberIn(body: JsonObject, field: string, least: number, most: number): number | undefined {
  const value = given(body, field);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  return refuse(field, `must be a number from ${least} to ${most} for Cohere.`);
}

function wholeIn(body: JsonObject, field: string, least: number, most: number): number | undefined {
  const value = given(body, field);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return refuse(field, `must be a whole number ${range} for Cohere.`);
}

function stopsOf(stop: unknown): string[] | undefined {
  if (stop === undefined) return undefined;
  const sequences = (typeof stop === 'string' ? [stop] : listAt(stop, 'stop')).map((each) => textAt(each, 'stop'));
  if (sequences.includes('')) refuse('stop', 'must not have an empty sequence for Cohere.');
  if (sequences.length > MAX_STOPS) refuse('stop', `can have ${MAX_STOPS} sequences at most for Cohere.`);
  return sequences.length > 0 ? sequences : undefined;
}

function logprobsOf(value: unknown): true | undefined {
  if (value === undefined || value === false) return undefined;
  return value === true ? true : refuse('logprobs', 'must be true or false.');
}

function safetyModeOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && safetyModes.includes(value)) return value;
  return refuse('safety_mode', `must be one of ${safetyModes.join(', ')}.`);
}
