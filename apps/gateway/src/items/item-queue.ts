import type { StreamNames } from '@costlane/contracts';
import type { Metrics, Redis, RedisBreaker } from '@costlane/platform';

/** Items that wait for a gateway or are in one's hands, and how old the oldest is, asked when somebody looks; while Redis is away the last figures stay. */
export function registerItemQueue(metrics: Metrics, redis: Redis, breaker: RedisBreaker, { items }: StreamNames): void {
  metrics.gauge({
    name: 'costlane_gateway_items_queue_depth',
    help: 'Items of durable jobs that wait for a gateway or are in hand at one',
    async collect() {
      const depth = await breaker.run(() => redis.xlen(items));
      if (depth.ok) this.set(depth.value);
    },
  });
  metrics.gauge({
    name: 'costlane_gateway_items_queue_age_seconds',
    help: 'Age of the oldest item of a durable job that waits or is in hand; 0 where there is none',
    async collect() {
      const oldest = await breaker.run(() => redis.xrange(items, '-', '+', 'COUNT', 1));
      if (oldest.ok) this.set(ageSeconds(oldest.value[0]?.[0]));
    },
  });
}

/** An entry's id begins with the time when it was written. */
const ageSeconds = (id: string | undefined): number =>
  id === undefined ? 0 : Math.max(0, (Date.now() - Number.parseInt(id, 10)) / 1_000);
