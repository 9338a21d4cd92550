import { CostlaneError } from '@costlane/domain';
import { z } from 'zod';
import { inferenceSchema } from '../dialects/costlane/request-schema';
import { MAX_DEFERRED_MS } from './request-controls';

const MAX_METADATA_BYTES = 16 * 1024;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const webhook = z
  .strictObject({ url: z.string().min(1).max(2_048).describe('https, at a public address.') })
  .describe('Told when the job has ended, signed with the secret of GET /v1/jobs/webhook-secret.');

const completionWindow = z
  .string()
  .regex(/^(now|[1-9]\d{0,4}[mhd])$/, 'has to be now, or a time like 30m, 24h or 7d')
  .describe(
    'How long it may take, as minutes, hours or days (1m to 7d); what is not done by then expires. With time enough, providers’ batch APIs are used at half the price. now: at once, the ordinary way, for as long as it takes.',
  );

const deadline = z
  .number()
  .int()
  .min(1_000)
  .max(MAX_DEFERRED_MS)
  .describe('The same in milliseconds; send one of the two.');

const metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_METADATA_BYTES, 'has to be at most 16 KiB')
  .describe('Shown again, and sent along with the webhook.');

/** An id within its batch. */
const customId = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has to be without control characters');

const batchOptions = {
  wait: z.boolean().optional().describe('Answer with all results, if they are there within the request timeout.'),
  completion_window: completionWindow.optional(),
  deadline_ms: deadline.optional(),
  metadata: metadata.optional(),
  webhook: webhook.optional(),
};

/** A request of a batch: what /v1/inference takes, not streamed, with an id. */
export const batchItemSchema = inferenceSchema.extend({
  custom_id: customId.optional().describe('Unique within the batch; comes back with the result.'),
});

/** `POST /v1/batch` as one document. Its requests are read one by one. */
export const batchSchema = z.strictObject({ requests: z.array(z.unknown()).min(1), ...batchOptions });

export const batchOptionsSchema = z.strictObject(batchOptions);
export type BatchOptions = z.infer<typeof batchOptionsSchema>;

/** `POST /v1/jobs`: what /v1/inference takes, and how its answer is waited for. */
export const jobSchema = inferenceSchema.extend({
  completion_window: completionWindow.optional(),
  deadline_ms: deadline.optional(),
  webhook: webhook.optional(),
});
export type JobInput = z.infer<typeof jobSchema>;

const unitsMs: Record<string, number> = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: DAY_MS };

/**
 * How long a job may take; undefined: as long as it takes, begun at once.
 * @throws CostlaneError `invalid_request` where both are given, or for a window of more than a week
 */
export function windowMsOf(
  asked: { completion_window?: string; deadline_ms?: number },
  defaultMs: number | undefined,
): number | undefined {
  const { completion_window: text, deadline_ms: deadlineMs } = asked;
  if (text !== undefined && deadlineMs !== undefined)
    throw invalidWindow('stands beside "deadline_ms"; send one of the two');
  if (text === 'now') return undefined;
  if (text === undefined) return deadlineMs ?? defaultMs;
  const windowMs = Number(text.slice(0, -1)) * (unitsMs[text.slice(-1)] ?? NaN);
  if (windowMs > MAX_DEFERRED_MS) throw invalidWindow('has to be at most 7d');
  return windowMs;
}

/** A batch has a day: time for batch APIs to be used. One that is waited for begins at once. */
export const batchWindowMs = (options: BatchOptions): number | undefined =>
  windowMsOf(options, options.wait === true ? undefined : DAY_MS);

const invalidWindow = (why: string): CostlaneError =>
  new CostlaneError('invalid_request', `Field "completion_window": ${why}.`, { field: 'completion_window' });
