import { given, listAt, objectAt, refuseField, refuseUnknown, textAt, type JsonObject } from './refuse-field';

const textKeys = new Set(['type', 'text', 'cache_control', 'citations']);
const imageKeys = new Set(['type', 'source', 'cache_control']);

/** Why a block of another type cannot be said to a model that is not Claude. */
const blockReasons: Readonly<Record<string, string>> = {
  document: 'documents and PDFs can be read by Claude models only; send the text, or ask a Claude model.',
  search_result: 'search results with citations are Anthropic’s own; send their text.',
  container_upload: 'containers run at Anthropic only.',
  server_tool_use: 'Anthropic’s own tools were used before: only a Claude model can go on from there.',
  tool_result: 'results of tools belong into a message of the user.',
  tool_use: 'calls of tools belong into a message of the assistant.',
};

/**
 * Content as a chat message has it: a text where it is one, else a list of parts. Undefined when there is nothing in it.
 * @param kind `text`: nothing but text may be in it
 * @param offset index of the first block in its message, for the names of fields
 */
export function toChatContent(
  content: unknown,
  at: string,
  kind: 'text' | 'any',
  offset = 0,
): string | JsonObject[] | undefined {
  if (typeof content === 'string') return content;
  const parts: JsonObject[] = [];
  listAt(content, at).forEach((value, i) => {
    const field = `${at}[${i + offset}]`;
    const block = objectAt(value, field);
    if (block['type'] === 'text') parts.push(textPart(block, field));
    else if (block['type'] === 'image' && kind === 'any') parts.push(imagePart(block, field));
    else refuseBlock(block, field);
  });
  const [only] = parts;
  if (parts.length === 1 && only?.['type'] === 'text') return only['text'] as string;
  return parts.length > 0 ? parts : undefined;
}

/** What a tool gave back, as text: a chat's message of a tool has no images. */
export function toToolText(content: unknown, at: string): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return content;
  const texts = listAt(content, at).map((value, i) => {
    const block = objectAt(value, `${at}[${i}]`);
    if (block['type'] === 'text') return textPart(block, `${at}[${i}]`).text;
    if (block['type'] !== 'image') return refuseBlock(block, `${at}[${i}]`);
    return refuseField(
      `${at}[${i}]`,
      'a tool can give back text only to this model; send the image in a message of the user.',
    );
  });
  return texts.join('\n');
}

function refuseBlock(block: JsonObject, field: string): never {
  const type = textAt(block['type'], `${field}.type`);
  const why = Object.hasOwn(blockReasons, type) ? blockReasons[type] : undefined;
  refuseField(
    field,
    why ?? `a block of the type ${type.slice(0, 64)} has no translation for the provider of this model.`,
  );
}

function textPart(block: JsonObject, at: string): { type: 'text'; text: string } {
  refuseUnknown(block, textKeys, at);
  const citations = given(block, 'citations');
  if (Array.isArray(citations) && citations.length > 0)
    refuseField(`${at}.citations`, 'citations are Anthropic’s own; leave them out.');
  return { type: 'text', text: textAt(block['text'], `${at}.text`) };
}

function imagePart(block: JsonObject, at: string): JsonObject {
  refuseUnknown(block, imageKeys, at);
  const source = objectAt(block['source'], `${at}.source`);
  if (source['type'] === 'url')
    return { type: 'image_url', image_url: { url: textAt(source['url'], `${at}.source.url`) } };
  if (source['type'] !== 'base64') {
    refuseField(
      `${at}.source.type`,
      'must be base64 or url: files are kept at Anthropic, where this model cannot read them.',
    );
  }
  const mediaType = textAt(source['media_type'], `${at}.source.media_type`);
  const data = textAt(source['data'], `${at}.source.data`);
  return { type: 'image_url', image_url: { url: `data:${mediaType};base64,${data}` } };
}
