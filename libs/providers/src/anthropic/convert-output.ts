import type { JsonObject } from '../openai-compatible/json-object';
import type { ClaudeTraits } from './claude-traits';
import { given, objectAt, refuse, refuseUnknown } from '../translation/refuse';

/** `output_config`: how hard to try, and the schema that `response_format` asks for. */
export function convertOutput(body: JsonObject, traits: ClaudeTraits, effort: string | undefined): JsonObject {
  const own = given(body, 'output_config');
  const format = convertFormat(given(body, 'response_format'), traits);
  if (own !== undefined) {
    if (format || effort) refuse('output_config', 'cannot be set beside response_format or reasoning_effort.');
    return { output_config: objectAt(own, 'output_config') };
  }
  if (!format && !effort) return {};
  return { output_config: { ...(effort ? { effort } : {}), ...(format ? { format } : {}) } };
}

const formatKeys = new Set(['type', 'json_schema']);
const schemaKeys = new Set(['name', 'description', 'schema', 'strict']);

function convertFormat(value: unknown, traits: ClaudeTraits): JsonObject | undefined {
  if (value === undefined) return undefined;
  const format = objectAt(value, 'response_format');
  if (format['type'] === 'text') return undefined;
  if (format['type'] !== 'json_schema') {
    refuse('response_format.type', 'Claude cannot be held to JSON without a schema; use json_schema.');
  }
  if (!traits.hasStructuredOutputs) {
    refuse('response_format', 'this model cannot be held to a schema; Claude 4.5 and later can.');
  }
  refuseUnknown(format, formatKeys, 'response_format');
  const wish = objectAt(format['json_schema'], 'response_format.json_schema');
  refuseUnknown(wish, schemaKeys, 'response_format.json_schema');
  const schema = objectAt(wish['schema'], 'response_format.json_schema.schema');
  const description = given(wish, 'description');
  // The name is for the caller only; what describes the schema belongs into it.
  return { type: 'json_schema', schema: description === undefined ? schema : { description, ...schema } };
}
