import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import type { TranslatedReply } from '../translation/translator';
import { extractUsage } from './extract-usage';
import { finishReasonOf, isOverflow, isWholeStop } from './stop-reason';

interface Parts {
  text: string;
  reasoning: string;
  readonly thinkingBlocks: JsonObject[];
  readonly toolCalls: JsonObject[];
  isTranslated: boolean;
}

/**
 * A message of Anthropic's as a chat completion; undefined when it is none. Texts are joined; thinking comes as
 * `reasoning_content`, as other servers send it, and whole as `thinking_blocks`, which may be sent back with the next turn.
 */
export function convertReply(message: JsonObject, createdAtSeconds: number): TranslatedReply | undefined {
  const { content } = message;
  if (message['type'] !== 'message' || !Array.isArray(content)) return undefined;
  const parts = readParts(content);
  const usage = extractUsage(message['usage']);
  const stopReason = textOf(message['stop_reason']);
  return {
    body: {
      id: message['id'],
      object: 'chat.completion',
      created: createdAtSeconds,
      model: message['model'],
      choices: [{ index: 0, message: messageOf(parts), logprobs: null, finish_reason: finishReasonOf(stopReason) }],
      ...(usage ? { usage: usage.openAi } : {}),
      ...(usage?.serviceTier === undefined ? {} : { service_tier: usage.serviceTier }),
    },
    usage,
    isWhole: parts.isTranslated && isWholeStop(stopReason),
    isOverflown: isOverflow(stopReason),
  };
}

function readParts(content: readonly unknown[]): Parts {
  const parts: Parts = { text: '', reasoning: '', thinkingBlocks: [], toolCalls: [], isTranslated: true };
  for (const block of content) {
    if (!isObject(block)) continue;
    switch (block['type']) {
      case 'text':
        parts.text += textOf(block['text']) ?? '';
        break;
      case 'tool_use':
        parts.toolCalls.push(toolCall(block));
        break;
      case 'thinking':
        parts.reasoning += textOf(block['thinking']) ?? '';
        parts.thinkingBlocks.push(block);
        break;
      case 'redacted_thinking':
        parts.thinkingBlocks.push(block);
        break;
      default:
        parts.isTranslated = false;
    }
  }
  return parts;
}

const toolCall = (block: JsonObject): JsonObject => ({
  id: block['id'],
  type: 'function',
  function: { name: block['name'], arguments: JSON.stringify(block['input'] ?? {}) },
});

function messageOf({ text, reasoning, thinkingBlocks, toolCalls }: Parts): JsonObject {
  return {
    role: 'assistant',
    content: text === '' && toolCalls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(thinkingBlocks.length === 0 ? {} : { thinking_blocks: thinkingBlocks }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
}
