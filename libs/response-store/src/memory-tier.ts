import { everyTenant, type InvalidationMessage } from '@costlane/contracts';
import type { EvictionPolicy } from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import type { CachedAnswer } from './answer';
import { createAnswerMap } from './answer-map';

export interface MemoryTierOptions {
  maxEntries: number;
  ttlMs: number;
  /** Bound on the answers' bytes together. */
  maxBytes: number;
  /** Which entry goes when there is no room; lru unless said. */
  policy?: EvictionPolicy;
  /** Entries went because there was no room. */
  onEvicted?: (entries: number) => void;
}

export interface MemoryTier {
  get(tenantId: string, fingerprint: string): CachedAnswer | undefined;
  /** `lifetimeMs` shortens the tier's own lifetime where the request asked for less. Answers asked before an invalidation are left out. */
  set(tenantId: string, fingerprint: string, answer: CachedAnswer, lifetimeMs?: number): void;
  /** Whether an answer, wherever it was found, was asked before an invalidation that means it: it must not be given any more. */
  isOutdated(tenantId: string, fingerprint: string, answer: CachedAnswer): boolean;
  /** Gives how many entries went. */
  invalidate(message: CacheInvalidation): number;
  clear(): void;
  entries(): number;
  sizeBytes(): number;
}

export type CacheInvalidation = Extract<InvalidationMessage, { kind: 'cache' }>;

/** An invalidation is remembered for longer than any request may run that was asked before it. */
const MARK_LIFETIME_MS = 3_600_000;
const MAX_MARKS = 10_000;

/** Answers in the process's own memory: short-lived, bounded in number and bytes. */
export function createMemoryTier(options: MemoryTierOptions): MemoryTier {
  const { maxEntries, maxBytes } = options;
  const onEvicted = (): void => options.onEvicted?.(1);
  const answers = createAnswerMap(options.policy ?? 'lru', { maxEntries, maxBytes, onEvicted });
  // The tenant is part of every key; JSON-free joining is safe because a fingerprint has a fixed length and no slash.
  const keyOf = (tenantId: string, fingerprint: string): string => `${fingerprint}/${tenantId}`;
  const marks = new LRUCache<string, number>({ max: MAX_MARKS, ttl: MARK_LIFETIME_MS, ttlResolution: 1_000 });
  const isOutdated = (tenantId: string, fingerprint: string, { header, tag }: CachedAnswer): boolean =>
    marks.size > 0 &&
    [
      markOf(everyTenant, 'all'),
      markOf(tenantId, 'all'),
      markOf(tenantId, 'key', fingerprint),
      markOf(tenantId, 'model', header.modelUsed),
      markOf(tenantId, 'model', header.modelAsked),
      markOf(tenantId, 'tag', tag),
    ].some((mark) => (marks.get(mark) ?? -Infinity) >= header.askedAtMs);
  const clear = (): number => {
    const removed = answers.count();
    answers.clear();
    return removed;
  };
  return {
    get: (tenantId, fingerprint) => answers.get(keyOf(tenantId, fingerprint)),
    set(tenantId, fingerprint, answer, lifetimeMs) {
      const ttl = lifetimeMs === undefined ? options.ttlMs : Math.min(lifetimeMs, options.ttlMs);
      if (ttl > 0 && !isOutdated(tenantId, fingerprint, answer))
        answers.set(keyOf(tenantId, fingerprint), { ...answer, tenantId }, ttl);
    },
    isOutdated,
    invalidate(message) {
      for (const kind of ['key', 'model', 'tag', 'all'] as const) {
        const value = message[kind];
        if (value !== undefined) marks.set(markOf(message.tenantId, kind, value), Date.now());
      }
      if (message.tenantId === everyTenant && message.all) return clear();
      if (message.key !== undefined) return answers.delete(keyOf(message.tenantId, message.key)) ? 1 : 0;
      let removed = 0;
      for (const [key, answer] of answers.entries()) {
        if (answer.tenantId !== message.tenantId || !isMeant(answer, message)) continue;
        answers.delete(key);
        removed++;
      }
      return removed;
    },
    clear: () => void clear(),
    entries: () => answers.count(),
    sizeBytes: () => answers.sizeBytes(),
  };
}

const markOf = (tenantId: string, kind: 'key' | 'model' | 'tag' | 'all', value: string | true = ''): string =>
  JSON.stringify(kind === 'all' ? [tenantId] : [tenantId, kind, value]);

function isMeant(answer: CachedAnswer, message: { model?: string; tag?: string; all?: true }): boolean {
  if (message.all) return true;
  if (message.model !== undefined)
    return answer.header.modelUsed === message.model || answer.header.modelAsked === message.model;
  return message.tag !== undefined && answer.tag === message.tag;
}
