import type { TokenUsage } from '@costlane/domain';
import type { ChatCompletion, ChatMessage, ToolCall } from '../openai-chat/chunks';
import { messageId, stopReasonOf, type Message } from './message';
import { messageUsage } from './message-usage';
import { isObject, type JsonObject } from './refuse-field';

export interface MessageOptions {
  usage: TokenUsage | undefined;
  /** The client asked for thinking; others do not expect blocks of it. */
  showThinking: boolean;
}

/** A chat completion as a message. Throws on one without a choice, and on calls whose arguments are no JSON object. */
export function toMessage(completion: ChatCompletion, { usage, showThinking }: MessageOptions): Message {
  const choice = completion.choices.find(({ index }) => index === 0) ?? completion.choices[0];
  if (!choice) throw new Error('a chat completion without a choice');
  const { message, finish_reason: finishReason } = choice;
  const isCut = finishReason === 'length';
  return {
    id: messageId(completion.id),
    type: 'message',
    role: 'assistant',
    model: completion.model,
    content: [
      ...(showThinking ? thinkingOf(message) : []),
      ...textOf(message),
      ...(message.tool_calls ?? []).flatMap((call) => toolUse(call, isCut)),
    ],
    ...stopOf(message, finishReason, choice),
    usage: { ...messageUsage(usage), ...serviceTier(completion.service_tier) },
  };
}

/** vLLM names the stop sequence that it met; from others it is not known which one it was, or whether. */
export function stopOf(
  message: { refusal?: unknown },
  finishReason: string | null | undefined,
  choice: object,
): Pick<Message, 'stop_reason' | 'stop_sequence'> {
  const sequence = finishReason === 'stop' && 'stop_reason' in choice ? choice.stop_reason : undefined;
  if (typeof sequence === 'string' && sequence !== '') return { stop_reason: 'stop_sequence', stop_sequence: sequence };
  const isRefusal = typeof message.refusal === 'string' && message.refusal !== '';
  return { stop_reason: isRefusal ? 'refusal' : stopReasonOf(finishReason), stop_sequence: null };
}

/** Reasoning in the words of the servers that give it out; it has no signature. */
function thinkingOf(message: ChatMessage): JsonObject[] {
  const thinking = message['reasoning_content'] ?? message['reasoning'];
  return typeof thinking === 'string' && thinking !== '' ? [{ type: 'thinking', thinking, signature: '' }] : [];
}

function textOf({ content, refusal }: ChatMessage): JsonObject[] {
  const texts = [contentText(content), refusal].filter((text) => typeof text === 'string' && text !== '');
  return texts.map((text) => ({ type: 'text', text, citations: null }));
}

/** A text, or a list of parts as some compatible servers send it. */
function contentText(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : '';
  return (content as unknown[])
    .map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

/** A call that was cut off at the limit of the answer cannot be made, and is left out: the reason to stop tells of it. */
function toolUse({ id, function: called }: ToolCall, isCut: boolean): JsonObject[] {
  if (!called) throw new Error('a call of a tool that is no function');
  let input: unknown;
  try {
    input = called.arguments.trim() === '' ? {} : JSON.parse(called.arguments);
  } catch (error) {
    if (isCut) return [];
    throw error;
  }
  if (!isObject(input)) throw new Error('arguments of a call that are no object');
  return [{ type: 'tool_use', id, name: called.name, input }];
}

/** What is `default` at OpenAI is `standard` at Anthropic; `priority` and `batch` have one name. */
export function serviceTier(tier: string | null | undefined): JsonObject {
  if (typeof tier !== 'string' || tier === '') return {};
  return { service_tier: tier === 'default' ? 'standard' : tier };
}
