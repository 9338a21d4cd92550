import type { JsonObject } from '../openai-compatible/json-object';
import type { AnswerOptions } from './translator';

const DONE = 'data: [DONE]\n\n';

export interface ChunkHead {
  readonly id: unknown;
  readonly model: unknown;
  readonly serviceTier?: string;
}

/**
 * Writes the chunks of a streamed chat completion with one choice, as server-sent events. The chunk with the role waits for
 * the first content, so that a stream which fails before can still be asked for again.
 */
export class ChunkWriter {
  private head = '';
  private tail = '';
  private textEnd = '';
  private hasBegun = false;

  constructor(private readonly options: AnswerOptions) {}

  /** Says what all chunks have in common; before the first of them. */
  begin({ id, model, serviceTier }: ChunkHead): void {
    const base = { id, object: 'chat.completion.chunk', created: this.options.createdAtSeconds, model };
    const whole = JSON.stringify({ ...base, ...(serviceTier === undefined ? {} : { service_tier: serviceTier }) });
    this.head = `data: ${whole.slice(0, -1)},"choices":[`;
    // With include_usage every chunk but the last carries a null usage.
    this.tail = this.options.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
    this.textEnd = `"logprobs":null,"finish_reason":null}${this.tail}`;
  }

  /** A piece of the answer's text. */
  text(piece: string): string {
    if (!this.hasBegun) return this.chunk({ content: piece });
    // Nearly all chunks are such ones; put together as text they cost half.
    return `${this.head}{"index":0,"delta":{"content":${JSON.stringify(piece)}},${this.textEnd}`;
  }

  /** A chunk of the one choice, with the role's in front of the first. */
  chunk(delta: JsonObject, finishReason: string | null = null, logprobs: JsonObject | null = null): string {
    const chunk = this.choice(delta, finishReason, logprobs);
    if (this.hasBegun) return chunk;
    this.hasBegun = true;
    return this.choice({ role: 'assistant', content: '', refusal: null }, null) + chunk;
  }

  /** The end of the stream, with the usage where the client asked for it. */
  end(usage: JsonObject | undefined): string {
    if (!usage || !this.options.includeUsage) return DONE;
    return `${this.head}],"usage":${JSON.stringify(usage)}}\n\n${DONE}`;
  }

  private choice(delta: JsonObject, finishReason: string | null, logprobs: JsonObject | null = null): string {
    const choice = { index: 0, delta, logprobs, finish_reason: finishReason };
    return this.head + JSON.stringify(choice) + this.tail;
  }
}

/** An error within a stream, in OpenAI's shape. */
export const errorEvent = (error: JsonObject): string => `data: ${JSON.stringify({ error })}\n\n`;
