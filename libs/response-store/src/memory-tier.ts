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
  /** `lifetimeMs` shortens the tier's own lifetime where the request asked for less. */
  set(tenantId: string, fingerprint: string, answer: CachedAnswer, lifetimeMs?: number): void;
  /** Gives how many entries went. */
  invalidate(message: Extract<InvalidationMessage, { kind: 'cache' }>): number;
  clear(): void;
  entries(): number;
  sizeBytes(): number;
}

/** Fixed cost of an entry beside its bytes, so that many small answers count too. */
const ENTRY_OVERHEAD_BYTES = 512;

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
  return {
    get: (tenantId, fingerprint) => answers.get(keyOf(tenantId, fingerprint)),
    set(tenantId, fingerprint, answer, lifetimeMs) {
      const ttl = lifetimeMs === undefined ? options.ttlMs : Math.min(lifetimeMs, options.ttlMs);
      if (ttl > 0) answers.set(keyOf(tenantId, fingerprint), { ...answer, tenantId }, { ttl });
    },
    invalidate(message) {
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

function isMeant(answer: CachedAnswer, message: { model?: string; tag?: string; all?: true }): boolean {
  if (message.all) return true;
  if (message.model !== undefined)
    return answer.header.modelUsed === message.model || answer.header.modelAsked === message.model;
  return message.tag !== undefined && answer.tag === message.tag;
}
