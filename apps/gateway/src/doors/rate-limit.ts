import type { Metrics, Redis, RedisBreaker } from '@costlane/platform';
import { createRateLimiter, createRedisTokenStore } from '@costlane/resilience';
import type { RateLimiter } from './admission';

/** Limits of callers, shared by all gateways; while Redis is away or does not answer in time each keeps to them by itself, counted. */
export function createSharedLimiter(redis: Redis, breaker: RedisBreaker, metrics: Metrics): RateLimiter {
  const store = createRedisTokenStore(redis);
  return createRateLimiter({
    store: {
      async take(key, limitPerMinute, wanted) {
        const taken = await breaker.run(() => store.take(key, limitPerMinute, wanted));
        if (!taken.ok) throw taken.error;
        return taken.value;
      },
    },
    onFallback: () => metrics.fallback('rate_limit_local'),
  });
}
