import { everyTenant, exactEpochKey, exactEpochOfAllKey, type CacheFill } from '@costlane/contracts';
import type { Redis } from '@costlane/platform';
import type { CacheInvalidation } from './memory-tier';

/** How long an invalidation holds back answers that were asked before it: longer than any request may run. */
const EPOCH_LIFETIME_SECONDS = 3_600;

/** A tenant's invalidations of late: what → epoch ms. */
export type Epochs = Record<string, string>;

/** Under no kind of invalidation's name: the last invalidation of every tenant's entries. */
const OF_EVERY_TENANT = 'every-tenant';

export async function readEpochs(redis: Redis, tenantId: string): Promise<Epochs> {
  const [own, ofAll] = await Promise.all([redis.hgetall(exactEpochKey(tenantId)), redis.get(exactEpochOfAllKey)]);
  return ofAll === null ? own : { ...own, [OF_EVERY_TENANT]: ofAll };
}

/** From here on answers that were asked before are not stored. */
export async function markEpoch(redis: Redis, message: CacheInvalidation, nowMs: number): Promise<void> {
  if (message.tenantId === everyTenant) {
    await redis.set(exactEpochOfAllKey, String(nowMs), 'EX', EPOCH_LIFETIME_SECONDS);
    return;
  }
  const key = exactEpochKey(message.tenantId);
  await Promise.all([redis.hset(key, epochField(message), String(nowMs)), redis.expire(key, EPOCH_LIFETIME_SECONDS)]);
}

export function isOutdated(fill: CacheFill, epochs: Epochs): boolean {
  const fields = [
    OF_EVERY_TENANT,
    'all',
    `key:${fill.fingerprint}`,
    `model:${fill.entry.modelUsed}`,
    `model:${fill.entry.modelAsked}`,
  ];
  if (fill.tag !== undefined) fields.push(`tag:${fill.tag}`);
  return fields.some((field) => Number(epochs[field] ?? 0) >= fill.entry.askedAtMs);
}

function epochField(message: CacheInvalidation): string {
  if (message.key !== undefined) return `key:${message.key}`;
  if (message.model !== undefined) return `model:${message.model}`;
  if (message.tag !== undefined) return `tag:${message.tag}`;
  return 'all';
}
