import { randomBytes } from 'node:crypto';
import { consumerGroups, priorities, streamNames } from '@costlane/contracts';
import {
  createJobConsumer,
  createSignalPublisher,
  startHeartbeat,
  subscribeSignals,
  type ConsumerState,
  type JobConsumer,
} from '@costlane/lanes';
import {
  createRedis,
  createTracing,
  startGrpcServer,
  tellFallbacks,
  type HealthRegistry,
  type Logger,
  type Metrics,
  type Redis,
  type Shutdown,
} from '@costlane/platform';
import { createBatcher } from './batching/batcher';
import { createBatcherMetrics } from './batching/batcher-metrics';
import { putAsideUnreadable } from './batching/put-aside';
import { registerGauges } from './batching/register-gauges';
import { traceLane } from './batching/trace-lane';
import type { BatcherConfig } from './config';
import { PlaceBook } from './flow/place-book';
import { watchFlow, type FlowWatch } from './flow/watch-flow';
import type { ScalingDoor } from './scaling/scaling-door';
import { scalingReport } from './scaling/scaling-report';
import { loadSharing } from './sharing/load-sharing';

/** What waits in memory at the most. Beyond it jobs are refused. */
const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 128 * 1_024 * 1_024;

export interface RuntimeDeps {
  config: BatcherConfig;
  logger: Logger;
  metrics: Metrics;
  health: HealthRegistry;
  shutdown: Shutdown;
  scaling: ScalingDoor;
  /** Part of the stream names; default the deployment's only shard. */
  shard?: string;
}

/** Puts the batcher's parts together and starts them; everything stops through `shutdown`. */
export async function startRuntime(deps: RuntimeDeps): Promise<void> {
  const { config, logger, metrics, health, shutdown } = deps;
  const batcherId = `b${randomBytes(4).toString('hex')}`;
  const names = streamNames(deps.shard);
  const connect = (name: string, options: { blocking?: boolean; commandTimeoutMs?: number } = {}): Redis =>
    createRedis(config.REDIS_URL, { name: `batcher-${name}`, logger, ...options });
  const redis = connect('commands', { commandTimeoutMs: 1_000 });
  const tracing = createTracing({
    service: 'batcher',
    isEnabled: config.ENABLE_TRACING,
    otlpEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
    logger,
  });
  const places = new PlaceBook();
  const batcher = createBatcher({
    redis,
    names,
    batcherId,
    logger,
    metrics: createBatcherMetrics(metrics),
    places,
    settings: {
      minSize: config.BATCH_MIN_SIZE,
      maxSize: config.BATCH_MAX_SIZE,
      maxWaitMs: config.BATCH_MAX_WAIT_MS,
      targetLatencyP95Ms: config.BATCH_TARGET_LATENCY_P95,
    },
    maxWaiting: MAX_WAITING,
    maxWaitingBytes: MAX_WAITING_BYTES,
    sharing: loadSharing(config, { redis, logger, metrics }),
    onPressed: () => flow.hurry(),
    onRoom: () => consumer.wake(),
    clockAheadMs: () => flow.clockAheadMs(),
    onDispatched: tracing.isEnabled ? (work) => traceLane(tracing, work) : undefined,
  });
  const consumer: JobConsumer = createJobConsumer({
    redis,
    blockingRedis: connect('read', { blocking: true }),
    names,
    streams: priorities.map((priority) => names.lane(priority)),
    group: consumerGroups.lanes,
    consumer: batcherId,
    logger,
    freePlaces: () => batcher.room(),
    onJob: (received, fields) => batcher.take(received, fields),
    onUnreadable: (entry, err) => putAsideUnreadable({ redis, names, logger }, entry, err),
  });
  const flow: FlowWatch = watchFlow({
    redis,
    names,
    logger,
    signals: createSignalPublisher({ redis, names }),
    directShare: config.DIRECT_DISPATCH_SHARE,
    onMeasured(measured) {
      places.measured(measured);
      batcher.wake();
    },
  });
  const signals = subscribeSignals({
    redis: connect('signals', { blocking: true }),
    names,
    logger,
    handlers: { onCancel: (requestId) => batcher.cancel(requestId) },
  });
  const state = (): ConsumerState => ({
    concurrency: 1,
    inFlight: batcher.inHand(),
    waiting: batcher.waitingByProvider(),
    dispatched: Object.fromEntries(priorities.map((lane) => [lane, places.inFlight(lane)])),
  });
  const heartbeat = startHeartbeat({ redis, names, consumer: batcherId, logger, state });
  registerGauges(metrics, { flow, batcher, places });
  const fallbacks = tellFallbacks({ service: 'batcher', metrics, redis });
  deps.scaling.open(() => {
    const { batchers, allPlaces, deadLetters } = flow.members();
    const all = [...new Map(batchers).set(batcherId, state()).values()];
    return scalingReport({ lanes: flow.lanes(), loads: flow.loads(), batchers: all, allPlaces, deadLetters });
  });
  health.register('redis', () => ({ ok: redis.status === 'ready', detail: redis.status }));
  const grpc = await startGrpcServer({
    host: config.API_HOST,
    port: config.BATCHER_GRPC_PORT,
    logger,
    health,
    services: [],
  });
  shutdown.onDrain('lanes', async () => {
    await consumer.stop();
    await batcher.stop();
    await heartbeat.stop();
  });
  shutdown.onClose('connections', async () => {
    signals.stop();
    fallbacks.stop();
    flow.stop();
    await grpc.close();
    redis.disconnect();
    await tracing.shutdown();
  });
  consumer.start();
}
