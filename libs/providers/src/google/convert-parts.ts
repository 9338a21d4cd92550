import type { JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';

const textKeys = new Set(['type', 'text']);
const imageKeys = new Set(['type', 'image_url']);
const imageUrlKeys = new Set(['url', 'detail']);
const fileKeys = new Set(['type', 'file']);
const fileInnerKeys = new Set(['filename', 'file_data']);
const audioKeys = new Set(['type', 'input_audio']);
const audioInnerKeys = new Set(['data', 'format']);
const refusalKeys = new Set(['type', 'refusal']);

/** What Gemini can look at ("Image understanding"). */
const imageTypes = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif']);
const audioTypes: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mp3' };
const dataUrl = /^data:([a-z0-9.+/-]+);base64,(.*)$/is;

/** A message's content as parts: a text, or a list of parts. Empty texts are left out, for Gemini refuses them and they say nothing. */
export function convertParts(content: unknown, at: string): JsonObject[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }];
  return listAt(content, at).flatMap((part, i) => {
    const converted = convertPart(objectAt(part, `${at}[${i}]`), `${at}[${i}]`);
    return converted ? [converted] : [];
  });
}

function convertPart(part: JsonObject, at: string): JsonObject | undefined {
  switch (part['type']) {
    case 'text': {
      refuseUnknown(part, textKeys, at);
      const text = textAt(part['text'], `${at}.text`);
      return text === '' ? undefined : { text };
    }
    case 'refusal': {
      // What an assistant said when it refused; Gemini has no other word for it.
      refuseUnknown(part, refusalKeys, at);
      const text = textAt(part['refusal'], `${at}.refusal`);
      return text === '' ? undefined : { text };
    }
    case 'image_url':
      return convertImage(part, at);
    case 'input_audio':
      return convertAudio(part, at);
    case 'file':
      return convertFile(part, at);
    default:
      return refuse(`${at}.type`, 'Gemini takes parts of the types text, image_url, input_audio and file (PDF) only.');
  }
}

function convertImage(part: JsonObject, at: string): JsonObject {
  refuseUnknown(part, imageKeys, at);
  const image = objectAt(part['image_url'], `${at}.image_url`);
  refuseUnknown(image, imageUrlKeys, `${at}.image_url`);
  if (given(image, 'detail') === 'low') {
    refuse(`${at}.image_url.detail`, 'a coarser look is not offered for Gemini; say auto, or leave it out.');
  }
  const [, mediaType, data] = dataUrl.exec(textAt(image['url'], `${at}.image_url.url`)) ?? [];
  if (mediaType === undefined || !imageTypes.has(mediaType.toLowerCase())) {
    refuse(
      `${at}.image_url.url`,
      'must be a data URL in base64 of a PNG, JPEG, WebP, HEIC or HEIF image for Gemini to see it.',
    );
  }
  return { inlineData: { mimeType: mediaType.toLowerCase(), data } };
}

function convertAudio(part: JsonObject, at: string): JsonObject {
  refuseUnknown(part, audioKeys, at);
  const audio = objectAt(part['input_audio'], `${at}.input_audio`);
  refuseUnknown(audio, audioInnerKeys, `${at}.input_audio`);
  const format = textAt(audio['format'], `${at}.input_audio.format`);
  const mimeType = Object.hasOwn(audioTypes, format) ? audioTypes[format] : undefined;
  if (mimeType === undefined) refuse(`${at}.input_audio.format`, 'must be wav or mp3.');
  return { inlineData: { mimeType, data: textAt(audio['data'], `${at}.input_audio.data`) } };
}

/** The name of a file has no place at Gemini, and is not part of what is in it. */
function convertFile(part: JsonObject, at: string): JsonObject {
  refuseUnknown(part, fileKeys, at);
  const file = objectAt(part['file'], `${at}.file`);
  if (given(file, 'file_id') !== undefined) {
    refuse(`${at}.file.file_id`, 'names a file at OpenAI, which Gemini cannot read; send it as file_data.');
  }
  refuseUnknown(file, fileInnerKeys, `${at}.file`);
  const [, mediaType, data] = dataUrl.exec(textAt(file['file_data'], `${at}.file.file_data`)) ?? [];
  if (mediaType?.toLowerCase() !== 'application/pdf') {
    refuse(`${at}.file.file_data`, 'must be a data URL in base64 of a PDF (data:application/pdf;base64,…) for Gemini.');
  }
  return { inlineData: { mimeType: 'application/pdf', data } };
}
