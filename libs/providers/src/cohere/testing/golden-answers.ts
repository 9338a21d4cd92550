import type { TokenUsage } from '@costlane/domain';

type Json = Readonly<Record<string, unknown>>;

/** What Cohere reports of an answer, and what it comes to. */
export interface GoldenAnswer {
  readonly name: string;
  readonly isStream: boolean;
  readonly usage: Json;
  readonly expected: Partial<TokenUsage>;
  readonly promptTokens: number;
}

const units = (input: number, output: number): Json => ({ input_tokens: input, output_tokens: output });

/** Usages in the shapes of Cohere's documentation ("Chat", "How Does Cohere's Pricing Work?", November 2026). */
export const goldenAnswers: readonly GoldenAnswer[] = [
  {
    name: 'plain, with a preamble that nobody pays for',
    isStream: false,
    usage: { billed_units: units(17, 12), tokens: units(215, 12) },
    expected: { freshInputTokens: 17, outputTokens: 12 },
    promptTokens: 17,
  },
  {
    name: 'found in the cache as far as the preamble goes',
    isStream: false,
    usage: { billed_units: units(8, 50), tokens: units(1_394, 54), cached_tokens: 1_360 },
    expected: { freshInputTokens: 8, outputTokens: 50 },
    promptTokens: 8,
  },
  {
    name: 'read from the cache',
    isStream: true,
    usage: { billed_units: units(4_000, 20), tokens: units(4_500, 24), cached_tokens: 3_584 },
    expected: { freshInputTokens: 916, cacheReadTokens: 3_084, outputTokens: 20 },
    promptTokens: 4_000,
  },
  {
    name: 'streamed',
    isStream: true,
    usage: { billed_units: units(18, 55), tokens: units(27, 55) },
    expected: { freshInputTokens: 18, outputTokens: 55 },
    promptTokens: 18,
  },
];

export interface AnswerOptions {
  readonly usage?: Json;
  readonly reason?: string;
  readonly pieces?: readonly string[];
}

const plainUsage: Json = { billed_units: units(5, 2), tokens: units(71, 2) };

/** A whole answer of Cohere's. */
export const answerOf = ({
  usage = plainUsage,
  reason = 'COMPLETE',
  pieces = ['Hello', ' there.'],
}: AnswerOptions): Json => ({
  id: 'c1',
  message: { role: 'assistant', content: [{ type: 'text', text: pieces.join('') }] },
  finish_reason: reason,
  usage,
});

/** The events of a streamed answer, as objects. */
export const streamOf = ({
  usage = plainUsage,
  reason = 'COMPLETE',
  pieces = ['Hello', ' there.'],
}: AnswerOptions): Json[] => [
  messageStart,
  { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
  ...pieces.map((text) => ({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } })),
  { type: 'content-end', index: 0 },
  messageEnd(reason, usage),
];

export const messageStart: Json = {
  id: 'c1',
  type: 'message-start',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
};

export const messageEnd = (reason: string, usage: Json = plainUsage, more: object = {}): Json => ({
  type: 'message-end',
  delta: { finish_reason: reason, usage, ...more },
});

export const event = (json: Json): string => `event: ${String(json['type'])}\ndata: ${JSON.stringify(json)}\n\n`;

/** The events of a streamed answer, one text each. */
export const eventsOf = (options: AnswerOptions): string[] => streamOf(options).map(event);
