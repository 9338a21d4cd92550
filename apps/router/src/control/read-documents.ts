import {
  dataPolicies,
  maxHoldoutShare,
  modelTiers,
  routingStrategies,
  type Experiment,
  type TenantPolicy,
} from '@costlane/domain';
import { z } from 'zod';

/** What was wrong with a document, in words for a log. */
export interface Flaw {
  readonly kind: string;
  readonly id: string;
  readonly flaw: string;
}

const name = z.string().min(1).max(256);
const share = z.number().min(0).max(1);
const maxRetentionDays = 3_650;

/** Fields of a tenant's rules; each is read by itself. */
const tenantFields = {
  dataPolicy: z.enum(dataPolicies),
  allowSubstitution: z.boolean(),
  storePrompts: z.boolean(),
  promptRetentionDays: z.number().int().min(1).max(maxRetentionDays),
  holdoutShare: z.number().min(0).max(maxHoldoutShare),
  staleAnswers: z.boolean(),
  maxFalseHitRate: share,
  strategy: z.enum(routingStrategies),
  costWeight: share,
  maxTier: z.enum(modelTiers),
  models: z.array(name),
} satisfies Record<Exclude<keyof TenantPolicy, 'tenantId'>, z.ZodType>;

/** What holds where a field that protects somebody cannot be read, as one of a later version: the strictest. */
const strictest: Partial<Omit<TenantPolicy, 'tenantId'>> = {
  dataPolicy: 'block',
  storePrompts: false,
  // Nobody is held out who may have opted out.
  holdoutShare: 0,
  // No model has this name: none may be used.
  models: ['(the list cannot be read)'],
};

/**
 * A tenant's rules. A field that cannot be read is left out and told of, so that the others still hold; of those that protect somebody
 * the strictest stands in.
 */
export function readTenantPolicy(id: string, body: Record<string, unknown>, tell: (flaw: Flaw) => void): TenantPolicy {
  const fields: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(tenantFields)) {
    if (body[field] === undefined) continue;
    const read = schema.safeParse(body[field]);
    if (read.success) fields[field] = read.data;
    else {
      tell({ kind: 'tenant-policy', id, flaw: `${field} cannot be read` });
      Object.assign(fields, pick(strictest, field));
    }
  }
  return { ...fields, tenantId: id };
}

const pick = (from: object, field: string): object =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key === field));

const variantSchema = z.object({
  name,
  weight: z.number().positive(),
  model: name.optional(),
  strategy: z.enum(routingStrategies).optional(),
  systemPrompt: z.string().min(1).optional(),
});

const experimentSchema = z.object({
  tenantId: name.optional(),
  featureName: name.optional(),
  modelAsked: name.optional(),
  share: share.default(1),
  variants: z
    .array(variantSchema)
    .min(2)
    .refine((variants) => new Set(variants.map((variant) => variant.name)).size === variants.length, 'names repeat'),
});

/** An experiment; undefined, and told of, where it cannot be read as a whole: half of one would measure something else. */
export function readExperiment(
  id: string,
  body: Record<string, unknown>,
  tell: (flaw: Flaw) => void,
): Experiment | undefined {
  const read = experimentSchema.safeParse(body);
  if (read.success) return { ...read.data, id };
  const issue = read.error.issues[0];
  tell({ kind: 'experiment', id, flaw: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
  return undefined;
}
