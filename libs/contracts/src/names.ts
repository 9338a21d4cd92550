/** Names that services share: streams, consumer groups, keys and channels. One shard unless configured; the hash tag keeps a transaction in one slot. */

export const priorities = ['express', 'standard', 'batch'] as const;
export type Priority = (typeof priorities)[number];

export const isPriority = (value: unknown): value is Priority => priorities.includes(value as Priority);

export interface StreamNames {
  lane(priority: Priority): string;
  dispatch(provider: string): string;
  reply(gatewayId: string): string;
  completions: string;
  /** Pub/sub: ids of requests that nobody waits for any more. */
  cancelChannel: string;
  /** Pub/sub: the batcher's word on which providers take work straight into their dispatch stream. */
  flowChannel: string;
  /** Set of worker heartbeats (hash: worker id → JSON). */
  workers: string;
  /** Progress of a running stream, so that one cut off by a crash can be costed from what was delivered. */
  progress(requestId: string): string;
  /** First result of a client's idempotency key. */
  idempotency(tenantId: string, keyHash: string): string;
}

export function streamNames(shard = '0'): StreamNames {
  const root = `costlane:{${shard}}`;
  return {
    lane: (priority) => `${root}:lane:${priority}`,
    dispatch: (provider) => `${root}:dispatch:${provider}`,
    reply: (gatewayId) => `${root}:reply:${gatewayId}`,
    completions: `${root}:completions`,
    cancelChannel: `${root}:cancel`,
    flowChannel: `${root}:flow`,
    workers: `${root}:workers`,
    progress: (requestId) => `${root}:progress:${requestId}`,
    idempotency: (tenantId, keyHash) => `${root}:idempotency:${tenantId}:${keyHash}`,
  };
}

/** Exact-cache entry of a tenant. */
export const exactKey = (tenantId: string, fingerprint: string): string => `costlane:exact:${tenantId}:${fingerprint}`;

/** Pub/sub: what every gateway has to forget (JSON {@link InvalidationMessage}). */
export const invalidateChannel = 'costlane:invalidate';

export type InvalidationMessage =
  | { kind: 'cache'; tenantId: string; key?: string; model?: string; tag?: string; all?: true }
  | { kind: 'api-key'; keyHash: string };

export const consumerGroups = {
  lanes: 'batcher',
  dispatch: 'provider-worker',
  ledger: 'cost-attribution',
  cacheFill: 'cache',
} as const;
