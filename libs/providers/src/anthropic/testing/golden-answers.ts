import type { TokenUsage } from '@costlane/domain';

type Json = Readonly<Record<string, unknown>>;

/** What Anthropic reports of an answer, and what it comes to. */
export interface GoldenAnswer {
  readonly name: string;
  /** Of a whole answer; of a stream what its first event reports. */
  readonly usage: Json;
  /** Of a stream: what its last events report, in their order. */
  readonly totals?: readonly Json[];
  readonly expected: Partial<TokenUsage>;
  readonly promptTokens: number;
}

/** Usages in the shapes of Anthropic's documentation ("Messages", "Prompt caching", "Streaming messages", November 2026). */
export const goldenAnswers: readonly GoldenAnswer[] = [
  {
    name: 'plain',
    usage: { input_tokens: 2_095, output_tokens: 503 },
    expected: { freshInputTokens: 2_095, outputTokens: 503 },
    promptTokens: 2_095,
  },
  {
    name: 'read from a cache and written to both',
    usage: {
      input_tokens: 2_048,
      cache_read_input_tokens: 1_800,
      cache_creation_input_tokens: 248,
      cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
      output_tokens: 503,
      service_tier: 'standard',
    },
    expected: {
      freshInputTokens: 2_048,
      cacheReadTokens: 1_800,
      cacheWriteShortTokens: 148,
      cacheWriteLongTokens: 100,
      outputTokens: 503,
    },
    promptTokens: 4_096,
  },
  {
    name: 'with thinking',
    usage: { input_tokens: 64, output_tokens: 1_270, output_tokens_details: { thinking_tokens: 1_024 } },
    expected: { freshInputTokens: 64, outputTokens: 246, reasoningTokens: 1_024 },
    promptTokens: 64,
  },
  {
    name: 'streamed',
    usage: { input_tokens: 25, output_tokens: 1 },
    totals: [{ output_tokens: 15 }],
    expected: { freshInputTokens: 25, outputTokens: 15 },
    promptTokens: 25,
  },
  {
    name: 'streamed, with a cache for an hour that the last event does not name',
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 300,
      cache_read_input_tokens: 5_000,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 300 },
      output_tokens: 4,
    },
    totals: [{ input_tokens: 10, cache_creation_input_tokens: 300, cache_read_input_tokens: 5_000, output_tokens: 89 }],
    expected: { freshInputTokens: 10, cacheReadTokens: 5_000, cacheWriteLongTokens: 300, outputTokens: 89 },
    promptTokens: 5_310,
  },
  {
    name: 'streamed, in running totals with thinking',
    usage: { input_tokens: 472, output_tokens: 2 },
    totals: [
      { output_tokens: 40, output_tokens_details: { thinking_tokens: 30 } },
      { output_tokens: 95, output_tokens_details: { thinking_tokens: 60 } },
    ],
    expected: { freshInputTokens: 472, outputTokens: 35, reasoningTokens: 60 },
    promptTokens: 472,
  },
];

export interface AnswerOptions {
  usage: Json;
  totals?: readonly Json[];
  stopReason?: string;
  pieces?: readonly string[];
}

/** A whole answer of Anthropic's. */
export const messageOf = ({ usage, stopReason = 'end_turn', pieces = ['Hello', ' there.'] }: AnswerOptions): string =>
  JSON.stringify({
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [{ type: 'text', text: pieces.join('') }],
    stop_reason: stopReason,
    stop_sequence: null,
    usage,
  });

/** The events of a streamed answer, one text each. */
export function eventsOf({
  usage,
  totals = [],
  stopReason = 'end_turn',
  pieces = ['Hello', ' there.'],
}: AnswerOptions) {
  const head = { id: 'msg_01', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [] };
  const last = totals.at(-1) ?? usage;
  return [
    event('message_start', { message: { ...head, stop_reason: null, usage } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('ping', {}),
    ...pieces.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    event('content_block_stop', { index: 0 }),
    ...totals.slice(0, -1).map((each) => event('message_delta', { delta: { stop_reason: null }, usage: each })),
    event('message_delta', { delta: { stop_reason: stopReason, stop_sequence: null }, usage: last }),
    event('message_stop', {}),
  ];
}

export const event = (type: string, data: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
