import type { JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';

const textKeys = new Set(['type', 'text']);
const imageKeys = new Set(['type', 'image_url']);
const imageUrlKeys = new Set(['url', 'detail']);
const refusalKeys = new Set(['type', 'refusal']);
const details = ['auto', 'low', 'high'];
const imageUrl = /^(?:https?:\/\/|data:image\/(?:png|jpeg|webp|gif);base64,)/i;

/** A message's content as parts: a text, or a list of parts. Empty texts are left out, for Cohere refuses them and they say nothing. */
export function convertParts(content: unknown, at: string): JsonObject[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return listAt(content, at).flatMap((part, i) => {
    const converted = convertPart(objectAt(part, `${at}[${i}]`), `${at}[${i}]`);
    return converted ? [converted] : [];
  });
}

/** The text of a content that can have no other parts. */
export function textOfParts(content: unknown, at: string): string {
  const parts = convertParts(content, at);
  if (parts.some(({ type }) => type !== 'text')) refuse(at, 'can have text only for Cohere.');
  return parts.map(({ text }) => String(text)).join('');
}

function convertPart(part: JsonObject, at: string): JsonObject | undefined {
  switch (part['type']) {
    case 'text':
      refuseUnknown(part, textKeys, at);
      return textPart(part['text'], `${at}.text`);
    case 'refusal':
      // What an assistant said when it refused; Cohere has no other word for it.
      refuseUnknown(part, refusalKeys, at);
      return textPart(part['refusal'], `${at}.refusal`);
    case 'image_url':
      return convertImage(part, at);
    default:
      return refuse(`${at}.type`, 'Cohere takes parts of the types text and image_url only.');
  }
}

function textPart(value: unknown, at: string): JsonObject | undefined {
  const text = textAt(value, at);
  return text === '' ? undefined : { type: 'text', text };
}

function convertImage(part: JsonObject, at: string): JsonObject {
  refuseUnknown(part, imageKeys, at);
  const image = objectAt(part['image_url'], `${at}.image_url`);
  refuseUnknown(image, imageUrlKeys, `${at}.image_url`);
  const url = textAt(image['url'], `${at}.image_url.url`);
  if (!imageUrl.test(url)) {
    refuse(
      `${at}.image_url.url`,
      'must be a web URL, or a data URL in base64 of a PNG, JPEG, WebP or GIF image, for Cohere to see it.',
    );
  }
  const detail = given(image, 'detail');
  if (detail === undefined) return { type: 'image_url', image_url: { url } };
  if (typeof detail !== 'string' || !details.includes(detail)) {
    refuse(`${at}.image_url.detail`, `must be one of ${details.join(', ')}.`);
  }
  return { type: 'image_url', image_url: { url, detail } };
}
