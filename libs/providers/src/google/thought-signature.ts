import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { given, objectAt, refuseUnknown } from '../translation/refuse';

/**
 * What Gemini wants to get back with a call or a text to go on with its thoughts. It is given out, and taken back, as in
 * Google's own OpenAI dialect: `extra_content: {google: {thought_signature}}` of the call or message ("Thought signatures").
 */
export const signatureContent = (signature: string): JsonObject => ({
  extra_content: { google: { thought_signature: signature } },
});

/** Accepted in place of a signature that a client did not keep, or for calls of another model ("Thought signatures"). */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

const extraKeys = new Set(['google']);
const googleKeys = new Set(['thought_signature']);

/** The signature that came with a call or message of an earlier answer. */
export function signatureOf(carrier: JsonObject, at: string): string | undefined {
  const extra = given(carrier, 'extra_content');
  if (extra === undefined) return undefined;
  const content = objectAt(extra, `${at}.extra_content`);
  refuseUnknown(content, extraKeys, `${at}.extra_content`);
  if (!isObject(content['google'])) return undefined;
  refuseUnknown(content['google'], googleKeys, `${at}.extra_content.google`);
  return textOf(content['google']['thought_signature']);
}
