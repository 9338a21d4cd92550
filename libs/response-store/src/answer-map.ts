import type { EvictionPolicy } from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import type { CachedAnswer } from './answer';
import { createRankedAnswerMap } from './ranked-answer-map';

export type KeptAnswer = CachedAnswer & { tenantId: string };

/** Answers by key, with lifetimes, bounded in number and bytes. */
export interface AnswerMap {
  get(key: string): KeptAnswer | undefined;
  /** Keeps an answer unless it alone takes more than its share. */
  set(key: string, answer: KeptAnswer, lifetimeMs: number): void;
  delete(key: string): boolean;
  entries(): Iterable<[string, KeptAnswer]>;
  clear(): void;
  count(): number;
  sizeBytes(): number;
}

export interface AnswerMapOptions {
  maxEntries: number;
  maxBytes: number;
  /** An entry went because there was no room. */
  onEvicted: () => void;
}

/** Fixed cost of an entry beside its bytes, so that many small answers count too. */
const ENTRY_OVERHEAD_BYTES = 512;

export const sizeOfKept = (answer: CachedAnswer): number => answer.body.length + ENTRY_OVERHEAD_BYTES;

/** No answer may push out most others. */
export const maxEntryBytesOf = (maxBytes: number): number => Math.ceil(maxBytes / 8);

export function createAnswerMap(policy: EvictionPolicy, options: AnswerMapOptions): AnswerMap {
  return policy === 'lru' ? createLruAnswerMap(options) : createRankedAnswerMap(policy, options);
}

function createLruAnswerMap({ maxEntries, maxBytes, onEvicted }: AnswerMapOptions): AnswerMap {
  const answers = new LRUCache<string, KeptAnswer>({
    max: maxEntries,
    ttl: 1,
    ttlResolution: 100,
    maxSize: maxBytes,
    maxEntrySize: maxEntryBytesOf(maxBytes),
    sizeCalculation: sizeOfKept,
    dispose: (_answer, _key, reason) => {
      if (reason === 'evict') onEvicted();
    },
  });
  return {
    get: (key) => answers.get(key),
    set: (key, answer, lifetimeMs) => void answers.set(key, answer, { ttl: lifetimeMs }),
    delete: (key) => answers.delete(key),
    entries: () => answers.entries(),
    clear: () => answers.clear(),
    count: () => answers.size,
    sizeBytes: () => answers.calculatedSize,
  };
}
