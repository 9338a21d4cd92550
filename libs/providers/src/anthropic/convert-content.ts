import type { JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';

const textKeys = new Set(['type', 'text', 'cache_control']);
const imageKeys = new Set(['type', 'image_url', 'cache_control']);
const imageUrlKeys = new Set(['url', 'detail']);
const fileKeys = new Set(['type', 'file', 'cache_control']);
const fileInnerKeys = new Set(['filename', 'file_data']);
const refusalKeys = new Set(['type', 'refusal']);

/** What Claude can look at ("Vision"). */
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const dataUrl = /^data:([a-z0-9.+/-]+);base64,(.*)$/is;

/** A message's content as blocks: a text, or a list of parts. Empty texts are left out, for Claude refuses them and they say nothing. */
export function convertContent(content: unknown, at: string): JsonObject[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const blocks: JsonObject[] = [];
  listAt(content, at).forEach((part, i) => {
    const block = convertPart(objectAt(part, `${at}[${i}]`), `${at}[${i}]`);
    if (block) blocks.push(block);
  });
  return blocks;
}

function convertPart(part: JsonObject, at: string): JsonObject | undefined {
  switch (part['type']) {
    case 'text': {
      refuseUnknown(part, textKeys, at);
      const text = textAt(part['text'], `${at}.text`);
      return text === '' ? undefined : marked({ type: 'text', text }, part);
    }
    case 'refusal': {
      // What an assistant said when it refused; Claude has no other word for it.
      refuseUnknown(part, refusalKeys, at);
      const text = textAt(part['refusal'], `${at}.refusal`);
      return text === '' ? undefined : { type: 'text', text };
    }
    case 'image_url':
      return convertImage(part, at);
    case 'file':
      return convertFile(part, at);
    default:
      return refuse(`${at}.type`, 'Claude takes parts of the types text, image_url and file (PDF) only.');
  }
}

function convertImage(part: JsonObject, at: string): JsonObject {
  refuseUnknown(part, imageKeys, at);
  const image = objectAt(part['image_url'], `${at}.image_url`);
  refuseUnknown(image, imageUrlKeys, `${at}.image_url`);
  if (given(image, 'detail') === 'low') {
    refuse(`${at}.image_url.detail`, 'Claude always sees an image whole, at full price; say auto, or leave it out.');
  }
  const url = textAt(image['url'], `${at}.image_url.url`);
  if (/^https:\/\//i.test(url)) return marked({ type: 'image', source: { type: 'url', url } }, part);
  const [, mediaType, data] = dataUrl.exec(url) ?? [];
  if (mediaType === undefined || !imageTypes.has(mediaType.toLowerCase())) {
    refuse(
      `${at}.image_url.url`,
      'must be an https URL, or a data URL in base64 of a JPEG, PNG, GIF or WebP image, for Claude to see it.',
    );
  }
  return marked({ type: 'image', source: { type: 'base64', media_type: mediaType.toLowerCase(), data } }, part);
}

function convertFile(part: JsonObject, at: string): JsonObject {
  refuseUnknown(part, fileKeys, at);
  const file = objectAt(part['file'], `${at}.file`);
  if (given(file, 'file_id') !== undefined) {
    refuse(`${at}.file.file_id`, 'names a file at OpenAI, which Claude cannot read; send it as file_data.');
  }
  refuseUnknown(file, fileInnerKeys, `${at}.file`);
  const [, mediaType, data] = dataUrl.exec(textAt(file['file_data'], `${at}.file.file_data`)) ?? [];
  if (mediaType?.toLowerCase() !== 'application/pdf') {
    refuse(`${at}.file.file_data`, 'must be a data URL in base64 of a PDF (data:application/pdf;base64,…) for Claude.');
  }
  const title = given(file, 'filename');
  const source = { type: 'base64', media_type: 'application/pdf', data };
  return marked({ type: 'document', source, ...(title === undefined ? {} : { title }) }, part);
}

/** `cache_control` on a part is Anthropic's own, and many clients that speak OpenAI's format set it. */
export function marked(block: JsonObject, part: JsonObject): JsonObject {
  const control = given(part, 'cache_control');
  return control === undefined ? block : { ...block, cache_control: control };
}
