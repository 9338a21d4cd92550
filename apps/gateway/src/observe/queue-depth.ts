import { priorities, streamNames } from '@costlane/contracts';
import type { Metrics, Redis, RedisBreaker } from '@costlane/platform';

/** Jobs in each lane as this gateway sees them, asked when somebody looks at the metrics; while Redis is away the last figures stay. */
export function registerQueueDepth(metrics: Metrics, redis: Redis, breaker: RedisBreaker): void {
  const names = streamNames();
  metrics.gauge({
    name: 'costlane_gateway_queue_depth',
    help: 'Jobs in a lane',
    labelNames: ['lane'],
    async collect() {
      const depths = await breaker.run(() => Promise.all(priorities.map((lane) => redis.xlen(names.lane(lane)))));
      if (!depths.ok) return;
      priorities.forEach((lane, index) => this.set({ lane }, depths.value[index] ?? 0));
    },
  });
}
