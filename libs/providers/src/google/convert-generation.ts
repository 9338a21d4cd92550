import type { JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';
import type { GeminiTraits } from './gemini-traits';

/** As many as Gemini takes ("GenerationConfig"). */
const MAX_STOPS = 5;

/** Budgets in tokens for models that take no words, as in Google's own OpenAI dialect ("OpenAI compatibility"). */
const budgets: Readonly<Record<string, number>> = { minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 };

/** `generationConfig` of a request: limits, sampling, the form of the answer, thinking. Empty where nothing is asked for. */
export function convertGeneration(body: JsonObject, traits: GeminiTraits): JsonObject {
  const maxTokens = maxTokensOf(body);
  const thinkingConfig = convertThinking(given(body, 'reasoning_effort'), traits);
  return {
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...convertSampling(body, traits),
    ...convertStop(body),
    ...convertFormat(given(body, 'response_format')),
    ...(thinkingConfig ? { thinkingConfig } : {}),
  };
}

function maxTokensOf(body: JsonObject): number | undefined {
  const newer = given(body, 'max_completion_tokens');
  const older = given(body, 'max_tokens');
  if (newer !== undefined && older !== undefined && newer !== older) {
    refuse('max_tokens', 'differs from max_completion_tokens; set one of them.');
  }
  const limit = newer ?? older;
  if (limit === undefined) return undefined;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit > 0) return limit;
  return refuse(newer === undefined ? 'max_tokens' : 'max_completion_tokens', 'must be a whole number above 0.');
}

function convertSampling(body: JsonObject, traits: GeminiTraits): JsonObject {
  const sampling = {
    temperature: numberIn(body, 'temperature', 0, 2),
    topP: numberIn(body, 'top_p', 0, 1),
    topK: numberIn(body, 'top_k', 1, Infinity),
  };
  if (!traits.takesSampling) {
    // 1 is OpenAI's default; any other value asks for something that would not be done.
    if (![undefined, 1].includes(sampling.temperature)) refuse('temperature', 'this model takes none; leave it out.');
    if (![undefined, 1].includes(sampling.topP)) refuse('top_p', 'this model takes none; leave it out.');
    if (sampling.topK !== undefined) refuse('top_k', 'this model takes none; leave it out.');
  }
  const seed = numberIn(body, 'seed', -Infinity, Infinity);
  const penalties = {
    frequencyPenalty: numberIn(body, 'frequency_penalty', -2, 2) || undefined,
    presencePenalty: numberIn(body, 'presence_penalty', -2, 2) || undefined,
  };
  const wanted = { ...(traits.takesSampling ? sampling : {}), ...penalties, seed };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

function numberIn(body: JsonObject, field: string, least: number, most: number): number | undefined {
  const value = given(body, field);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  const range = most === Infinity ? '' : ` from ${least} to ${most}`;
  return refuse(field, `must be a number${range} for Gemini.`);
}

function convertStop(body: JsonObject): JsonObject {
  const stop = given(body, 'stop');
  if (stop === undefined) return {};
  const sequences = (typeof stop === 'string' ? [stop] : listAt(stop, 'stop')).map((each) => textAt(each, 'stop'));
  if (sequences.includes('')) refuse('stop', 'must not have an empty sequence for Gemini.');
  if (sequences.length > MAX_STOPS) refuse('stop', `can have ${MAX_STOPS} sequences at most for Gemini.`);
  return sequences.length > 0 ? { stopSequences: sequences } : {};
}

const formatKeys = new Set(['type', 'json_schema']);
const schemaKeys = new Set(['name', 'description', 'schema', 'strict']);
const json = { responseMimeType: 'application/json' };

function convertFormat(value: unknown): JsonObject {
  if (value === undefined) return {};
  const format = objectAt(value, 'response_format');
  if (format['type'] === 'text') return {};
  if (format['type'] === 'json_object') return json;
  if (format['type'] !== 'json_schema') {
    refuse('response_format.type', 'must be text, json_object or json_schema.');
  }
  refuseUnknown(format, formatKeys, 'response_format');
  const wish = objectAt(format['json_schema'], 'response_format.json_schema');
  refuseUnknown(wish, schemaKeys, 'response_format.json_schema');
  const schema = objectAt(wish['schema'], 'response_format.json_schema.schema');
  const description = given(wish, 'description');
  // The name is for the caller only; what describes the schema belongs into it.
  return { ...json, responseJsonSchema: description === undefined ? schema : { description, ...schema } };
}

/** `reasoning_effort` as a level or a budget; what the model thinks is then given out in summary, which costs nothing more. */
function convertThinking(effort: unknown, traits: GeminiTraits): JsonObject | undefined {
  if (effort === undefined) return undefined;
  if (effort === 'none') {
    if (traits.thinking === 'none') return undefined;
    if (!traits.canStopThinking) {
      refuse('reasoning_effort', `this model always reasons; ${traits.levels[0] ?? 'low'} is the least.`);
    }
    return { thinkingBudget: 0 };
  }
  const budget = typeof effort === 'string' && Object.hasOwn(budgets, effort) ? budgets[effort] : undefined;
  if (typeof effort !== 'string' || budget === undefined) {
    refuse('reasoning_effort', `must be one of none, ${Object.keys(budgets).join(', ')} for Gemini.`);
  }
  if (traits.thinking === 'none') refuse('reasoning_effort', 'this model does not reason; leave it out, or say none.');
  if (traits.thinking === 'budget') return { thinkingBudget: budget, includeThoughts: true };
  if (!traits.levels.includes(effort)) {
    refuse('reasoning_effort', `this model knows the efforts ${traits.levels.join(', ')} only.`);
  }
  return { thinkingLevel: effort, includeThoughts: true };
}
