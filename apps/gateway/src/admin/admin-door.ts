import { CostlaneError, type RoutingPolicy } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';
import { everyTenant, type ApiKey, type InvalidateRequest, type SemanticReply } from '@costlane/contracts';
import { tenantInReach } from '../auth/admin-reach';
import type { Authenticator } from '../auth/authenticator';
import { hashKey, newKey } from '../auth/key-format';
import { readShape } from '../dialects/costlane/read-request';
import type { AdminServices } from './admin-clients';
import { bodyOf, reachFinder, readTenant, requireDeployment, tenantNamed } from './admin-request';
import { invalidationSchema, newKeySchema } from './admin-schemas';
import { registerAnomaliesDoor } from './anomalies-door';
import { registerBooksDoor } from './books-door';
import { registerBudgetsDoor } from './budgets-door';
import { registerCatalogDoor } from './catalog-door';
import { registerExperimentsDoor } from './experiments-door';
import { registerPromptsDoor } from './prompts-door';
import { registerTenantPolicyDoor } from './tenant-policy-door';

export interface AdminDoorDeps {
  authenticator: Pick<Authenticator, 'authenticateAdmin' | 'forget'>;
  services: AdminServices;
  keySecret: string;
  policy: () => RoutingPolicy | undefined;
  /** What the gateway keeps in its own memory. */
  memory?: { entries(): number; sizeBytes(): number };
}

/** `/admin/keys`, `/admin/cache` and what is below it, tenants' rules, experiments and the catalog. Every route finds out who asks and what is within reach before anything else. */
export function registerAdminDoor(
  fastify: FastifyInstance,
  { authenticator, services, keySecret, policy, memory }: AdminDoorDeps,
): void {
  const reach = reachFinder(authenticator);
  registerTenantPolicyDoor(fastify, { reach, services, policy });
  registerExperimentsDoor(fastify, { reach, documents: services.control, policy });
  registerBooksDoor(fastify, { reach, books: services.books });
  registerBudgetsDoor(fastify, { reach, budgets: services.budgets });
  registerAnomaliesDoor(fastify, { reach, anomalies: services.anomalies });
  registerCatalogDoor(fastify, { reach, catalog: services.catalog });
  registerPromptsDoor(fastify, { reach, prompts: services.prompts });

  fastify.post('/admin/keys', async (request, reply) => {
    const within = await reach(request);
    const asked = readShape(newKeySchema, bodyOf(request));
    const tenantId = tenantNamed(tenantInReach(within, asked.tenant_id));
    const made = newKey();
    const stored = await services.createKey({
      tenantId,
      teamId: asked.team_id ?? '',
      userId: asked.user_id ?? '',
      name: asked.name ?? '',
      role: asked.role,
      rateLimitPerMinute: asked.rate_limit_per_minute,
      prefix: made.prefix,
      keyHash: hashKey(made.key, keySecret),
    });
    // Shown once: no cache on the way may keep it.
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send(successEnvelope({ ...shown(stored), key: made.key }));
  });

  fastify.get<{ Querystring: { tenant_id?: unknown } }>('/admin/keys', async (request) => {
    const within = await reach(request);
    const asked = request.query.tenant_id;
    const tenantId = tenantInReach(within, asked === undefined ? undefined : readTenant(asked));
    const keys = await services.listKeys(tenantId ?? '');
    return successEnvelope({ keys: keys.map(shown) });
  });

  fastify.delete<{ Params: { id: string } }>('/admin/keys/:id', async (request) => {
    const within = await reach(request);
    const { id } = request.params;
    const tenantId = tenantInReach(within, undefined);
    // Another tenant's key is answered like one that does not exist.
    if (tenantId !== undefined && !(await services.listKeys(tenantId)).some((key) => key.id === id))
      throw new CostlaneError('not_found', 'There is no API key with this id.', { field: 'id' });
    const { wasActive, key, keyHash } = await services.revokeKey(id);
    // The other gateways are told by signal; this one need not wait for it.
    authenticator.forget(keyHash);
    return successEnvelope({ revoked: true, was_active: wasActive, key: key ? shown(key) : null });
  });

  fastify.get('/admin/cache', async (request) => {
    requireDeployment(await reach(request), 'These figures are of all tenants');
    const [stats, semantic] = await Promise.all([services.cacheStats(), services.semantic()]);
    const { filledEntries, skippedEntries, invalidatedEntries } = stats;
    return successEnvelope({
      memory: memory ? { entries: memory.entries(), size_bytes: memory.sizeBytes() } : null,
      exact: {
        filled_entries: filledEntries,
        skipped_entries: skippedEntries,
        invalidated_entries: invalidatedEntries,
      },
      semantic: semantic ? shownSemantic(semantic) : null,
    });
  });

  fastify.get<{ Querystring: { tenant_id?: unknown } }>('/admin/cache/pairs', async (request, reply) => {
    const asked = request.query.tenant_id;
    const within = tenantInReach(await reach(request), asked === undefined ? undefined : readTenant(asked));
    const { lines, isCollecting } = await services.pairs(tenantNamed(within));
    if (lines.length === 0 && !isCollecting)
      throw new CostlaneError('not_found', 'No pairs are kept: set CACHE_KEEP_PAIRS=true to collect them.');
    return reply
      .header('cache-control', 'no-store')
      .type('application/x-ndjson')
      .send(lines.map((line) => `${line}\n`).join(''));
  });

  fastify.post('/admin/cache/invalidate', async (request) => {
    const within = await reach(request);
    const { tenant_id: asked, ...choice } = readShape(invalidationSchema, bodyOf(request));
    const tenantId = tenantNamed(tenantInReach(within, asked));
    if (tenantId === everyTenant && choice.all !== true) {
      const message = 'Field "tenant_id": "*" (every tenant) goes with "all" only.';
      throw new CostlaneError('invalid_request', message, { field: 'tenant_id' });
    }
    const removed = await services.invalidate({ tenantId, what: whatOf(choice) });
    return successEnvelope({ tenant_id: tenantId, removed_entries: removed });
  });
}

