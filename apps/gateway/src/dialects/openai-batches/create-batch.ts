import { z } from 'zod';

/** Doors that a batch's requests can be for: OpenAI's, and two that OpenAI has not. */
export const batchEndpoints = [
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/embeddings',
  '/v1/completions',
  '/v1/messages',
  '/v1/inference',
] as const;

/** The windows that can be asked for, and how long they are. */
export const completionWindowsMs = { '24h': 86_400_000 } as const;

const MAX_KEPT_SECONDS = 2_592_000;
const MIN_KEPT_SECONDS = 3_600;

/** How long a file is kept, counted from when it was made. */
export const keptSecondsSchema = z.coerce.number().int().min(MIN_KEPT_SECONDS).max(MAX_KEPT_SECONDS);

const MAX_PAIRS = 16;

/** Body of `POST /v1/batches`. */
export const createBatchSchema = z.strictObject({
  input_file_id: z.string().min(1).max(128).describe('An uploaded file, a request a line.'),
  endpoint: z.enum(batchEndpoints).describe('The door that all of its requests are for.'),
  completion_window: z.enum(['24h']).describe('What is not answered by then has expired.'),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= MAX_PAIRS, `has to have at most ${MAX_PAIRS} pairs`)
    .nullish()
    .describe(`At most ${MAX_PAIRS} pairs of texts, shown again as they came.`),
  output_expires_after: z
    .strictObject({ anchor: z.literal('created_at'), seconds: z.int().min(MIN_KEPT_SECONDS).max(MAX_KEPT_SECONDS) })
    .nullish()
    .describe('How long the results are kept.'),
});

export type CreateBatchInput = z.infer<typeof createBatchSchema>;
