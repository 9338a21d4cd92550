import type { JsonObject } from '../openai-compatible/json-object';
import { given, objectAt, refuse, refuseUnknown } from '../translation/refuse';

const plainKeys = new Set(['type']);
const formatKeys = new Set(['type', 'json_schema']);
const schemaKeys = new Set(['name', 'description', 'schema', 'strict']);

/** `response_format` of a request; empty where the answer may have any form. Cohere holds to a schema always, strict or not. */
export function convertFormat(value: unknown, hasTools: boolean): JsonObject {
  if (value === undefined) return {};
  const format = objectAt(value, 'response_format');
  const type = format['type'];
  if (type !== 'text' && type !== 'json_object' && type !== 'json_schema') {
    refuse('response_format.type', 'must be text, json_object or json_schema.');
  }
  refuseUnknown(format, type === 'json_schema' ? formatKeys : plainKeys, 'response_format');
  if (type === 'text') return {};
  if (hasTools) refuse('response_format', 'cannot be asked for together with tools for Cohere.');
  if (type === 'json_object') return { response_format: { type: 'json_object' } };
  const wish = objectAt(format['json_schema'], 'response_format.json_schema');
  refuseUnknown(wish, schemaKeys, 'response_format.json_schema');
  const schema = objectAt(wish['schema'], 'response_format.json_schema.schema');
  const description = given(wish, 'description');
  // The name is for the caller only; what describes the schema belongs into it.
  const described = description === undefined ? schema : { description, ...schema };
  return { response_format: { type: 'json_object', json_schema: described } };
}