function whatOf(choice: { key?: string; model?: string; tag?: string; all?: true }): InvalidateRequest['what'] {
  const given = Object.entries(choice).filter(([, value]) => value !== undefined);
  if (given.length !== 1)
    throw new CostlaneError('invalid_request', 'Exactly one of "key", "model", "tag" and "all" has to be given.', {
      field: given[1]?.[0] ?? 'key',
    });
  if (choice.key !== undefined) return { $case: 'key', value: choice.key };
  if (choice.model !== undefined) return { $case: 'model', value: choice.model };
  if (choice.tag !== undefined) return { $case: 'tag', value: choice.tag };
  return { $case: 'all', value: true };
}

const shown = (key: ApiKey) => ({
  id: key.id,
  prefix: key.prefix,
  tenant_id: key.tenantId,
  team_id: key.teamId || null,
  user_id: key.userId || null,
  name: key.name || null,
  role: key.role,
  rate_limit_per_minute: key.rateLimitPerMinute,
  created_at: key.createdAt,
  revoked_at: key.revokedAt || null,
});

const shownSemantic = ({ embedder, index, entries, tenants }: SemanticReply) => ({
  embedder,
  index,
  entries,
  tenants: tenants.map((tenant) => ({
    tenant_id: tenant.tenantId,
    state: tenant.state,
    max_false_hit_rate: tenant.limit,
    probability_threshold: tenant.threshold,
    lookups: tenant.lookups,
    hits: tenant.hits,
    audits: tenant.audits,
    wrong: tenant.wrong,
    observed_false_hit_rate: tenant.observedRate,
    observed_false_hit_rate_upper: tenant.upperRate,
    entries: tenant.entries,
  })),
});
