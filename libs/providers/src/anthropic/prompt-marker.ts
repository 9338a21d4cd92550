import type { AnthropicBody } from '@costlane/domain';
import { parseObject } from '../openai-compatible/json-object';
import type { ProviderRequest } from '../provider';

/**
 * A request whose prompt somebody wants to mark for the provider's cache (`cache_control`). Where the marks belong is known
 * only once the body is in Anthropic's format, which it is nowhere but here.
 */
export interface MarkablePrompt {
  /** The body with marks where they are expected to pay; the same object where there are none to add. */
  readonly markPrompt: (body: AnthropicBody, bodyBytes?: number) => AnthropicBody;
}

const hasMarker = (request: ProviderRequest): request is ProviderRequest & MarkablePrompt =>
  'markPrompt' in request && typeof request.markPrompt === 'function';

/** The bytes to be sent, marked where the request asks for it. */
export function encodeMarked(body: AnthropicBody, request: ProviderRequest): Buffer {
  const plain = Buffer.from(JSON.stringify(body));
  if (!hasMarker(request)) return plain;
  const marked = request.markPrompt(body, plain.length);
  return marked === body ? plain : Buffer.from(JSON.stringify(marked));
}

/** The shortest prompt that Anthropic caches, 1,024 tokens, has more bytes than these. */
const SHORT_BODY_BYTES = 3_000;

/** The bytes of a request in Anthropic's own format, as they are unless marks are to be added. */
export function markedBytes(request: ProviderRequest): Buffer {
  const { body } = request;
  if (!hasMarker(request) || body.length < SHORT_BODY_BYTES) return body;
  const json = parseObject(body.toString('utf8'));
  if (!json) return body;
  const marked = request.markPrompt(json, body.length);
  return marked === json ? body : Buffer.from(JSON.stringify(marked));
}
