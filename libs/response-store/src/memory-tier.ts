import type { InvalidationMessage } from '@costlane/contracts';
import { LRUCache } from 'lru-cache';
import type { CachedAnswer } from './answer';

export interface MemoryTierOptions {
  maxEntries: number;
  ttlMs: number;
  /** Bound on the answers' bytes together. */
  maxBytes: number;
}

export interface MemoryTier {
  get(tenantId: string, fingerprint: string): CachedAnswer | undefined;
  /** `lifetimeMs` shortens the tier's own lifetime where the request asked for less. Answers asked before an invalidation are left out. */
  set(tenantId: string, fingerprint: string, answer: CachedAnswer, lifetimeMs?: number): void;
  /** Gives how many entries went. */
  invalidate(message: Extract<InvalidationMessage, { kind: 'cache' }>): number;
  clear(): void;
  entries(): number;
  sizeBytes(): number;
}

/** Fixed cost of an entry beside its bytes, so that many small answers count too. */
const ENTRY_OVERHEAD_BYTES = 512;
/** An invalidation is remembered for longer than any request may run that was asked before it. */
const MARK_LIFETIME_MS = 3_600_000;
const MAX_MARKS = 10_000;

/** Answers in the process's own memory: LRU, short-lived, bounded in number and bytes. */
export function createMemoryTier(options: MemoryTierOptions): MemoryTier {
  const answers = new LRUCache<string, CachedAnswer & { tenantId: string }>({
    max: options.maxEntries,
    ttl: options.ttlMs,
    ttlResolution: 100,
    maxSize: options.maxBytes,
    maxEntrySize: Math.ceil(options.maxBytes / 8),
    sizeCalculation: (answer) => answer.body.length + ENTRY_OVERHEAD_BYTES,
  });
  // The tenant is part of every key; JSON-free joining is safe because a fingerprint has a fixed length and no slash.
  const keyOf = (tenantId: string, fingerprint: string): string => `${fingerprint}/${tenantId}`;
  const marks = new LRUCache<string, number>({ max: MAX_MARKS, ttl: MARK_LIFETIME_MS, ttlResolution: 1_000 });
  const isOutdated = (tenantId: string, fingerprint: string, { header, tag }: CachedAnswer): boolean =>
    marks.size > 0 &&
    [
      markOf(tenantId, 'all'),
      markOf(tenantId, 'key', fingerprint),
      markOf(tenantId, 'model', header.modelUsed),
      markOf(tenantId, 'model', header.modelAsked),
      markOf(tenantId, 'tag', tag),
    ].some((mark) => (marks.get(mark) ?? -Infinity) >= header.askedAtMs);
  return {
    get: (tenantId, fingerprint) => answers.get(keyOf(tenantId, fingerprint)),
    set(tenantId, fingerprint, answer, lifetimeMs) {
      const ttl = lifetimeMs === undefined ? options.ttlMs : Math.min(lifetimeMs, options.ttlMs);
      if (ttl > 0 && !isOutdated(tenantId, fingerprint, answer))
        answers.set(keyOf(tenantId, fingerprint), { ...answer, tenantId }, { ttl });
    },
    invalidate(message) {
      for (const kind of ['key', 'model', 'tag', 'all'] as const) {
        const value = message[kind];
        if (value !== undefined) marks.set(markOf(message.tenantId, kind, value), Date.now());
      }
      if (message.key !== undefined) return answers.delete(keyOf(message.tenantId, message.key)) ? 1 : 0;
      let removed = 0;
      for (const [key, answer] of answers.entries()) {
        if (answer.tenantId !== message.tenantId || !isMeant(answer, message)) continue;
        answers.delete(key);
        removed++;
      }
      return removed;
    },
    clear: () => answers.clear(),
    entries: () => answers.size,
    sizeBytes: () => answers.calculatedSize,
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
