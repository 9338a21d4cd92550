import { promptTokensOf, type TokenUsage } from '@costlane/domain';
import type { Metrics } from '@costlane/platform';

export interface PrefixMetrics {
  marked(provider: string): void;
  led(provider: string): void;
  waited(provider: string, waitMs: number): void;
  /** What a long prompt's answer says of the provider's cache. */
  used(provider: string, usage: TokenUsage): void;
  spilled(provider: string): void;
  fallback(kind: 'prompt_cache_key' | 'replica'): void;
}

/** What the prefix tier counts; labels are providers and token kinds only. */
export function createPrefixMetrics(metrics: Metrics): PrefixMetrics {
  const marked = metrics.boundCounter({
    name: 'costlane_prefix_marked_requests_total',
    help: 'Requests that were given a cache key, salt or marks for the provider’s prompt cache',
    labelNames: ['provider'],
  });
  const leaders = metrics.boundCounter({
    name: 'costlane_prefix_leaders_total',
    help: 'Requests that went alone as the first of a long prefix that was not cached',
    labelNames: ['provider'],
  });
  const waits = metrics.boundHistogram({
    name: 'costlane_prefix_follower_wait_latency_seconds',
    help: 'Time that requests waited for the first one of their prefix to be answered',
    labelNames: ['provider'],
  });
  const tokens = metrics.boundCounter({
    name: 'costlane_prefix_tokens_total',
    help: 'Tokens of long prompts as providers report them: all, read from their cache, written to it',
    labelNames: ['provider', 'kind'],
  });
  const spills = metrics.boundCounter({
    name: 'costlane_prefix_replica_spills_total',
    help: 'Requests that went to another replica than the one that holds most of their prompt, because of its load or failure',
    labelNames: ['provider'],
  });
  return {
    marked: (provider) => marked.with({ provider }).inc(),
    led: (provider) => leaders.with({ provider }).inc(),
    waited: (provider, waitMs) => waits.with({ provider }).observe(waitMs / 1_000),
    used(provider, usage) {
      const written = usage.cacheWriteShortTokens + usage.cacheWriteLongTokens;
      tokens.with({ provider, kind: 'prompt' }).inc(promptTokensOf(usage));
      tokens.with({ provider, kind: 'read' }).inc(usage.cacheReadTokens);
      tokens.with({ provider, kind: 'written' }).inc(written);
    },
    spilled: (provider) => spills.with({ provider }).inc(),
    fallback: (kind) => metrics.fallback(kind),
  };
}
