import { parseObject, type JsonObject } from '../openai-compatible/json-object';
import { claudeTraits, type ClaudeTraits } from './claude-traits';
import { convertMessages } from './convert-messages';
import { convertOutput } from './convert-output';
import { convertThinking, refuseBesideThinking } from './convert-thinking';
import { convertTools } from './convert-tools';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';
import { refuseUntranslated } from '../translation/untranslated-fields';
import { translatedFields, untranslatedFields } from './untranslated-fields';

export interface ConvertedRequest {
  /** For `POST /v1/messages`. */
  readonly body: JsonObject;
  /** The stream is to end with an event that has the usage. */
  readonly includeUsage: boolean;
}

/**
 * A chat completion request in OpenAI's dialect as a request of Anthropic's Messages API. Nothing is dropped: what has no
 * translation is refused, unless its value asks for nothing.
 * @param upstreamModel where the body names no model
 * @throws CostlaneError `invalid_request` naming the field
 */
export function convertRequest(bodyBytes: Buffer, upstreamModel: string): ConvertedRequest {
  const body = parseObject(bodyBytes.toString('utf8'));
  if (!body) return refuse('body', 'the request must be a JSON object.');
  refuseUntranslated(body, translatedFields, untranslatedFields);
  const model = textAt(given(body, 'model') ?? upstreamModel, 'model');
  const traits = claudeTraits(model);
  const maxTokens = maxTokensOf(body, traits);
  const { system, messages } = convertMessages(body['messages']);
  const thinking = convertThinking(body, traits, maxTokens);
  refuseBesideThinking(thinking.thinking, body, messages);
  const userId = given(body, 'safety_identifier') ?? given(body, 'user');
  const cacheControl = given(body, 'cache_control');
  return {
    body: {
      model,
      max_tokens: maxTokens,
      ...(system.length > 0 ? { system } : {}),
      messages,
      ...convertTools(body, traits),
      ...convertSampling(body, traits),
      ...convertStop(body),
      ...(thinking.thinking ? { thinking: thinking.thinking } : {}),
      ...convertOutput(body, traits, thinking.effort),
      ...convertTier(body),
      ...(userId === undefined ? {} : { metadata: { user_id: textAt(userId, 'user') } }),
      ...(cacheControl === undefined ? {} : { cache_control: cacheControl }),
      ...(body['stream'] === true ? { stream: true } : {}),
    },
    includeUsage: includesUsage(body),
  };
}

/**
 * Claude wants a limit, OpenAI does not: without one the model's own holds, as there. Anthropic's rate limits count what
 * was answered and not what might have been, so that a high limit costs nothing.
 */
function maxTokensOf(body: JsonObject, traits: ClaudeTraits): number {
  const newer = given(body, 'max_completion_tokens');
  const older = given(body, 'max_tokens');
  if (newer !== undefined && older !== undefined && newer !== older) {
    refuse('max_tokens', 'differs from max_completion_tokens; set one of them.');
  }
  const limit = newer ?? older ?? traits.maxOutputTokens;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit > 0) return limit;
  return refuse(newer === undefined ? 'max_tokens' : 'max_completion_tokens', 'must be a whole number above 0.');
}

function convertSampling(body: JsonObject, traits: ClaudeTraits): JsonObject {
  // 1 is the default of both, here as there, and newer models take nothing else.
  const temperature = given(body, 'temperature') === 1 ? undefined : given(body, 'temperature');
  const topP = given(body, 'top_p') === 1 ? undefined : given(body, 'top_p');
  const topK = given(body, 'top_k');
  for (const [field, value] of Object.entries({ temperature, top_p: topP, top_k: topK })) {
    if (value === undefined) continue;
    if (!traits.takesSampling) refuse(field, 'this model takes none; leave it out.');
    if (typeof value !== 'number' || value < 0) refuse(field, 'must be a number, 0 or more.');
    if (field !== 'top_k' && value > 1) refuse(field, 'must be 0 to 1 for Claude.');
  }
  if (temperature !== undefined && topP !== undefined && !traits.takesBothSamplers) {
    refuse('top_p', 'this model takes temperature or top_p, not both.');
  }
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
  };
}

function convertStop(body: JsonObject): JsonObject {
  const stop = given(body, 'stop');
  if (stop === undefined) return {};
  const sequences = (typeof stop === 'string' ? [stop] : listAt(stop, 'stop')).map((each) => textAt(each, 'stop'));
  if (sequences.some((each) => each.trim() === '')) {
    refuse('stop', 'each sequence must have something else than white space in it for Claude.');
  }
  return sequences.length > 0 ? { stop_sequences: sequences } : {};
}

/** OpenAI's `default` is Anthropic's `standard_only`; `auto` takes the priority that was bought, which is the default. */
function convertTier(body: JsonObject): JsonObject {
  const tier = given(body, 'service_tier');
  if (tier === undefined || tier === 'auto') return {};
  if (tier === 'default' || tier === 'standard_only') return { service_tier: 'standard_only' };
  return refuse('service_tier', 'must be auto or default for Claude.');
}

const streamOptionKeys = new Set(['include_usage', 'include_obfuscation']);

function includesUsage(body: JsonObject): boolean {
  const value = given(body, 'stream_options');
  if (value === undefined) return false;
  const options = objectAt(value, 'stream_options');
  refuseUnknown(options, streamOptionKeys, 'stream_options');
  if (options['include_obfuscation'] === true)
    refuse('stream_options.include_obfuscation', 'is not offered for Claude.');
  return options['include_usage'] === true;
}
