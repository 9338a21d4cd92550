import { randomBytes } from 'node:crypto';
import { consumerGroups, priorities } from '@costlane/contracts';
import { createJobConsumer, startHeartbeat, type JobConsumer } from '@costlane/lanes';
import { createMetrics, type Metrics } from '@costlane/platform';
import type { SpecShard } from '@costlane/testing';
import { createBatcher, type Batcher } from '../batching/batcher';
import type { BatcherOptions } from '../batching/batcher-options';
import { createBatcherMetrics } from '../batching/batcher-metrics';
import { putAsideUnreadable } from '../batching/put-aside';
import { PlaceBook, type MeasuredPlaces } from '../flow/place-book';

/** A batcher on a spec's own streams, as `runtime.ts` puts it together, but for what it measures. */
export interface RunningBatcher {
  batcher: Batcher;
  consumer: JobConsumer;
  places: PlaceBook;
  metrics: Metrics;
  /** As if the process ended. */
  kill(): void;
  stop(): Promise<void>;
}

/** Places of one provider, `mock`, that only this batcher gives away. */
export const free = (places: number, jobs = 0): MeasuredPlaces => ({
  providers: [{ provider: 'mock', places, jobs }],
  allPlaces: places,
  batchers: 1,
});

export async function startBatcher(
  shard: SpecShard,
  measured = free(1_000),
  options: Partial<BatcherOptions> = {},
): Promise<RunningBatcher> {
  const { names, logger } = shard;
  const own = await shard.connect({ commandTimeoutMs: 1_000 });
  const outside = await shard.connect();
  const places = new PlaceBook();
  places.measured(measured);
  const metrics = createMetrics({ service: 'spec' });
  const batcherId = `b${randomBytes(3).toString('hex')}`;
  const batcher = createBatcher({
    redis: own,
    names,
    batcherId,
    logger,
    metrics: createBatcherMetrics(metrics),
    places,
    settings: {},
    maxWaiting: 20_000,
    maxWaitingBytes: 1e8,
    drainTimeoutMs: 500,
    onPressed: () => undefined,
    onRoom: () => consumer.wake(),
    ...options,
  });
  const blockingRedis = await shard.connect({ blocking: true });
  const consumer: JobConsumer = createJobConsumer({
    redis: own,
    blockingRedis,
    names,
    streams: priorities.map((lane) => names.lane(lane)),
    group: consumerGroups.lanes,
    consumer: batcherId,
    logger,
    freePlaces: () => batcher.room(),
    onJob: (received, fields) => batcher.take(received, fields),
    onUnreadable: (entry, err) => putAsideUnreadable({ redis: own, names, logger }, entry, err),
  });
  const state = () => ({ concurrency: 1, inFlight: batcher.inHand() });
  const heartbeat = startHeartbeat({ redis: own, names, consumer: batcherId, logger, state });
  consumer.start();
  let ending: Promise<unknown> | undefined;
  const one: RunningBatcher = {
    batcher,
    consumer,
    places,
    metrics,
    kill() {
      blockingRedis.disconnect();
      own.disconnect();
      // Its heartbeat would run out by itself, in three seconds.
      ending = Promise.all([heartbeat.stop(), consumer.stop(), batcher.stop(), outside.del(names.alive(batcherId))]);
    },
    async stop() {
      ending ??= consumer
        .stop()
        .then(() => batcher.stop())
        .then(() => heartbeat.stop());
      await ending;
    },
  };
  return one;
}
