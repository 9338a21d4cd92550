import type { PromptSegments } from './prefix-blocks';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What of a Messages API request matters for its prompt cache; everything else passes as it is. */
export interface AnthropicBody extends JsonObject {
  readonly tools?: unknown;
  readonly system?: unknown;
  readonly messages?: unknown;
}

/** The part of the body that a segment is made of. */
export type AnthropicPlace =
  | { readonly kind: 'tools' }
  | { readonly kind: 'system'; readonly index: number }
  | { readonly kind: 'message'; readonly index: number };

/** The places of a body that a prefix can end at, in the order in which Anthropic caches: tools, system, messages. */
export function anthropicPlaces(body: AnthropicBody): AnthropicPlace[] {
  const places: AnthropicPlace[] = [];
  if (listOf(body.tools).length > 0) places.push({ kind: 'tools' });
  if (typeof body.system === 'string' && body.system !== '') places.push({ kind: 'system', index: 0 });
  listOf(body.system).forEach((_, index) => places.push({ kind: 'system', index }));
  listOf(body.messages).forEach((_, index) => places.push({ kind: 'message', index }));
  return places;
}

/** The prompt of a Messages API request, a segment for each of {@link anthropicPlaces}. */
export function anthropicSegments(body: AnthropicBody): PromptSegments {
  const spans: number[] = [];
  const parts: Buffer[] = [];
  let at = 0;
  let headSegments = 0;
  for (const place of anthropicPlaces(body)) {
    const part = Buffer.from(JSON.stringify(partAt(body, place)) ?? 'null');
    parts.push(part);
    spans.push(at, (at += part.length));
    if (place.kind !== 'message') headSegments++;
  }
  return { source: Buffer.concat(parts), spans, headSegments };
}

/** Whether the caller marks its prompt itself, in any block or by the automatic marker of the whole request. */
export function hasCacheControl(body: AnthropicBody): boolean {
  if (isMarked(body)) return true;
  const blocks = [...listOf(body.tools), ...listOf(body.system), ...listOf(body.messages).flatMap(contentOf)];
  return blocks.some((block) => isMarked(block) || contentOf(block).some(isMarked));
}

function partAt(body: AnthropicBody, place: AnthropicPlace): unknown {
  if (place.kind === 'tools') return body.tools;
  if (place.kind === 'message') return listOf(body.messages)[place.index];
  // One text and a list with this one text are the same prompt.
  return typeof body.system === 'string' ? { type: 'text', text: body.system } : listOf(body.system)[place.index];
}

const contentOf = (block: unknown): readonly unknown[] => (isObject(block) ? listOf(block['content']) : []);

/** A null marker is how some clients write none. */
const isMarked = (block: unknown): boolean =>
  isObject(block) && block['cache_control'] !== undefined && block['cache_control'] !== null;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
