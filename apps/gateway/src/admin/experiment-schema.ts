import { routingStrategies } from '@costlane/domain';
import { z } from 'zod';
import { tenantIdSchema } from '../dialects/costlane/request-schema';

const MAX_VARIANTS = 10;
const MAX_PROMPT = 4_000;
const MAX_WEIGHT = 1_000_000;

const label = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'has to be 1 to 64 letters, digits or . _ -, starting with a letter or digit',
  );
const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has to be without control characters');

const variantSchema = z.strictObject({
  name: label,
  weight: z
    .number()
    .positive()
    .max(MAX_WEIGHT)
    .default(1)
    .describe('Share of the traffic, in proportion to the others’.'),
  model: name.optional().describe('Asked instead of the one that the request names.'),
  strategy: z.enum(routingStrategies).optional().describe('How a model is chosen for requests that leave the choice.'),
  system_prompt: z
    .string()
    .min(1)
    .max(MAX_PROMPT)
    .refine((text) => !text.includes('\0'), 'has to be without the character U+0000')
    .optional()
    .describe('Put before the conversation.'),
});

export const newExperimentSchema = z
  .strictObject({
    id: label.optional().describe('Absent: one is made. An id is never used twice.'),
    tenant_id: tenantIdSchema
      .optional()
      .describe('The only tenant it concerns; from the deployment’s administrator absent means every tenant.'),
    feature_name: name.optional().describe('Only requests of this feature.'),
    model: name
      .optional()
      .describe('Only requests that name this model; absent or "auto": those that leave the choice.'),
    share: z.number().gt(0).max(1).default(1).describe('Share of the users that take part.'),
    variants: z
      .array(variantSchema)
      .min(2, 'has to name at least two variants')
      .max(MAX_VARIANTS, `has to name at most ${MAX_VARIANTS} variants`)
      .describe('The others are compared with the first.'),
  })
  .superRefine(({ variants }, context) => {
    const seen = new Set<string>();
    for (const [at, { name: variant }] of variants.entries()) {
      if (seen.has(variant))
        context.addIssue({ code: 'custom', path: ['variants', at, 'name'], message: 'is the name of two variants' });
      seen.add(variant);
    }
  });

export type NewExperiment = z.infer<typeof newExperimentSchema>;

export const experimentReplySchema = z.object({
  id: z.string(),
  status: z.enum(['running', 'stopped']),
  tenant_id: z.string().nullable().describe('null: every tenant.'),
  feature_name: z.string().nullable(),
  model: z.string().nullable().describe('null: requests that leave the choice.'),
  share: z.number(),
  variants: z.array(
    z.object({
      name: z.string(),
      weight: z.number(),
      model: z.string().nullable(),
      strategy: z.enum(routingStrategies).nullable(),
      system_prompt: z.string().nullable(),
    }),
  ),
  created_at: z.string(),
  stopped_at: z.string().nullable(),
});
