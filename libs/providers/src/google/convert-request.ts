import { parseObject, type JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';
import { refuseUntranslated } from '../translation/untranslated-fields';
import { convertGeneration } from './convert-generation';
import { convertMessages } from './convert-messages';
import { convertTools } from './convert-tools';
import { geminiTraits } from './gemini-traits';
import { translatedFields, untranslatedFields } from './untranslated-fields';

export interface ConvertedRequest {
  /** Goes into the path. */
  readonly model: string;
  /** For `generateContent` and `streamGenerateContent`. */
  readonly body: JsonObject;
  /** The stream is to end with an event that has the usage. */
  readonly includeUsage: boolean;
}

/**
 * A chat completion request in OpenAI's dialect as a request of Gemini's generateContent. Nothing is dropped: what has no
 * translation is refused, unless its value asks for nothing.
 * @param upstreamModel where the body names no model
 * @throws CostlaneError `invalid_request` naming the field
 */
export function convertRequest(bodyBytes: Buffer, upstreamModel: string): ConvertedRequest {
  const body = parseObject(bodyBytes.toString('utf8'));
  if (!body) return refuse('body', 'the request must be a JSON object.');
  refuseUntranslated(body, translatedFields, untranslatedFields);
  const model = textAt(given(body, 'model') ?? upstreamModel, 'model').replace(/^models\//, '');
  if (model === '') refuse('model', 'must not be empty.');
  const traits = geminiTraits(model);
  const { system, contents } = convertMessages(body['messages'], traits);
  const generationConfig = convertGeneration(body, traits);
  const safety = given(body, 'safety_settings');
  return {
    model,
    body: {
      ...(system.length > 0 ? { systemInstruction: { parts: system } } : {}),
      contents,
      ...convertTools(body),
      ...(Object.keys(generationConfig).length > 0 ? { generationConfig } : {}),
      ...(safety === undefined ? {} : { safetySettings: listAt(safety, 'safety_settings') }),
      ...convertTier(body),
    },
    includeUsage: includesUsage(body),
  };
}

/** OpenAI's `default` is what Google does when nothing is said, as is `auto`. */
function convertTier(body: JsonObject): JsonObject {
  const tier = given(body, 'service_tier');
  if (tier === undefined || tier === 'auto' || tier === 'default') return {};
  if (tier === 'flex' || tier === 'priority') return { serviceTier: tier };
  return refuse('service_tier', 'must be auto, default, flex or priority for Gemini.');
}

const streamOptionKeys = new Set(['include_usage', 'include_obfuscation']);

function includesUsage(body: JsonObject): boolean {
  const value = given(body, 'stream_options');
  if (value === undefined) return false;
  const options = objectAt(value, 'stream_options');
  refuseUnknown(options, streamOptionKeys, 'stream_options');
  if (options['include_obfuscation'] === true) {
    refuse('stream_options.include_obfuscation', 'is not offered for Gemini.');
  }
  return options['include_usage'] === true;
}
