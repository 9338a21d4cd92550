import { z } from 'zod';

const usd = z
  .number()
  .nullable()
  .describe('US dollars, exact to the nano-dollar; null where the model has no known price.');
const tokens = z.number().int();

/** What every door of our own answers. What is not known is null. */
export const replySchema = z.object({
  request_id: z.string(),
  text: z.string(),
  model_used: z.string(),
  provider: z.string(),
  usage: z
    .object({
      prompt_tokens: tokens,
      completion_tokens: tokens,
      total_tokens: tokens,
      cached_tokens: tokens.describe('Part of the prompt that the provider read from its own cache.'),
      reasoning_tokens: tokens.describe('Part of the completion that is not shown.'),
      source: z.enum(['provider', 'estimated', 'none']),
    })
    .nullable(),
  cost_usd: usd,
  savings_usd: z
    .object({ cache: z.number(), routing: z.number(), prefix: z.number(), batching: z.number() })
    .nullable()
    .describe('What was not paid, by cause; adds up to the baseline less the cost.'),
  cache_info: z.object({
    hit: z.boolean().describe('No provider was asked for this request.'),
    tier: z.enum(['miss', 'memory', 'exact', 'semantic', 'coalesced']),
    similarity: z.number().nullable().describe('Cosine of the two questions, of a semantic hit.'),
    probability: z.number().nullable().describe('That the answer serves both questions, of a semantic hit.'),
    age_seconds: z.number().nullable(),
    tokens_saved: tokens,
  }),
  routing_decision: z.object({
    strategy: z.string(),
    route: z.string().describe('provider/model'),
    complexity: z.number().nullable(),
    tier: z.string(),
    reason: z.string(),
    candidates: z.array(z.string()),
  }),
  latency_ms: z.number(),
});

export type InferenceReply = z.infer<typeof replySchema>;
