import { randomBytes } from 'node:crypto';
import { consumerGroups, priorities, streamNames } from '@costlane/contracts';
import { createJobConsumer, createSignalPublisher, startHeartbeat, type JobConsumer } from '@costlane/lanes';
import {
  createRedis,
  createTracing,
  startGrpcServer,
  type HealthRegistry,
  type Logger,
  type Metrics,
  type Redis,
  type Shutdown,
} from '@costlane/platform';
import type { BatcherConfig } from './config';
import { watchFlow, type FlowWatch } from './flow/watch-flow';
import { createPassOn } from './pass-on/pass-on';

export interface RuntimeDeps {
  config: BatcherConfig;
  logger: Logger;
  metrics: Metrics;
  health: HealthRegistry;
  shutdown: Shutdown;
}

/** Puts the batcher's parts together and starts them; everything stops through `shutdown`. */
export async function startRuntime({ config, logger, metrics, health, shutdown }: RuntimeDeps): Promise<void> {
  const batcherId = `b${randomBytes(4).toString('hex')}`;
  const names = streamNames();
  const connect = (name: string, options: { blocking?: boolean; commandTimeoutMs?: number } = {}): Redis =>
    createRedis(config.REDIS_URL, { name: `batcher-${name}`, logger, ...options });
  const redis = connect('commands', { commandTimeoutMs: 1_000 });
  const moved = metrics.counter({
    name: 'costlane_batcher_moved_total',
    help: 'Jobs passed on from a lane to a provider',
  });
  const tracing = createTracing({
    service: 'batcher',
    isEnabled: config.ENABLE_TRACING,
    otlpEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
    logger,
  });
  const passOn = createPassOn({ redis, names, logger, tracing, onMoved: (jobs) => moved.inc(jobs) });
  const lanes = priorities.map((priority) => names.lane(priority));
  const consumer: JobConsumer = createJobConsumer({
    redis,
    blockingRedis: connect('read', { blocking: true }),
    names,
    streams: lanes,
    group: consumerGroups.lanes,
    consumer: batcherId,
    logger,
    freePlaces: () => flow.current().room - passOn.inHand(),
    onJob: (received, fields) => passOn.take(received, fields),
    onUnreadable: (entry, err) => {
      logger.error({ err, id: entry.id, stream: entry.stream }, 'a lane entry is no job and is put aside');
      void redis
        .multi()
        .xadd(names.deadLetters, 'MAXLEN', '~', 10_000, '*', 'stream', entry.stream, 'id', entry.id)
        .xack(entry.stream, consumerGroups.lanes, entry.id)
        .xdel(entry.stream, entry.id)
        .exec()
        .catch(() => undefined);
    },
  });
  const flow: FlowWatch = watchFlow({
    redis,
    names,
    logger,
    signals: createSignalPublisher({ redis, names }),
    directShare: config.DIRECT_DISPATCH_SHARE,
    onRoom: () => consumer.wake(),
  });
  const heartbeat = startHeartbeat({
    redis,
    names,
    consumer: batcherId,
    logger,
    state: () => ({ concurrency: 1, inFlight: passOn.inHand() }),
  });
  registerGauges(metrics, flow);
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
    await passOn.idle();
    await heartbeat.stop();
  });
  shutdown.onClose('connections', async () => {
    flow.stop();
    await grpc.close();
    redis.disconnect();
    await tracing.shutdown();
  });
  consumer.start();
}

function registerGauges(metrics: Metrics, flow: FlowWatch): void {
  metrics.gauge({
    name: 'costlane_lane_queue_depth',
    help: 'Jobs in a lane',
    labelNames: ['lane'],
    collect() {
      for (const lane of priorities) this.set({ lane }, flow.lanes()[lane].depth);
    },
  });
  metrics.gauge({
    name: 'costlane_lane_oldest_age_seconds',
    help: 'Age of the oldest job in a lane',
    labelNames: ['lane'],
    collect() {
      for (const lane of priorities) this.set({ lane }, flow.lanes()[lane].oldestAgeMs / 1000);
    },
  });
  metrics.gauge({
    name: 'costlane_dispatch_queue_depth',
    help: 'Jobs waiting for or held by the workers of a provider',
    labelNames: ['provider'],
    collect() {
      for (const { provider, jobs } of flow.loads()) this.set({ provider }, jobs);
    },
  });
}
