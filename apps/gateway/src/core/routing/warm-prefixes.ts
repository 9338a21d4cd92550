import { chatSegments, minimumPrefixTokens, prefixBlocks, type PolicyModel, type PrefixChain } from '@costlane/domain';
import { LRUCache } from 'lru-cache';

/** Which models' provider caches hold the beginning of a prompt, as far as this gateway sent it there. */
export interface WarmPrefixes {
  /** The prompt's chain of blocks; undefined for one that is too short to be cached by any provider. */
  chainOf(tenantId: string, body: Buffer, promptTokens: number): PrefixChain | undefined;
  /** Tokens from the prompt's beginning that a model's provider has in its cache, probably. */
  warmTokensOf(chain: PrefixChain): (model: PolicyModel) => number;
  /** The prompt has gone to a model. */
  sent(chain: PrefixChain, model: PolicyModel): void;
}

/** What providers keep a prefix for at the least, after its last use. */
const LIFETIME_MS = 5 * 60_000;
const MAX_BLOCKS = 50_000;
/** Models that one block is remembered for. */
const MAX_MODELS = 16;
const MIN_TOKENS = 1_024;

/** Remembers to which models the blocks of long prompts went, and when; shorter prompts are cached nowhere. */
export function createWarmPrefixes({ now = Date.now }: { now?: () => number } = {}): WarmPrefixes {
  const blocks = new LRUCache<string, Map<string, number>>({ max: MAX_BLOCKS });
  return {
    chainOf(tenantId, body, promptTokens) {
      if (promptTokens < MIN_TOKENS) return undefined;
      const segments = chatSegments(body);
      // One chain for all models: which of them has a block is kept beside it.
      return segments && prefixBlocks(segments, { tenantId, provider: '', model: '' });
    },
    warmTokensOf({ hashes, endTokens }) {
      const sinceMs = now() - LIFETIME_MS;
      const warm = new Map<string, number>();
      for (const [at, hash] of hashes.entries()) {
        const models = blocks.get(hash);
        // A chain is cached from its beginning: behind a block that nobody has there is nothing.
        if (!models) break;
        for (const [model, atMs] of models) if (atMs >= sinceMs) warm.set(model, endTokens[at] ?? 0);
      }
      return (model) => {
        const tokens = warm.get(keyOf(model)) ?? 0;
        return tokens >= minimumPrefixTokens(model.upstreamModel) ? tokens : 0;
      };
    },
    sent({ hashes }, model) {
      const atMs = now();
      const key = keyOf(model);
      for (const hash of hashes) {
        const models = blocks.get(hash);
        if (!models) blocks.set(hash, new Map([[key, atMs]]));
        else {
          models.delete(key);
          models.set(key, atMs);
          if (models.size > MAX_MODELS) models.delete(models.keys().next().value ?? '');
        }
      }
    },
  };
}

const keyOf = ({ provider, upstreamModel }: PolicyModel): string => `${provider}/${upstreamModel}`;
