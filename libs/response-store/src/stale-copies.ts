import { staleIndexKey, staleKey } from '@costlane/contracts';
import { bindScript, type Redis } from '@costlane/platform';
import { decodeAnswer, encodeAnswer, type CachedAnswer } from './answer';
import type { ExactFill } from './exact-tier';
import { fingerprintOf, isMemberMeant, memberOf } from './index-member';
import source from './keep-stale.lua';
import type { CacheInvalidation } from './memory-tier';

export interface StaleCopies {
  /** Keeps those of a tenant's answers that may be given when they are stale. */
  keep(tenantId: string, fills: readonly ExactFill[], nowMs: number): Promise<void>;
  /** The members of the tenant's index that an invalidation means. */
  meant(tenantId: string, message: CacheInvalidation): Promise<string[]>;
  /** Forgets answers; gives how many were there. */
  remove(tenantId: string, members: readonly string[]): Promise<number>;
}

export interface StaleCopiesOptions {
  redis: Redis;
  /** How long answers are kept beyond their lifetime; 0: not at all. */
  staleSeconds: number;
  /** Answers that are kept of a tenant. */
  maxEntries: number;
  /** No key lives longer. */
  maxLifetimeSeconds: number;
}

/** Second copies of answers that outlive the first: what is left to give when no provider answers. */
export function createStaleCopies(options: StaleCopiesOptions): StaleCopies {
  const { redis, staleSeconds, maxEntries, maxLifetimeSeconds } = options;
  const keepAll = bindScript(redis, source);
  return {
    async keep(tenantId, fills, nowMs) {
      const kept = staleSeconds > 0 ? fills.filter(({ fill }) => fill.isStaleKept) : [];
      if (kept.length === 0) return;
      const keys = [staleIndexKey(tenantId)];
      const args: (string | number | Buffer)[] = [Math.floor(nowMs / 1000), maxLifetimeSeconds, maxEntries];
      args.push(staleKey(tenantId, ''));
      for (const { fill, body } of kept) {
        keys.push(staleKey(tenantId, fill.fingerprint));
        args.push(encodeAnswer({ header: fill.entry, body, tag: fill.tag }));
        args.push(Math.min(fill.ttlSeconds + staleSeconds, maxLifetimeSeconds), memberOf(fill));
      }
      await keepAll(keys, args);
    },
    async meant(tenantId, message) {
      const all = await redis.zrange(staleIndexKey(tenantId), '0', '-1');
      return all.filter((member) => isMemberMeant(member, message));
    },
    async remove(tenantId, members) {
      if (members.length === 0) return 0;
      const [count] = await Promise.all([
        redis.unlink(...members.map((member) => staleKey(tenantId, fingerprintOf(member)))),
        redis.zrem(staleIndexKey(tenantId), ...members),
      ]);
      return count;
    },
  };
}

/** How a gateway finds an answer that is kept beyond its lifetime. Rejects when Redis does not answer. */
export type FindStale = (tenantId: string, fingerprint: string) => Promise<CachedAnswer | undefined>;

/** Looks answers up that outlived their time; rare, so each by itself. */
export function createStaleLookup(redis: Redis): FindStale {
  return async (tenantId, fingerprint) => {
    const stored = await redis.getBuffer(staleKey(tenantId, fingerprint));
    return stored ? decodeAnswer(stored) : undefined;
  };
}
