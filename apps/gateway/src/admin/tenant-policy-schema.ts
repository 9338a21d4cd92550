import { dataPolicies, maxHoldoutShare, modelTiers, routingStrategies } from '@costlane/domain';
import { z } from 'zod';

const MAX_MODELS = 200;
const nullable = <T extends z.ZodType>(schema: T, description: string) =>
  schema.nullable().optional().describe(`${description} null: as the deployment has it.`);

/** What an administrator may say of a tenant: fields that are not given stay as they are. */
export const tenantPolicySchema = z.strictObject({
  data_policy: nullable(
    z.enum(dataPolicies),
    'What happens to a request that holds personal data or secrets: it goes out as it is (allow), to secure models only (secure_model), with these values replaced on the way (redact), or not at all (block).',
  ),
  allow_substitution: nullable(
    z.boolean(),
    'A request that names a model may be answered by another that is as good, where that is cheaper or the named one fails.',
  ),
  store_prompts: nullable(
    z.boolean(),
    'The ledger keeps prompts for prompt_retention_days, which has to be set as well; switched off, that goes with it.',
  ),
  prompt_retention_days: nullable(
    z.number().int().min(1).max(3_650),
    'How long prompts are kept; goes with store_prompts: true only.',
  ),
  holdout_share: nullable(
    z.number().min(0).max(maxHoldoutShare),
    'Share of its users whose requests go out as they come, without cache, other models or batching, to measure what these save; 0: none.',
  ),
  stale_answers: nullable(
    z.boolean(),
    'An answer that has outlived its lifetime may be given, marked as stale, when no provider answers.',
  ),
  max_false_hit_rate: nullable(
    z.number().min(0.0001).max(0.5),
    'Largest share of the tenant’s semantic hits that may be wrong.',
  ),
  strategy: nullable(z.enum(routingStrategies), 'How a model is chosen.'),
  cost_weight: nullable(
    z.number().min(0).max(1),
    'Of the strategy balanced: 1 looks at cost alone, 0 at latency alone.',
  ),
  max_tier: nullable(
    z.enum(modelTiers),
    'Requests that leave the choice go to no model of a higher tier, whatever they hold: a bound for what they cost.',
  ),
  models: nullable(
    z.array(z.string().min(1).max(256)).max(MAX_MODELS),
    'The only models that its requests may use; an empty list: all.',
  ),
});

export type TenantPolicyInput = z.infer<typeof tenantPolicySchema>;

/** The rules in effect. */
export const tenantPolicyReplySchema = z.object({
  tenant_id: z.string(),
  data_policy: z.enum(dataPolicies).nullable(),
  allow_substitution: z.boolean(),
  store_prompts: z.boolean(),
  prompt_retention_days: z.number().nullable(),
  holdout_share: z.number().nullable().describe('null: the deployment’s.'),
  stale_answers: z.boolean(),
  max_false_hit_rate: z.number().nullable().describe('null: the deployment’s.'),
  strategy: z.enum(routingStrategies).nullable(),
  cost_weight: z.number().nullable(),
  max_tier: z.enum(modelTiers).nullable(),
  models: z.array(z.string()).describe('Empty: all.'),
  own: z.array(z.string()).describe('Which of these fields are the tenant’s own; the others are the deployment’s.'),
  updated_at: z.string().nullable(),
});
