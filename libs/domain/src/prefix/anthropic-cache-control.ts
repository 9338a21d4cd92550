import type { ModelPrice } from '../money/model-price';
import {
  anthropicPlaces,
  anthropicSegments,
  hasCacheControl,
  isObject,
  listOf,
  type AnthropicBody,
  type AnthropicPlace,
} from './anthropic-segments';
import { minimumPrefixTokens } from './cache-economics';
import { maxCacheMarks, planCacheMarks, type CacheMark } from './plan-cache-marks';
import { prefixBlocks, type PrefixScope } from './prefix-blocks';
import type { PrefixTracker } from './prefix-tracker';

/** The fewest bytes that can be a token, nearly: a body below this many for each needed token is not looked at. */
const minBytesPerToken = 3;

export interface AnthropicCacheInput {
  readonly body: AnthropicBody;
  /** Length of the body as JSON, where it is known: short ones are then passed on at once. */
  readonly bodyBytes?: number;
  readonly scope: PrefixScope;
  readonly tracker: PrefixTracker;
  /** Without a price nothing is marked: whether a write pays is not known. */
  readonly price: ModelPrice | undefined;
  readonly nowMs: number;
}

export interface AnthropicCachePlan {
  /** To be sent; the same object where nothing was added. */
  readonly body: AnthropicBody;
  readonly marks: readonly CacheMark[];
}

/** Tells the tracker of a Messages API request and marks it where a cache write is expected to pay. Each request once. */
export function markAnthropicPrompt(input: AnthropicCacheInput): AnthropicCachePlan {
  const { body, bodyBytes = Infinity, scope, tracker, price, nowMs } = input;
  if (bodyBytes < minimumPrefixTokens(scope.model) * minBytesPerToken) return { body, marks: [] };
  const chain = prefixBlocks(anthropicSegments(body), scope);
  tracker.record(chain, nowMs);
  if (!price) return { body, marks: [] };
  const hasOwnMarks = hasCacheControl(body);
  const marks = planCacheMarks({ chain, tracker, model: scope.model, price, nowMs, hasOwnMarks });
  return { body: withCacheControl(body, marks), marks };
}

/**
 * A copy of a Messages API request with `cache_control` at the marks: on the last tool, on a system block, or on the
 * last block of a message that can carry one. At most four; a body with markers of its own is returned as it is.
 *
 * @param marks by index into the body's segments (`anthropicPlaces`), ascending
 */
export function withCacheControl(body: AnthropicBody, marks: readonly CacheMark[]): AnthropicBody {
  if (marks.length === 0 || hasCacheControl(body)) return body;
  const places = anthropicPlaces(body);
  let marked = body;
  for (const mark of marks.slice(0, maxCacheMarks)) {
    const place = places[mark.segment];
    if (place) marked = markPlace(marked, place, cacheControlOf(mark));
  }
  return marked;
}

/** Five minutes is the default, an hour is asked for. */
const cacheControlOf = ({ lifetime }: CacheMark) =>
  lifetime === 'long' ? { type: 'ephemeral', ttl: '1h' } : { type: 'ephemeral' };

type CacheControl = ReturnType<typeof cacheControlOf>;

function markPlace(body: AnthropicBody, place: AnthropicPlace, control: CacheControl): AnthropicBody {
  if (place.kind === 'tools') return { ...body, tools: markLast(listOf(body.tools), control) };
  if (place.kind === 'system') return { ...body, system: markSystem(body.system, place.index, control) };
  const messages = listOf(body.messages).map((message, i) =>
    i === place.index && isObject(message)
      ? { ...message, content: markContent(message['content'], control) }
      : message,
  );
  return { ...body, messages };
}

function markSystem(system: unknown, index: number, control: CacheControl): unknown {
  if (typeof system === 'string') return markContent(system, control);
  return listOf(system).map((block, i) =>
    i === index && canCarry(block) ? { ...block, cache_control: control } : block,
  );
}

function markContent(content: unknown, control: CacheControl): unknown {
  if (typeof content !== 'string') return Array.isArray(content) ? markLast(listOf(content), control) : content;
  return content === '' ? content : [{ type: 'text', text: content, cache_control: control }];
}

function markLast(blocks: readonly unknown[], control: CacheControl): readonly unknown[] {
  const last = blocks.findLastIndex(canCarry);
  return blocks.map((block, i) => (i === last && isObject(block) ? { ...block, cache_control: control } : block));
}

/** Thinking and empty texts must not carry a marker: the request would be refused. */
function canCarry(block: unknown): block is Readonly<Record<string, unknown>> {
  if (!isObject(block)) return false;
  const { type, text } = block;
  return type !== 'thinking' && type !== 'redacted_thinking' && !(type === 'text' && text === '');
}
