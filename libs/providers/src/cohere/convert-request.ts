import { parseObject, type JsonObject } from '../openai-compatible/json-object';
import { given, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';
import { refuseUntranslated } from '../translation/untranslated-fields';
import { commandTraits } from './command-traits';
import { convertFormat } from './convert-format';
import { convertMessages } from './convert-messages';
import { convertSettings } from './convert-settings';
import { convertThinking } from './convert-thinking';
import { convertTools } from './convert-tools';
import { translatedFields, untranslatedFields } from './untranslated-fields';

export interface ConvertedRequest {
  /** For `POST /v2/chat`. */
  readonly body: JsonObject;
  /** The stream is to end with an event that has the usage. */
  readonly includeUsage: boolean;
}

/**
 * A chat completion request in OpenAI's dialect as a request of Cohere's Chat API (v2). Nothing is dropped: what has no
 * translation is refused, unless its value asks for nothing.
 * @param upstreamModel where the body names no model
 * @throws CostlaneError `invalid_request` naming the field
 */
export function convertRequest(bodyBytes: Buffer, upstreamModel: string, isStream: boolean): ConvertedRequest {
  const body = parseObject(bodyBytes.toString('utf8'));
  if (!body) return refuse('body', 'the request must be a JSON object.');
  refuseUntranslated(body, translatedFields, untranslatedFields);
  const model = textAt(given(body, 'model') ?? upstreamModel, 'model').replace(/^cohere\//, '');
  if (model === '') refuse('model', 'must not be empty.');
  const traits = commandTraits(model);
  const tools = convertTools(body);
  const format = convertFormat(given(body, 'response_format'), 'tools' in tools);
  return {
    body: {
      model,
      stream: isStream,
      messages: convertMessages(body['messages'], traits),
      ...tools,
      ...format,
      ...convertSettings(body),
      ...convertThinking(body, traits),
    },
    includeUsage: includesUsage(body),
  };
}

const streamOptionKeys = new Set(['include_usage', 'include_obfuscation']);

function includesUsage(body: JsonObject): boolean {
  const value = given(body, 'stream_options');
  if (value === undefined) return false;
  const options = objectAt(value, 'stream_options');
  refuseUnknown(options, streamOptionKeys, 'stream_options');
  if (options['include_obfuscation'] === true) {
    refuse('stream_options.include_obfuscation', 'is not offered for Cohere.');
  }
  return options['include_usage'] === true;
}
