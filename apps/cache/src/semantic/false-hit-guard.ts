import { semanticAuditsKey, semanticLimitsKey } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import {
  createFalseHitController,
  type FalseHitController,
  type FalseHitState,
  type FalseHitStatus,
} from '@costlane/semantic-verifier';
import { LRUCache } from 'lru-cache';

/** Holds each tenant's share of wrong semantic answers below its limit, by what audits and users say. */
export interface FalseHitGuard {
  /** Whether a candidate of this probability may be given now. Undefined: the tenant's history is still being read, so nothing may. */
  admit(tenantId: string, probability: number): boolean | undefined;
  /**
   * Whether an audit of a candidate that was not given would tell something: of one that is nearly probable enough, or would be given were the tier
   * not off. Without such audits a strict limit never loosens.
   */
  isWorthAudit(tenantId: string, probability: number): boolean;
  /** Too many answers were wrong: none is given. */
  isOff(tenantId: string): boolean;
  /** Takes an audit, which another replica may have made. */
  audited(tenantId: string, probability: number, isWrong: boolean): void;
  /** Sets a tenant's limit; null: the deployment's. */
  limit(tenantId: string, limit: number | null): void;
  limitOf(tenantId: string): number;
  statuses(): { tenantId: string; limit: number; status: FalseHitStatus }[];
}

export interface FalseHitGuardOptions {
  redis: Redis;
  /** For tenants without a limit of their own. */
  defaultLimit: number;
  logger: Logger;
  onState?: (tenantId: string, state: FalseHitState, before: FalseHitState) => void;
}

interface Guarded {
  controller: FalseHitController | undefined;
  limit: number;
  state: FalseHitState;
  /** Audits that came while the history was being read. */
  waiting: [number, boolean][];
}

const MAX_TENANTS = 10_000;
const KEPT_AUDITS = 2_000;
const AUDITS_LIFETIME_SECONDS = 90 * 24 * 3_600;
const RETRY_MS = 1_000;

export function createFalseHitGuard({ redis, defaultLimit, logger, onState }: FalseHitGuardOptions): FalseHitGuard {
  const tenants = new LRUCache<string, Guarded>({ max: MAX_TENANTS });

  const load = async (tenantId: string, guarded: Guarded): Promise<void> => {
    const [limit, audits] = await Promise.all([
      redis.hget(semanticLimitsKey, tenantId),
      redis.lrange(semanticAuditsKey(tenantId), 0, KEPT_AUDITS - 1),
    ]);
    const ownLimit = limit === null ? defaultLimit : Number(limit);
    const controller = await replay(
      ownLimit,
      audits.reverse().map((text) => JSON.parse(text) as KeptAudit),
    );
    guarded.limit = ownLimit;
    guarded.controller = controller;
    for (const [probability, isWrong] of guarded.waiting.splice(0))
      guarded.controller.recordAudit(probability, isWrong);
    watch(tenantId, guarded);
  };

  const watch = (tenantId: string, guarded: Guarded): void => {
    const state = guarded.controller?.status().state ?? 'normal';
    if (state === guarded.state) return;
    const before = guarded.state;
    guarded.state = state;
    const status = guarded.controller?.status();
    const facts = {
      tenantId,
      state,
      before,
      limit: guarded.limit,
      observed: status?.observedRate,
      audits: status?.audits,
    };
    if (state === 'off')
      logger.error(facts, 'too many answers of the semantic cache were wrong: it is off for this tenant');
    else logger.warn(facts, 'the semantic cache of a tenant changed how strict it is');
    onState?.(tenantId, state, before);
  };

  const of = (tenantId: string): Guarded => {
    let guarded = tenants.get(tenantId);
    if (guarded) return guarded;
    guarded = { controller: undefined, limit: defaultLimit, state: 'normal', waiting: [] };
    tenants.set(tenantId, guarded);
    const begin = (one: Guarded): void => {
      load(tenantId, one).catch((error: unknown) => {
        logger.debug({ err: error, tenantId }, 'reading the audits of a tenant failed; trying again');
        setTimeout(() => tenants.peek(tenantId) === one && begin(one), RETRY_MS).unref();
      });
    };
    begin(guarded);
    return guarded;
  };

  return {
    admit: (tenantId, probability) => of(tenantId).controller?.admit(probability),
    isWorthAudit(tenantId, probability) {
      const status = tenants.get(tenantId)?.controller?.status();
      return status !== undefined && probability >= status.auditThreshold;
    },
    isOff: (tenantId) => tenants.get(tenantId)?.state === 'off',
    audited(tenantId, probability, isWrong) {
      const guarded = tenants.get(tenantId);
      if (!guarded) return;
      if (!guarded.controller) guarded.waiting.push([probability, isWrong]);
      else guarded.controller.recordAudit(probability, isWrong);
      watch(tenantId, guarded);
    },
    // The history is read again under the new limit.
    limit: (tenantId) => void tenants.delete(tenantId),
    limitOf: (tenantId) => of(tenantId).limit,
    statuses: () =>
      [...tenants.entries()].flatMap(([tenantId, { controller, limit }]) =>
        controller ? [{ tenantId, limit, status: controller.status() }] : [],
      ),
  };
}

/** Probability, and 1 where the answer was wrong. */
type KeptAudit = [number, number];

/** Candidates that an audit stands for; they are a sample of those that were given or nearly so. */
const CANDIDATES_PER_AUDIT = 5;
/** Some 2 ms of work. */
const AUDITS_PER_TURN = 200;

/**
 * A controller that knows what the audits have shown. They tell the traffic's mix as well: without one a controller only looks at what is nearly
 * certain, and would pass over just those audits that had made it careful.
 */
async function replay(limit: number, audits: readonly KeptAudit[]): Promise<FalseHitController> {
  const controller = createFalseHitController({ limit });
  for (const [at, [probability, wrong]] of audits.entries()) {
    for (let times = 0; times < CANDIDATES_PER_AUDIT; times++) controller.admit(probability);
    controller.recordAudit(probability, wrong === 1);
    if (at % AUDITS_PER_TURN === AUDITS_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return controller;
}

/** Keeps an audit for replicas that come to the tenant later. */
export async function keepAudit(redis: Redis, tenantId: string, probability: number, isWrong: boolean): Promise<void> {
  const key = semanticAuditsKey(tenantId);
  await redis
    .pipeline()
    .lpush(key, JSON.stringify([Math.round(probability * 1e6) / 1e6, isWrong ? 1 : 0]))
    .ltrim(key, 0, KEPT_AUDITS - 1)
    .expire(key, AUDITS_LIFETIME_SECONDS)
    .exec();
}

/** Sets or takes away a tenant's own limit. */
export async function keepLimit(redis: Redis, tenantId: string, limit: number | null): Promise<void> {
  if (limit === null) await redis.hdel(semanticLimitsKey, tenantId);
  else await redis.hset(semanticLimitsKey, tenantId, String(limit));
}
