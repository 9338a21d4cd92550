import {
  isObject,
  mapContent,
  mapField,
  mapItems,
  mapJson,
  mapJsonText,
  mapString,
  type JsonObject,
  type TextMapper,
} from './map-texts';
import { mapResult } from './openai-chat';

/**
 * Maps the texts of an OpenAI responses body: `instructions`, `input` (a string, or messages, calls of functions and their output),
 * variables of a stored prompt, `user`. Reasoning items are left alone (they are signed), as are images, files and tools' declarations.
 */
export function mapOpenAiResponses(body: JsonObject, mapper: TextMapper): JsonObject {
  const text = mapString(mapper);
  const content = mapContent(mapper, (part) => mapField(mapField(part, 'text', text), 'refusal', text));
  const item = (value: unknown): unknown => {
    if (!isObject(value) || value.type === 'reasoning') return value;
    let result = mapField(value, 'content', content);
    result = mapField(result, 'arguments', mapJsonText(mapper));
    result = mapField(result, 'output', mapResult(mapper, content));
    return value.type === 'custom_tool_call' ? mapField(result, 'input', text) : result;
  };
  let result = mapField(body, 'instructions', text);
  result = mapField(result, 'input', (input) => (typeof input === 'string' ? mapper(input) : mapItems(input, item)));
  result = mapField(result, 'prompt', (prompt) =>
    isObject(prompt) ? mapField(prompt, 'variables', (variables) => mapVariables(variables, mapper, text)) : prompt,
  );
  for (const field of ['user', 'safety_identifier']) result = mapField(result, field, text);
  return result;
}

function mapVariables(variables: unknown, mapper: TextMapper, text: (value: unknown) => unknown): unknown {
  if (!isObject(variables)) return variables;
  let result: JsonObject = variables;
  for (const key of Object.keys(variables))
    result = mapField(result, key, (value) =>
      isObject(value) ? mapField(value, 'text', text) : typeof value === 'string' ? mapJson(value, mapper, key) : value,
    );
  return result;
}
