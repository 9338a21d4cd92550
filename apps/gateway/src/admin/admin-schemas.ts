import { everyTenant } from '@costlane/contracts';
import { z } from 'zod';
import { tenantIdSchema } from '../dialects/costlane/request-schema';

const MAX_RATE_PER_MINUTE = 1_000_000;
const label = z
  .string()
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has to be without control characters');

export const newKeySchema = z.strictObject({
  tenant_id: tenantIdSchema
    .optional()
    .describe('Needed from the deployment’s administrator; else the tenant of the admin key.'),
  team_id: label.optional(),
  user_id: label.optional(),
  name: label.optional(),
  role: z.enum(['member', 'admin']).default('member'),
  rate_limit_per_minute: z
    .number()
    .int()
    .min(0)
    .max(MAX_RATE_PER_MINUTE)
    .default(0)
    .describe('0: the deployment’s default.'),
});

export const keySchema = z.object({
  id: z.string(),
  prefix: z.string().describe('The beginning of the key, to tell it from others.'),
  tenant_id: z.string(),
  team_id: z.string().nullable(),
  user_id: z.string().nullable(),
  name: z.string().nullable(),
  role: z.string(),
  rate_limit_per_minute: z.number(),
  created_at: z.string(),
  revoked_at: z.string().nullable(),
});

export const newKeyReplySchema = keySchema.extend({ key: z.string().describe('Shown this once and not kept.') });

const text = z.string().min(1).max(256);

export const invalidationSchema = z.strictObject({
  tenant_id: z
    .union([z.literal(everyTenant), tenantIdSchema])
    .optional()
    .describe(
      'Needed from the deployment’s administrator, who may also say "*" for every tenant, with "all" only; else the tenant of the admin key.',
    ),
  key: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'has to be 64 hexadecimal digits, as the X-Cache-Key header gives them')
    .optional(),
  model: text.optional(),
  tag: text.optional(),
  all: z.literal(true).optional(),
});

const count = z.number().int().min(0);

/** What the cache service of this moment has done since its start, and what this gateway keeps in its memory. */
export const cacheStatsSchema = z.object({
  memory: z
    .object({ entries: count, size_bytes: count })
    .nullable()
    .describe('Of the gateway that answers; each gateway has its own.'),
  exact: z
    .object({ filled_entries: count, skipped_entries: count, invalidated_entries: count })
    .describe('Of the cache service that answers, since its start.'),
  semantic: z
    .object({
      embedder: z.string(),
      index: z.string(),
      entries: count,
      tenants: z.array(
        z.object({
          tenant_id: z.string(),
          state: z.string().describe('normal, tightened (stricter by itself) or off (too many wrong answers)'),
          max_false_hit_rate: z.number().describe('Largest share of the hits that may be wrong.'),
          probability_threshold: z.number().describe('From which an answer is given; above 1 none is.'),
          lookups: count,
          hits: count,
          audits: count,
          wrong: count,
          observed_false_hit_rate: z.number(),
          observed_false_hit_rate_upper: z.number().describe('Upper end of its 80 % interval.'),
          entries: count,
        }),
      ),
    })
    .nullable()
    .describe('Of the cache replica that answers, for the tenants that it was asked about; null: switched off.'),
});
