import type { Answer, Choice } from '../answer';
import type { EventStream } from '../render-chat';
import { splitText } from '../split-text';
import type { CacheUse } from './marked-cache';

/** An answer of the mock with what only Anthropic's shapes tell. */
export interface MessageAnswer {
  readonly id: string;
  readonly answer: Answer;
  readonly cache: CacheUse;
  readonly stopSequence: string | undefined;
}

export interface MessageStreamOptions {
  readonly chunks: number;
  readonly echo: string | undefined;
}

const stopReasons = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;
const signature = 'bW9jayBzaWduYXR1cmU=';
const thought = 'Let me think about this.';

/** The JSON body of a message. */
export function renderMessage(message: MessageAnswer, echo: string | undefined): string {
  const choice = message.answer.choices[0];
  return JSON.stringify({
    ...headOf(message),
    content: choice ? contentOf(message.answer, choice) : [],
    ...stopOf(message, choice),
    usage: usageOf(message),
    ...(echo === undefined ? {} : { mock_echo: JSON.parse(echo) as unknown }),
  });
}

/** The events of a streamed message, in Anthropic's order and shapes ("Streaming messages"). */
export function renderMessageEvents(message: MessageAnswer, { chunks, echo }: MessageStreamOptions): EventStream {
  const choice = message.answer.choices[0];
  const start = { ...headOf(message), content: [], stop_reason: null, stop_sequence: null, usage: startUsage(message) };
  const lead = [
    event('message_start', {
      message: echo === undefined ? start : { ...start, mock_echo: JSON.parse(echo) as unknown },
    }),
  ];
  const isThinking = message.answer.usage.reasoningTokens > 0;
  if (isThinking) lead.push(...thinkingEvents());
  const index = isThinking ? 1 : 0;
  lead.push(event('content_block_start', { index, content_block: emptyBlock(choice) }), event('ping', {}));
  const content = splitText(choice?.text ?? '', chunks).map((piece) =>
    event('content_block_delta', {
      index,
      delta: choice?.tool ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece },
    }),
  );
  const tail = [
    event('content_block_stop', { index }),
    event('message_delta', { delta: stopOf(message, choice), usage: totalsOf(message) }),
    event('message_stop', {}),
  ];
  return { lead, content, tail };
}

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

function headOf({ id, answer }: MessageAnswer) {
  return { id, type: 'message', role: 'assistant', model: answer.model };
}

function contentOf({ usage }: Answer, { text, tool }: Choice): object[] {
  const said = tool
    ? { type: 'tool_use', id: tool.id, name: tool.name, input: JSON.parse(text) as unknown }
    : { type: 'text', text };
  return usage.reasoningTokens > 0 ? [{ type: 'thinking', thinking: thought, signature }, said] : [said];
}

const emptyBlock = (choice: Choice | undefined): object =>
  choice?.tool
    ? { type: 'tool_use', id: choice.tool.id, name: choice.tool.name, input: {} }
    : { type: 'text', text: '' };

const thinkingEvents = (): string[] => [
  event('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
  event('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: thought } }),
  event('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature } }),
  event('content_block_stop', { index: 0 }),
];

function stopOf({ stopSequence }: MessageAnswer, choice: Choice | undefined) {
  if (stopSequence !== undefined) return { stop_reason: 'stop_sequence', stop_sequence: stopSequence };
  return { stop_reason: stopReasons[choice?.finishReason ?? 'stop'], stop_sequence: null };
}

/** Input does not contain what was read from caches or written to them; output contains thinking. */
function totalsOf({ answer, cache }: MessageAnswer) {
  const { promptTokens, completionTokens, reasoningTokens } = answer.usage;
  const written = cache.shortWriteTokens + cache.longWriteTokens;
  return {
    input_tokens: Math.max(0, promptTokens - cache.readTokens - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cache.readTokens,
    output_tokens: completionTokens,
    ...(reasoningTokens > 0 ? { output_tokens_details: { thinking_tokens: reasoningTokens } } : {}),
  };
}

function usageOf(message: MessageAnswer) {
  const { shortWriteTokens, longWriteTokens } = message.cache;
  return {
    ...totalsOf(message),
    cache_creation: { ephemeral_5m_input_tokens: shortWriteTokens, ephemeral_1h_input_tokens: longWriteTokens },
    service_tier: message.answer.serviceTier,
  };
}

/** A stream begins with the input's totals and next to no output. */
const startUsage = (message: MessageAnswer) => ({ ...usageOf(message), output_tokens: 1 });
