import {
  everyTenant,
  exactAgeKey,
  exactIndexKey,
  exactKey,
  exactRankKey,
  exactTenantsKey,
  invalidateChannel,
  type CacheFill,
} from '@costlane/contracts';
import type { EvictionPolicy } from '@costlane/domain';
import { bindScript, type Redis } from '@costlane/platform';
import { encodeAnswer, type CachedAnswer } from './answer';
import { isOutdated, markEpoch, readEpochs } from './epochs';
import source from './fill.lua';
import { createGatheredLookup } from './gathered-lookup';
import { fingerprintOf, isMemberMeant, memberOf } from './index-member';
import type { CacheInvalidation } from './memory-tier';
import { createStaleCopies, type StaleCopies } from './stale-copies';
import { createUseReports, worthOfAnswer } from './use-reports';

export interface ExactFill {
  fill: CacheFill;
  body: Buffer;
}

export interface ResponseStore {
  /** Undefined: not there. Rejects when Redis does not answer. All look-ups of one tick travel in one MGET. A find counts as a use. */
  find(tenantId: string, fingerprint: string): Promise<CachedAnswer | undefined>;
  /** An answer was given from elsewhere (the memory tier): it counts as a use of the entry, of which Redis hears within a second. */
  used(tenantId: string, fingerprint: string, answer: CachedAnswer): void;
  /** Stores answers; those asked before a later invalidation, or larger than the bound, are left out. Gives how many were stored. */
  fill(fills: readonly ExactFill[]): Promise<number>;
  /** Forgets entries of one tenant, or of all, in Redis and (by message) in every gateway. Gives how many were in Redis. */
  invalidate(message: CacheInvalidation): Promise<number>;
  /** Tells Redis now of the uses that it has not heard of. Never rejects. */
  flushUses(): Promise<void>;
  /** Uses that Redis has not heard of are dropped. */
  stop(): void;
}

export interface ResponseStoreOptions {
  redis: Redis;
  maxEntryBytes: number;
  /** Entries a tenant may hold; which ones go first is the policy's. */
  maxEntriesPerTenant?: number;
  /** lru unless said; the same for all who fill and all who find. */
  policy?: EvictionPolicy;
  /** How long answers that may be given when they are stale are kept beyond their lifetime; not at all unless said. */
  staleSeconds?: number;
  /** Entries went because their tenant had too many. */
  onEvicted?: (entries: number) => void;
  now?: () => number;
}

/** An index outlives every entry it names: no entry may live longer. */
const INDEX_LIFETIME_SECONDS = 30 * 24 * 3_600;

