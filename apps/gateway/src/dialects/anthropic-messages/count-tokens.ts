import { estimateTokens } from '@costlane/domain';
import type { CountRequest } from './parse-message';
import { isObject } from './refuse-field';

/** About what Claude charges for an image of ordinary size ("Vision": width × height / 750, at most some 1,600). */
const IMAGE_TOKENS = 1_500;
/** What goes with each message besides its text. */
const MESSAGE_TOKENS = 4;

/** An estimate of a prompt's tokens: no provider is asked, and none of their tokenisers is here. */
export function countTokens({ system, messages, tools }: CountRequest): number {
  const tokens = messages.reduce((sum, { content }) => sum + MESSAGE_TOKENS + contentTokens(content), 0);
  return tokens + contentTokens(system) + estimateTokens(tools && tools.length > 0 ? JSON.stringify(tools) : '');
}

function contentTokens(content: unknown): number {
  if (typeof content === 'string') return estimateTokens(content);
  if (!Array.isArray(content)) return 0;
  return (content as unknown[]).reduce((sum: number, block) => sum + (isObject(block) ? blockTokens(block) : 0), 0);
}

function blockTokens(block: Record<string, unknown>): number {
  switch (block['type']) {
    case 'text':
      return typeof block['text'] === 'string' ? estimateTokens(block['text']) : 0;
    case 'image':
      return IMAGE_TOKENS;
    case 'document':
      return documentTokens(block['source']);
    case 'tool_result':
      return contentTokens(block['content']);
    default: {
      const { cache_control: _control, ...said } = block;
      return estimateTokens(JSON.stringify(said));
    }
  }
}

/** Of a PDF only the size is known: as text it is about a third of its bytes in base64, and a page an image besides. */
function documentTokens(source: unknown): number {
  if (!isObject(source)) return 0;
  if (source['type'] === 'content') return contentTokens(source['content']);
  const { data } = source;
  if (typeof data !== 'string') return IMAGE_TOKENS;
  return source['type'] === 'text' ? estimateTokens(data) : IMAGE_TOKENS + estimateTokens(Math.ceil(data.length / 3));
}
