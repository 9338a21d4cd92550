import { detectSensitive } from '../detect/detect-sensitive';
import { createRedactor, type Redactor } from '../redact/redactor';
import { sensitiveKinds, type SensitiveKind, type SensitiveSpan } from '../sensitive-span';
import { mapAnthropicMessages } from './anthropic-messages';
import type { JsonObject, TextMapper } from './map-texts';
import { mapOpenAiChat } from './openai-chat';
import { mapOpenAiEmbeddings } from './openai-embeddings';
import { mapOpenAiResponses } from './openai-responses';

/** Kinds of what a body holds, strongest first; empty: nothing was found. Never the values. */
export interface Inspection {
  kinds: SensitiveKind[];
}

export interface Redaction<Body> extends Inspection {
  /** The body itself where nothing was found; else a copy as far as it changed. */
  body: Body;
  /** Puts the values back into the answer. */
  redactor: Redactor;
}

type BodyMapper = (body: JsonObject, mapper: TextMapper) => JsonObject;

/** What is found in a text; its label, if any, is read as `label: text`. */
function detectLabelled(text: string, label: string | undefined): SensitiveSpan[] {
  if (label === undefined) return detectSensitive(text);
  const prefix = `${label.replaceAll('_', ' ').slice(0, 40)}: `;
  return detectSensitive(prefix + text)
    .filter(({ end }) => end > prefix.length)
    .map(({ kind, start, end }) => ({ kind, start: Math.max(0, start - prefix.length), end: end - prefix.length }));
}

const inOrder = (kinds: ReadonlySet<SensitiveKind>): SensitiveKind[] =>
  sensitiveKinds.filter((kind) => kinds.has(kind));

const inspectWith =
  (mapBody: BodyMapper) =>
  (body: object): Inspection => {
    const kinds = new Set<SensitiveKind>();
    mapBody(body as JsonObject, (text, label) => {
      for (const { kind } of detectLabelled(text, label)) kinds.add(kind);
      return text;
    });
    return { kinds: inOrder(kinds) };
  };

const redactWith =
  (mapBody: BodyMapper) =>
  <Body extends object>(body: Body, shared?: Redactor): Redaction<Body> => {
    const redactor = shared ?? createRedactor();
    const redacted = mapBody(body as unknown as JsonObject, (text, label) =>
      redactor.redact(text, detectLabelled(text, label)),
    );
    // Nothing but what looked like placeholders already: then there is nothing to protect them from.
    if (!shared && redactor.kinds.size === 0) return { body, redactor: createRedactor(), kinds: [] };
    return { body: redacted as unknown as Body, redactor, kinds: inOrder(redactor.kinds) };
  };

/** OpenAI chat and text completion bodies. */
export const inspectChat = inspectWith(mapOpenAiChat);
export const redactChat = redactWith(mapOpenAiChat);

/** OpenAI responses bodies. */
export const inspectResponses = inspectWith(mapOpenAiResponses);
export const redactResponses = redactWith(mapOpenAiResponses);

/** OpenAI embeddings bodies. */
export const inspectEmbeddings = inspectWith(mapOpenAiEmbeddings);
export const redactEmbeddings = redactWith(mapOpenAiEmbeddings);

/** Anthropic messages bodies. */
export const inspectMessages = inspectWith(mapAnthropicMessages);
export const redactMessages = redactWith(mapAnthropicMessages);