/** The exact tier: answers in Redis under tenant and fingerprint, with an index and a rank a tenant for invalidation and bounds. */
export function createResponseStore(options: ResponseStoreOptions): ResponseStore {
  const { redis, maxEntryBytes, policy = 'lru' } = options;
  const now = options.now ?? Date.now;
  const maxEntries = options.maxEntriesPerTenant ?? 100_000;
  const lookUp = createGatheredLookup(redis);
  const uses = createUseReports({ redis, policy, now });
  const store = bindScript(redis, source);
  const maxLifetimeSeconds = INDEX_LIFETIME_SECONDS;
  const stale = createStaleCopies({ redis, staleSeconds: options.staleSeconds ?? 0, maxEntries, maxLifetimeSeconds });
  const room: Room = { redis, policy, stale };

  const storeAll = async (tenantId: string, fills: readonly ExactFill[]): Promise<void> => {
    const nowMs = now();
    const keys = [
      exactIndexKey(tenantId),
      exactRankKey(tenantId, policy),
      exactAgeKey(tenantId, policy),
      exactTenantsKey,
    ];
    const scoreByTime = policy === 'lru' ? nowMs : '';
    const args: (string | number | Buffer)[] = [Math.floor(nowMs / 1000), INDEX_LIFETIME_SECONDS, tenantId, maxEntries];
    args.push(exactKey(tenantId, ''), scoreByTime);
    for (const { fill, body } of fills) {
      keys.push(exactKey(tenantId, fill.fingerprint));
      args.push(encodeAnswer({ header: fill.entry, body, tag: fill.tag }));
      args.push(Math.min(fill.ttlSeconds, INDEX_LIFETIME_SECONDS), memberOf(fill));
      args.push(worthOfAnswer(policy, fill.entry, body.length));
    }
    const [evicted] = await Promise.all([store(keys, args).then(Number), stale.keep(tenantId, fills, nowMs)]);
    if (evicted > 0) options.onEvicted?.(evicted);
  };

  const fillTenant = async (tenantId: string, fills: readonly ExactFill[]): Promise<number> => {
    const epochs = await readEpochs(
      redis,
      tenantId,
      fills.map(({ fill }) => fill),
    );
    const wanted = fills.filter(({ fill, body }) => body.length <= maxEntryBytes && !isOutdated(fill, epochs));
    if (wanted.length === 0) return 0;
    await storeAll(tenantId, wanted);
    // Asked for behind the writes: an invalidation that came between the first look and them may have passed before them.
    const epochsNow = await readEpochs(
      redis,
      tenantId,
      wanted.map(({ fill }) => fill),
    );
    const outdated = wanted.filter(({ fill }) => isOutdated(fill, epochsNow));
    if (outdated.length > 0) {
      const members = outdated.map(({ fill }) => memberOf(fill));
      await removeMembers(room, tenantId, members, members);
    }
    return wanted.length - outdated.length;
  };

  return {
    async find(tenantId, fingerprint) {
      const answer = await lookUp(tenantId, fingerprint);
      if (answer) uses.used(tenantId, fingerprint, answer);
      return answer;
    },
    used: (tenantId, fingerprint, answer) => uses.used(tenantId, fingerprint, answer),
    async fill(fills) {
      const byTenant = new Map<string, ExactFill[]>();
      for (const item of fills) {
        const tenantFills = byTenant.get(item.fill.tenantId);
        if (tenantFills) tenantFills.push(item);
        else byTenant.set(item.fill.tenantId, [item]);
      }
      const counts = await Promise.all([...byTenant].map(([tenantId, items]) => fillTenant(tenantId, items)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    invalidate: (message) => invalidate(room, message, now()),
    flushUses: () => uses.flush(),
    stop: () => uses.stop(),
  };
}

/** Where a tenant's entries lie. */
interface Room {
  redis: Redis;
  policy: EvictionPolicy;
  stale: StaleCopies;
}

async function invalidate(room: Room, message: CacheInvalidation, nowMs: number): Promise<number> {
  const { redis, stale } = room;
  // First the mark, so that an answer under way is not stored after the entries have gone; then the word to the gateways, which need not
  // wait until a great many entries have been removed.
  await markEpoch(redis, message, nowMs);
  const tell = (): Promise<number> => redis.publish(invalidateChannel, JSON.stringify(message));
  await tell();
  const tenants =
    message.tenantId === everyTenant ? await redis.zrange(exactTenantsKey, '0', '-1') : [message.tenantId];
  let removed = 0;
  for (const tenantId of tenants) {
    const all = await redis.zrange(exactIndexKey(tenantId), '0', '-1');
    const meant = all.filter((member) => isMemberMeant(member, message));
    // Kept copies outlive what the index of the entries knows: they have one of their own.
    removed += await removeMembers(room, tenantId, meant, await stale.meant(tenantId, message));
  }
  // A gateway that found one of them meanwhile, and had not heard the first word, is told again.
  if (removed > 0) await tell();
  return removed;
}

/** Removes entries and kept copies; gives how many there were, an entry and its copy counted once. */
async function removeMembers(
  { redis, policy, stale }: Room,
  tenantId: string,
  members: readonly string[],
  copies: readonly string[],
): Promise<number> {
  let removed = 0;
  for (const some of inChunks(members)) {
    const keys = some.map((member) => exactKey(tenantId, fingerprintOf(member)));
    const [count] = await Promise.all([
      redis.unlink(...keys),
      redis.zrem(exactIndexKey(tenantId), ...some),
      redis.zrem(exactRankKey(tenantId, policy), ...some),
    ]);
    removed += count;
  }
  const entries = new Set(members);
  for (const some of inChunks(copies.filter((member) => entries.has(member)))) await stale.remove(tenantId, some);
  for (const some of inChunks(copies.filter((member) => !entries.has(member))))
    removed += await stale.remove(tenantId, some);
  return removed;
}

function* inChunks(members: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < members.length; start += 1_000) yield members.slice(start, start + 1_000);
}
