import { everyTenant, exactEpochKey, exactEpochOfAllKey, type CacheFill } from '@costlane/contracts';
import { bindScript, type Redis } from '@costlane/platform';
import source from './mark-epoch.lua';
import type { CacheInvalidation } from './memory-tier';

/** How long an invalidation holds back answers that were asked before it: longer than any request may run. */
const EPOCH_LIFETIME_SECONDS = 3_600;

/** When what these answers may be meant by was invalidated last: what → epoch ms. */
export type Epochs = ReadonlyMap<string, number>;

/** Under no kind of invalidation's name: the last invalidation of every tenant's entries. */
const OF_EVERY_TENANT = 'every-tenant';

/** Of all invalidations only those that can mean one of the answers: a tenant may have made a great many. Most have made none. */
export async function readEpochs(redis: Redis, tenantId: string, fills: readonly CacheFill[]): Promise<Epochs> {
  const key = exactEpochKey(tenantId);
  const [marks, ofAll] = await Promise.all([redis.hlen(key), redis.get(exactEpochOfAllKey)]);
  const epochs = new Map([[OF_EVERY_TENANT, Number(ofAll ?? 0)]]);
  if (marks === 0) return epochs;
  const fields = [...new Set(fills.flatMap(fieldsOf))];
  const own = await redis.hmget(key, ...fields);
  fields.forEach((field, at) => epochs.set(field, Number(own[at] ?? 0)));
  return epochs;
}

/** From here on answers that were asked before are not stored. */
export async function markEpoch(redis: Redis, message: CacheInvalidation, nowMs: number): Promise<void> {
  if (message.tenantId === everyTenant)
    await redis.set(exactEpochOfAllKey, String(nowMs), 'EX', EPOCH_LIFETIME_SECONDS);
  else {
    const mark = bindScript(redis, source);
    await mark([exactEpochKey(message.tenantId)], [epochField(message), nowMs, EPOCH_LIFETIME_SECONDS]);
  }
}

export const isOutdated = (fill: CacheFill, epochs: Epochs): boolean =>
  isSince(epochs, OF_EVERY_TENANT, fill) ||
  (epochs.size > 1 && fieldsOf(fill).some((field) => isSince(epochs, field, fill)));

const isSince = (epochs: Epochs, field: string, { entry }: CacheFill): boolean =>
  (epochs.get(field) ?? 0) >= entry.askedAtMs;

function fieldsOf({ fingerprint, tag, entry }: CacheFill): string[] {
  const fields = ['all', `key:${fingerprint}`, `model:${entry.modelUsed}`, `model:${entry.modelAsked}`];
  return tag === undefined ? fields : [...fields, `tag:${tag}`];
}

function epochField(message: CacheInvalidation): string {
  if (message.key !== undefined) return `key:${message.key}`;
  if (message.model !== undefined) return `model:${message.model}`;
  if (message.tag !== undefined) return `tag:${message.tag}`;
  return 'all';
}
