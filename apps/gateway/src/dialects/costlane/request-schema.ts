import { priorities } from '@costlane/contracts';
import { z } from 'zod';
import { MAX_DEFERRED_MS, MAX_TTL_SECONDS } from '../../doors/request-controls';

const NAME_CHARACTERS = 256;

/** A name that is kept with the request: no control characters, no half surrogate pairs. */
const name = z
  .string()
  .min(1)
  .max(NAME_CHARACTERS)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has to be without control characters');

/** A tenant is part of keys and file names elsewhere, so its alphabet is small. */
export const tenantIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
    'has to be 1 to 128 letters, digits or . _ : @ -, starting with a letter or digit',
  );

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })).min(1), z.null()]).optional(),
});

const metadata = z.looseObject({
  user_id: name.optional(),
  team_id: name.optional(),
  tenant_id: tenantIdSchema
    .optional()
    .describe(
      'Counts only where no API key is required and none is sent; with a key it has to be the tenant of the key.',
    ),
  feature_name: name.optional(),
  experiment_id: name.optional(),
});

/** What `POST /v1/inference`, the WebSocket and gRPC take. Unknown fields are refused: a misspelt `use_cache` would cost money unseen. */
export const inferenceSchema = z.strictObject({
  prompt: z.string().min(1).optional().describe('The question; or send `messages`.'),
  messages: z
    .array(message)
    .min(1)
    .optional()
    .describe('A conversation in the form of chat completions; or send `prompt`.'),
  max_tokens: z.number().int().min(1).max(10_000_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  priority: z.enum(priorities).optional().describe('Lane; default standard.'),
  use_cache: z.boolean().optional().describe('false: neither look for a stored answer nor store this one.'),
  semantic_cache: z.boolean().optional().describe('false: no answer to another wording of the question.'),
  min_similarity: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Cosine from which another question counts as alike; it can only raise the deployment’s own.'),
  cache_ttl_seconds: z.number().int().min(1).max(MAX_TTL_SECONDS).optional(),
  preferred_model: z
    .string()
    .min(1)
    .max(NAME_CHARACTERS)
    .optional()
    .describe('A name from /models; absent or "auto": the policy chooses.'),
  quality: z.enum(['low', 'medium', 'high']).optional(),
  task_type: name.optional(),
  stream: z.boolean().optional(),
  idempotency_key: name
    .optional()
    .describe('A repeated request with this key gets the first one’s answer and is charged once.'),
  deadline_ms: z.number().int().min(1).max(MAX_DEFERRED_MS).optional().describe('Time for the whole answer.'),
  metadata: metadata.optional().describe('Other keys are passed over.'),
});

export type InferenceInput = z.infer<typeof inferenceSchema>;
