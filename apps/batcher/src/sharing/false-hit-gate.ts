import { semanticAuditsKey, semanticLimitsKey } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { createFalseHitController, type FalseHitController } from '@costlane/semantic-verifier';
import { LRUCache } from 'lru-cache';

/** What each tenant's audits allow: the same limits and audits that the semantic cache goes by. */
export interface FalseHitGate {
  /** Whether two questions of this probability may share an answer now; false while a tenant's audits are being read. */
  admit(tenantId: string, probability: number): boolean;
  limitOf(tenantId: string): number;
}

interface Tenant {
  limit: number;
  controller: FalseHitController | undefined;
}

const MAX_TENANTS = 1_000;
/** After so long a tenant's audits and limit are read again: the caches go on making audits, and an administrator may set a limit. */
const LIFETIME_MS = 60_000;
const READ_AUDITS = 500;
/** As in the cache: an audit stands for some candidates that were given or nearly so. */
const CANDIDATES_PER_AUDIT = 5;

export function createFalseHitGate(options: { redis: Redis; defaultLimit: number; logger: Logger }): FalseHitGate {
  const { redis, defaultLimit, logger } = options;
  const tenants = new LRUCache<string, Tenant>({ max: MAX_TENANTS, ttl: LIFETIME_MS });

  const load = async (tenantId: string, tenant: Tenant): Promise<void> => {
    const [limit, audits] = await Promise.all([
      redis.hget(semanticLimitsKey, tenantId),
      redis.lrange(semanticAuditsKey(tenantId), 0, READ_AUDITS - 1),
    ]);
    if (limit !== null) tenant.limit = Number(limit);
    const controller = createFalseHitController({ limit: tenant.limit });
    for (const text of audits.reverse()) {
      const [probability, wrong] = JSON.parse(text) as [number, number];
      for (let times = 0; times < CANDIDATES_PER_AUDIT; times++) controller.admit(probability);
      controller.recordAudit(probability, wrong === 1);
    }
    tenant.controller = controller;
  };

  const of = (tenantId: string): Tenant => {
    const known = tenants.get(tenantId);
    if (known) return known;
    const tenant: Tenant = { limit: defaultLimit, controller: undefined };
    tenants.set(tenantId, tenant);
    load(tenantId, tenant).catch((err: unknown) => {
      logger.debug({ err, tenantId }, 'a tenant’s audits could not be read; its questions share no answers for now');
      tenants.delete(tenantId);
    });
    return tenant;
  };

  return {
    admit: (tenantId, probability) => of(tenantId).controller?.admit(probability) ?? false,
    limitOf: (tenantId) => of(tenantId).limit,
  };
}
