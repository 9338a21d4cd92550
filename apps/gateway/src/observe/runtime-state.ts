import type { HealthRegistry, Metrics, Redis, RedisBreaker } from '@costlane/platform';
import type { MemoryTier } from '@costlane/response-store';
import type { PolicyClient } from '@costlane/routing-policy';
import type { DegradedRoad } from '../core/degraded-road';
import type { Inference } from '../core/inference';

/** What the gateway's health rests on. */
export function registerHealth(
  health: HealthRegistry,
  redis: Redis,
  breaker: RedisBreaker,
  policy: PolicyClient,
  degraded: DegradedRoad,
): void {
  // Without Redis the gateway still serves, by its own memory and straight to workers: degraded, not down.
  health.register('redis', () => ({ ok: redis.status === 'ready' && !breaker.isOpen, detail: redis.status }), {
    isCritical: false,
  });
  health.register(
    'router',
    () => ({
      ok: policy.current() !== undefined && !policy.isStale(),
      detail: policy.isStale() ? 'policy is stale' : undefined,
    }),
    {
      isCritical: false,
    },
  );
  health.register('policy', () => ({ ok: policy.current() !== undefined }));
  health.register(
    'provider_worker',
    () => ({ ok: degraded.connected() > 0, detail: `${degraded.connected()} connected` }),
    { isCritical: false },
  );
}

/** How much the gateway has in hand. */
export function registerGauges(metrics: Metrics, memory: MemoryTier, inference: Inference, owed: () => number): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    metrics.gauge({
      name,
      help,
      collect() {
        this.set(read());
      },
    });
  };
  gauge('costlane_cache_memory_entries', 'Answers in the memory tier', () => memory.entries());
  gauge('costlane_cache_memory_bytes', 'Bytes of the answers in the memory tier', () => memory.sizeBytes());
  gauge('costlane_gateway_in_flight', 'Calls under way in this gateway', () => inference.inFlight());
  gauge('costlane_gateway_owed_completions', 'Completions that wait for Redis to come back', owed);
}
