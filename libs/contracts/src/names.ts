/** Names that services share: streams, consumer groups, keys and channels. One shard unless configured; the hash tag keeps a transaction in one slot. */

export const priorities = ['express', 'standard', 'batch'] as const;
export type Priority = (typeof priorities)[number];

export const isPriority = (value: unknown): value is Priority => priorities.includes(value as Priority);

export interface StreamNames {
  lane(priority: Priority): string;
  dispatch(provider: string): string;
  /** Set of the providers that workers serve. */
  providers: string;
  reply(gatewayId: string): string;
  completions: string;
  /** What gateways are asked to do with items of durable jobs. */
  items: string;
  /** What cache replicas tell one another: answers stored, audits made, limits set. */
  semantic: string;
  /** Pub/sub: ids of requests that nobody waits for any more. */
  cancelChannel: string;
  /** Pub/sub: the batcher's word on which providers take work straight into their dispatch stream. */
  flowChannel: string;
  /** Pub/sub: what other gateways say to this one about calls that they share. */
  notesChannel(gatewayId: string): string;
  /** Heartbeat of a stream consumer (a worker or batcher); expires when the process is gone. */
  alive(consumer: string): string;
  /** Jobs that were given up after their attempts, for people to look at. */
  deadLetters: string;
  /** Progress of a running stream, so that one cut off by a crash can be costed from what was delivered. */
  progress(requestId: string): string;
  /** A mark for each tenant, replaced by each rollup that changes its rows: answers of analytics are kept for as long as it stays. */
  rollupVersions: string;
  /** First result of a client's idempotency key. */
  idempotency(tenantId: string, keyHash: string): string;
}

export function streamNames(shard = '0'): StreamNames {
  const root = `costlane:{${shard}}`;
  return {
    lane: (priority) => `${root}:lane:${priority}`,
    dispatch: (provider) => `${root}:dispatch:${provider}`,
    providers: `${root}:providers`,
    reply: (gatewayId) => `${root}:reply:${gatewayId}`,
    completions: `${root}:completions`,
    items: `${root}:items`,
    semantic: `${root}:semantic`,
    cancelChannel: `${root}:cancel`,
    flowChannel: `${root}:flow`,
    notesChannel: (gatewayId) => `${root}:notes:${gatewayId}`,
    alive: (consumer) => `${root}:alive:${consumer}`,
    deadLetters: `${root}:dead-letters`,
    progress: (requestId) => `${root}:progress:${requestId}`,
    rollupVersions: `${root}:rollup-versions`,
    idempotency: (tenantId, keyHash) => `${root}:idempotency:${keyPart(tenantId)}:${keyHash}`,
  };
}

/** Exact-cache entry of a tenant. The tenant enters a cache key here and nowhere else. */
export const exactKey = (tenantId: string, fingerprint: string): string =>
  `costlane:exact:${keyPart(tenantId)}:${fingerprint}`;

/**
 * Which gateway asks a provider this question right now (`<gateway> <request id>`). `form` tells apart requests of one fingerprint that
 * cannot share an answer: streamed ones from others.
 */
export const inFlightKey = (tenantId: string, form: string, fingerprint: string): string =>
  `costlane:inflight:${keyPart(tenantId)}:${form}:${fingerprint}`;

/** An answer that is kept beyond its lifetime, for when no provider answers. */
export const staleKey = (tenantId: string, fingerprint: string): string =>
  `costlane:stale:${keyPart(tenantId)}:${fingerprint}`;

/** Sorted set of a tenant's answers kept beyond their lifetime: score expiry (epoch s), members as in {@link exactIndexKey}. */
export const staleIndexKey = (tenantId: string): string => `costlane:stale-index:${keyPart(tenantId)}`;

/** Sorted set of a tenant's exact entries: score expiry (epoch s), member `<fingerprint>|<model asked>|<model used>|<tag>`. */
export const exactIndexKey = (tenantId: string): string => `costlane:exact-index:${keyPart(tenantId)}`;

