import type { FastifyInstance } from 'fastify';
import { CostlaneError, type RoutingPolicy, type TenantPolicy } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import { tenantInReach } from '../auth/admin-reach';
import { readShape } from '../dialects/costlane/read-request';
import { isSwitchedOff, type AdminServices } from './admin-clients';
import { bodyOf, readTenant, tenantNamed, type ReachFinder } from './admin-request';
import type { AdminDocument } from './control-clients';
import { tenantPolicySchema, type TenantPolicyInput } from './tenant-policy-schema';
import { requireModel } from './require-model';

export interface TenantPolicyDoorDeps {
  reach: ReachFinder;
  services: Pick<AdminServices, 'control' | 'setFalseHitLimit'>;
  policy: () => RoutingPolicy | undefined;
}

const KIND = 'tenant-policy';

/** By field of the wire: its name in the document. */
const names = {
  data_policy: 'dataPolicy',
  allow_substitution: 'allowSubstitution',
  store_prompts: 'storePrompts',
  prompt_retention_days: 'promptRetentionDays',
  holdout_share: 'holdoutShare',
  stale_answers: 'staleAnswers',
  max_false_hit_rate: 'maxFalseHitRate',
  strategy: 'strategy',
  cost_weight: 'costWeight',
  max_tier: 'maxTier',
  models: 'models',
} as const satisfies Record<keyof TenantPolicyInput, Exclude<keyof TenantPolicy, 'tenantId'>>;

/** `PUT|GET /admin/tenants/:id/policy`: a tenant's own rules. They are in force at every gateway within 2 s. */
export function registerTenantPolicyDoor(fastify: FastifyInstance, deps: TenantPolicyDoorDeps): void {
  const { reach, services, policy } = deps;

  fastify.put<{ Params: { id: string } }>('/admin/tenants/:id/policy', async (request) => {
    const tenantId = tenantNamed(tenantInReach(await reach(request), readTenant(request.params.id)));
    const asked = readShape(tenantPolicySchema, bodyOf(request));
    if (Object.keys(toFields(asked)).length === 0)
      throw new CostlaneError('invalid_request', `Set at least one of ${Object.keys(names).join(', ')}.`);
    asked.models?.forEach((model, at) => requireModel(policy(), model, `models[${at}]`));
    const before = asksForPrompts(asked) ? await services.control.get(KIND, tenantId) : undefined;
    const own = before?.isDeleted ? undefined : before?.body;
    const document = await services.control.merge(KIND, tenantId, toFields(withRetention(asked, own)));
    // The cache has a copy of its own; the document comes first, for from it the copy can be made again.
    const limit =
      asked.max_false_hit_rate === undefined
        ? undefined
        : await setFalseHitLimit(services, tenantId, asked.max_false_hit_rate);
    return successEnvelope({ ...shown(tenantId, document, policy()), ...(limit && { max_false_hit_rate: limit }) });
  });

  fastify.get<{ Params: { id: string } }>('/admin/tenants/:id/policy', async (request) => {
    const tenantId = tenantNamed(tenantInReach(await reach(request), readTenant(request.params.id)));
    const document = await services.control.get(KIND, tenantId);
    return successEnvelope(shown(tenantId, document?.isDeleted ? undefined : document, policy()));
  });
}

const toFields = (asked: TenantPolicyInput): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(names)
      .filter(([field]) => asked[field as keyof TenantPolicyInput] !== undefined)
      .map(([field, name]) => [name, asked[field as keyof TenantPolicyInput]]),
  );

const asksForPrompts = (asked: TenantPolicyInput): boolean =>
  asked.store_prompts !== undefined || asked.prompt_retention_days !== undefined;

/**
 * Prompts are kept for a time that is set, or not at all. To switch it off is one field.
 * @throws CostlaneError `invalid_request` for one of the two without the other
 */
function withRetention(asked: TenantPolicyInput, own: Partial<TenantPolicy> | undefined): TenantPolicyInput {
  if (!asksForPrompts(asked)) return asked;
  const isStored = (asked.store_prompts === undefined ? own?.storePrompts : asked.store_prompts) === true;
  if (!isStored) {
    if (typeof asked.prompt_retention_days === 'number') throw alone('prompt_retention_days', 'store_prompts: true');
    return { ...asked, prompt_retention_days: null };
  }
  const days = asked.prompt_retention_days === undefined ? own?.promptRetentionDays : asked.prompt_retention_days;
  if (typeof days !== 'number') throw alone('store_prompts', 'prompt_retention_days, from 1 to 3650');
  return asked;
}

const alone = (field: string, other: string): CostlaneError =>
  new CostlaneError('invalid_request', `Field "${field}": goes with ${other} only; set both.`, { field });

/** Undefined where the semantic tier is switched off: the document holds for when it is switched on. */
async function setFalseHitLimit(
  services: Pick<AdminServices, 'setFalseHitLimit'>,
  tenantId: string,
  limit: number | null,
): Promise<number | undefined> {
  try {
    return await services.setFalseHitLimit(tenantId, limit ?? 0);
  } catch (error) {
    if (isSwitchedOff(error)) return undefined;
    const words = 'The rules are kept, but the cache could not be told of max_false_hit_rate: try again.';
    throw new CostlaneError('unavailable', words, { cause: error, retryAfterMs: 1_000 });
  }
}

/** What holds for the tenant now: its own rules, and the deployment's where it has none. */
function shown(tenantId: string, document: AdminDocument | undefined, policy: RoutingPolicy | undefined) {
  const own = (document?.body ?? {}) as Partial<TenantPolicy>;
  const settings = policy?.settings;
  return {
    tenant_id: tenantId,
    data_policy: own.dataPolicy ?? settings?.dataPolicy ?? null,
    allow_substitution: own.allowSubstitution ?? false,
    store_prompts: own.storePrompts ?? false,
    prompt_retention_days: own.promptRetentionDays ?? null,
    holdout_share: own.holdoutShare ?? null,
    stale_answers: own.staleAnswers ?? false,
    max_false_hit_rate: own.maxFalseHitRate ?? null,
    strategy: own.strategy ?? settings?.strategy ?? null,
    cost_weight: own.costWeight ?? settings?.costWeight ?? null,
    max_tier: own.maxTier ?? null,
    models: own.models ?? [],
    own: Object.entries(names).flatMap(([field, name]) => (own[name] === undefined ? [] : [field])),
    updated_at: document?.updatedAt ?? null,
  };
}
