import {
  isObject,
  mapContent,
  mapField,
  mapItems,
  mapJson,
  mapString,
  type JsonObject,
  type TextMapper,
} from './map-texts';
import { mapResult } from './openai-chat';

/**
 * Maps the texts of an Anthropic messages body: `system`, text blocks, inputs of tools, their results, documents and search results in
 * plain text, `metadata.user_id`. Thinking blocks are left alone (they are signed), as are images, PDFs and tools' declarations.
 */
export function mapAnthropicMessages(body: JsonObject, mapper: TextMapper): JsonObject {
  const text = mapString(mapper);
  const block = (value: JsonObject): JsonObject => {
    switch (value.type) {
      case 'text':
        return mapField(value, 'text', text);
      case 'tool_use':
      case 'server_tool_use':
        return mapField(value, 'input', (input) => mapJson(input, mapper));
      case 'tool_result':
        return mapField(value, 'content', mapResult(mapper, content));
      case 'document':
        return mapDocument(value, text, content);
      case 'search_result':
        return mapField(mapField(value, 'title', text), 'content', content);
      default:
        return value;
    }
  };
  const content = mapContent(mapper, block);
  const message = (value: unknown): unknown => (isObject(value) ? mapField(value, 'content', content) : value);
  let result = mapField(body, 'system', content);
  result = mapField(result, 'messages', (messages) => mapItems(messages, message));
  return mapField(result, 'metadata', (value) => (isObject(value) ? mapField(value, 'user_id', text) : value));
}

function mapDocument(
  value: JsonObject,
  text: (value: unknown) => unknown,
  content: (value: unknown) => unknown,
): JsonObject {
  const result = mapField(mapField(value, 'title', text), 'context', text);
  return mapField(result, 'source', (source) => {
    if (!isObject(source)) return source;
    if (source.type === 'text') return mapField(source, 'data', text);
    return source.type === 'content' ? mapField(source, 'content', content) : source;
  });
}
