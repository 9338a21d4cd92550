import {
  isObject,
  mapContent,
  mapField,
  mapItems,
  mapJsonText,
  mapString,
  type JsonObject,
  type TextMapper,
} from './map-texts';

/**
 * Maps the texts of an OpenAI chat (or text completion) body: contents, refusals, names, arguments of tool calls, results, a predicted
 * answer, `prompt` and `user`. Images, sound, files and the declarations of tools are not looked at.
 */
export function mapOpenAiChat(body: JsonObject, mapper: TextMapper): JsonObject {
  const text = mapString(mapper);
  const content = mapContent(mapper, (part) => mapField(mapField(part, 'text', text), 'refusal', text));
  const toolCall = (call: unknown): unknown => {
    if (!isObject(call)) return call;
    const withFunction = mapField(call, 'function', mapFunctionCall);
    return mapField(withFunction, 'custom', (custom) => (isObject(custom) ? mapField(custom, 'input', text) : custom));
  };
  const mapFunctionCall = (called: unknown): unknown =>
    isObject(called) ? mapField(called, 'arguments', mapJsonText(mapper)) : called;
  const message = (value: unknown): unknown => {
    if (!isObject(value)) return value;
    let result = mapField(
      value,
      'content',
      value.role === 'tool' || value.role === 'function' ? mapResult(mapper, content) : content,
    );
    result = mapField(result, 'refusal', text);
    // The name of a function is structure, that of a person is not.
    if (value.role !== 'tool' && value.role !== 'function') result = mapField(result, 'name', text);
    result = mapField(result, 'tool_calls', (calls) => mapItems(calls, toolCall));
    return mapField(result, 'function_call', mapFunctionCall);
  };
  let result = mapField(body, 'messages', (messages) => mapItems(messages, message));
  result = mapField(result, 'prompt', (prompt) =>
    typeof prompt === 'string' ? mapper(prompt) : mapItems(prompt, text),
  );
  result = mapField(result, 'prediction', (value) => (isObject(value) ? mapField(value, 'content', content) : value));
  for (const field of ['user', 'safety_identifier']) result = mapField(result, field, text);
  return result;
}

/** A tool's result is often JSON: its fields' names tell what the values are. */
export const mapResult =
  (mapper: TextMapper, content: (value: unknown) => unknown) =>
  (value: unknown): unknown =>
    typeof value === 'string' && /^\s*[[{]/.test(value) ? mapJsonText(mapper)(value) : content(value);