/** Sorted set of the same members: the lower the score, the sooner an entry goes when the tenant has too many. Each policy has its own. */
export const exactRankKey = (tenantId: string, policy: string): string =>
  `costlane:exact-rank:${policy}:${keyPart(tenantId)}`;

/** Highest score that an entry of the rank had when it went: new ones begin there. */
export const exactAgeKey = (tenantId: string, policy: string): string =>
  `costlane:exact-age:${policy}:${keyPart(tenantId)}`;

/** Sorted set of the tenants that have exact entries: score expiry (epoch s) of the tenant's index, member the tenant's name. */
export const exactTenantsKey = 'costlane:exact-tenants';

/** Hash of a tenant's invalidations: what → epoch ms; answers asked before that moment are not stored. */
export const exactEpochKey = (tenantId: string): string => `costlane:exact-epoch:${keyPart(tenantId)}`;

/** Epoch ms of the last invalidation of all tenants' entries. */
export const exactEpochOfAllKey = 'costlane:exact-epoch-of-all';

/** In the place of a tenant's name in an invalidation of `all`: every tenant's entries. No tenant can be called so. */
export const everyTenant = '*';

/** List of a tenant's latest audits of semantic hits (JSON [probability, 1 for wrong]), newest first. */
export const semanticAuditsKey = (tenantId: string): string => `costlane:semantic-audits:${keyPart(tenantId)}`;

/** A comparison of a semantic hit with a fresh answer has been begun: handed over again, it is not made again. */
export const auditedKey = (tenantId: string, requestId: string): string =>
  `costlane:semantic-audited:${keyPart(tenantId)}:${keyPart(requestId)}`;

/** Hash: tenant → largest share of its semantic hits that may be wrong, where an administrator set one. */
export const semanticLimitsKey = 'costlane:semantic-limits';

/** What a request was given by the semantic cache (JSON), for feedback on it. */
export const servedKey = (tenantId: string, requestId: string): string =>
  `costlane:served:${keyPart(tenantId)}:${keyPart(requestId)}`;

/** List of a tenant's judged question pairs (JSON {a, b, same, source}), newest first, for training a verifier of its own. */
export const verifierPairsKey = (tenantId: string): string => `costlane:verifier-pairs:${keyPart(tenantId)}`;

/** Vector of a stored question by a model that costs time or money to ask again. */
export const vectorKey = (tenantId: string, fingerprint: string, modelId: string): string =>
  `costlane:vector:${keyPart(tenantId)}:${fingerprint}:${keyPart(modelId)}`;

/** A caller-controlled name as part of a key: it cannot hold a separator, a hash tag or a control character. */
const keyPart = (name: string): string => encodeURIComponent(name);

/** Pub/sub: what every gateway has to forget (JSON {@link InvalidationMessage}). */
export const invalidateChannel = 'costlane:invalidate';

export type InvalidationMessage =
  | { kind: 'cache'; tenantId: string; key?: string; model?: string; tag?: string; all?: true }
  | { kind: 'api-key'; keyHash: string };

/** Pub/sub: what gateways should know of budgets at once (JSON {@link BudgetMessage}). A hint: their next sync tells it as well. */
export const budgetChannel = 'costlane:budget';

export interface BudgetMessage {
  /** Accounts that others need more of: what is free of leases on them should be returned. */
  wanted?: { budgetId: string; subject: string; periodStartMs: number }[];
  /** A budget was put or removed, under this version. */
  version?: number;
}

/** Hash: `<service>/<kind>` → how often anything was served by second-best means; expires a day after the last one. */
export const fallbacksKey = 'costlane:fallbacks';

export const consumerGroups = {
  lanes: 'batcher',
  dispatch: 'provider-worker',
  ledger: 'cost-attribution',
  cacheFill: 'cache',
  items: 'gateway',
} as const;
