import type { TokenUsage } from '@costlane/domain';
import type { ChatChunk, ChunkChoice, ToolCallDelta } from '../openai-chat/chunks';
import { encodeMessageEvent, messageId, PING, type Message } from './message';
import { messageUsage } from './message-usage';
import type { JsonObject } from './refuse-field';
import { serviceTier, stopOf } from './to-message';

const DATA = 'data:';
const DONE = '[DONE]';
const DELTA_OPENING = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":';

interface OpenBlock {
  type: 'text' | 'thinking' | 'tool_use';
  index: number;
  /** Which of the calls it is. */
  call?: number;
}

/**
 * Turns the chunks of one streamed chat completion into the events of a message. Blocks follow one another, as clients expect: a piece of
 * a call whose block has ended is an answer that cannot be told.
 */
export class ChatToEvents {
  private hasBegun = false;
  private blocks = 0;
  private open: OpenBlock | undefined;
  private readonly calls = new Map<number, 'open' | 'ended'>();
  private stop: Pick<Message, 'stop_reason' | 'stop_sequence'> = { stop_reason: null, stop_sequence: null };
  private isRefused = false;
  private tier: JsonObject = {};

  constructor(private readonly options: { showThinking: boolean; model: string }) {}

  /** The events that whole chunks become. Throws on what is no chunk of a chat completion. */
  push(bytes: Buffer): string {
    const text = bytes.toString('utf8');
    let events = '';
    for (let at = 0; at < text.length;) {
      const lineFeed = text.indexOf('\n', at);
      const end = lineFeed < 0 ? text.length : lineFeed;
      if (text.startsWith(DATA, at)) {
        const data = text.slice(at + DATA.length, end).trim();
        if (data !== '' && data !== DONE) events += this.convert(JSON.parse(data) as ChatChunk);
      }
      at = end + 1;
    }
    return events;
  }

  /** What is left at the end of a good stream; `told` goes with the last event. */
  end(usage: TokenUsage | undefined, told: JsonObject): string {
    const begin = this.hasBegun ? '' : this.begin({ choices: [] });
    const { stop_reason: reason, stop_sequence: sequence } = this.stop;
    const delta = { stop_reason: reason ?? 'end_turn', stop_sequence: sequence };
    return (
      begin +
      this.close() +
      encodeMessageEvent({ type: 'message_delta', delta, usage: { ...messageUsage(usage), ...this.tier } }) +
      encodeMessageEvent({ type: 'message_stop', costlane: told })
    );
  }

  private convert(chunk: ChatChunk): string {
    let events = this.hasBegun ? '' : this.begin(chunk);
    if (chunk.service_tier) this.tier = serviceTier(chunk.service_tier);
    for (const choice of chunk.choices ?? []) if ((choice.index ?? 0) === 0) events += this.choice(choice);
    return events;
  }

  private begin({ id, model }: ChatChunk): string {
    this.hasBegun = true;
    // How much was read is known at the end, where Anthropic tells the totals as well.
    const message: Message = {
      id: messageId(id),
      type: 'message',
      role: 'assistant',
      model: model ?? this.options.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: messageUsage(),
    };
    return encodeMessageEvent({ type: 'message_start', message }) + PING;
  }

  private choice(choice: ChunkChoice): string {
    const delta = choice.delta ?? {};
    let events = '';
    const thinking = delta['reasoning_content'] ?? delta['reasoning'];
    if (this.options.showThinking && isText(thinking)) {
      events += this.piece('thinking', { type: 'thinking_delta', thinking });
    }
    if (isText(delta.content)) events += this.piece('text', { type: 'text_delta', text: delta.content });
    if (isText(delta.refusal)) {
      this.isRefused = true;
      events += this.piece('text', { type: 'text_delta', text: delta.refusal });
    }
    for (const call of delta.tool_calls ?? []) events += this.callPiece(call);
    if (choice.finish_reason) {
      this.stop = stopOf({ refusal: this.isRefused ? 'refused' : undefined }, choice.finish_reason, choice);
    }
    return events;
  }

  private piece(type: 'text' | 'thinking', delta: JsonObject): string {
    const empty = type === 'text' ? { type, text: '', citations: null } : { type, thinking: '', signature: '' };
    const start = this.open?.type === type ? '' : this.start({ type, index: this.blocks }, empty);
    return start + this.delta(delta);
  }

  private callPiece({ index, id, function: called }: ToolCallDelta): string {
    // Who does not number its calls sends each of them whole.
    const call = index ?? this.calls.size;
    let events = '';
    if (!this.calls.has(call)) {
      if (!called?.name) throw new Error('a call of a tool that is no function');
      events += this.start(
        { type: 'tool_use', index: this.blocks, call },
        { type: 'tool_use', id, name: called.name, input: {} },
      );
      this.calls.set(call, 'open');
    }
    const piece = called?.arguments ?? '';
    if (piece === '') return events;
    if (this.open?.call !== call) throw new Error('a piece of a call that has ended');
    return events + this.delta({ type: 'input_json_delta', partial_json: piece });
  }

  private start(block: OpenBlock, empty: JsonObject): string {
    const closed = this.close();
    this.open = block;
    this.blocks++;
    return closed + encodeMessageEvent({ type: 'content_block_start', index: block.index, content_block: empty });
  }

  private delta(delta: JsonObject): string {
    // Nearly all events are such ones; put together as text they cost less.
    return `${DELTA_OPENING}${this.open?.index ?? 0},"delta":${JSON.stringify(delta)}}\n\n`;
  }

  private close(): string {
    const { open } = this;
    if (!open) return '';
    this.open = undefined;
    if (open.call !== undefined) this.calls.set(open.call, 'ended');
    return encodeMessageEvent({ type: 'content_block_stop', index: open.index });
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
