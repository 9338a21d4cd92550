import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { consumerGroups, ProviderWorkerServiceService, streamNames } from '@costlane/contracts';
import {
  createJobConsumer,
  createJobFinisher,
  startHeartbeat,
  subscribeSignals,
  type JobConsumer,
} from '@costlane/lanes';
import {
  createMuxHandler,
  createRedis,
  createRedisBreaker,
  createTracing,
  startGrpcServer,
  tellFallbacks,
  type HealthRegistry,
  type Logger,
  type Metrics,
  type Redis,
  type RedisBreaker,
  type Shutdown,
} from '@costlane/platform';
import { createPolicyClient } from '@costlane/routing-policy';
import { createConfidence } from './confidence/create-confidence';
import type { WorkerConfig } from './config';
import { createDirectMethods } from './degraded/direct-methods';
import { createCompletionSpool, type CompletionSpool } from '@costlane/lanes';
import { createEmbeddingArrays } from './embeddings/embedding-arrays';
import { createOutbox, type Outbox } from './outbox/outbox';
import { laneFor } from './jobs/lane/lane-for';
import { startJobRunner } from './jobs/start-job-runner';
import { assembleProviders } from './prefix/assemble-providers';
import { providersOf } from './providers.config';
import { createHealthReport, healthIntervalMs } from './work/report-health';
import { limitsOf } from './work/report-limits';
import { Worker } from './work/worker';
import { createWorkerMetrics } from './work/worker-metrics';

/** A reply that Redis has not taken in this time goes another way: what a request may lose to a frozen Redis. */
const REDIS_TIMEOUT_MS = 70;
/** Parts of streams are given up, to go the direct road, after this. */
const REDIS_COMMAND_TIMEOUT_MS = 100;
/** A blocking read that has come back neither with entries nor empty by then waits for a Redis that is gone. */
const DRAIN_TIMEOUT_MS = 20_000;
const RECOVER_INTERVAL_MS = 15_000;

export interface RuntimeDeps {
  config: WorkerConfig;
  logger: Logger;
  metrics: Metrics;
  health: HealthRegistry;
  shutdown: Shutdown;
}

/** Puts the worker's parts together and starts them; everything stops through `shutdown`. */
export async function startRuntime({ config, logger, metrics, health, shutdown }: RuntimeDeps): Promise<void> {
  const workerId = `w${randomBytes(4).toString('hex')}`;
  const names = streamNames();
  const connect = (name: string, options: { blocking?: boolean; commandTimeoutMs?: number } = {}): Redis =>
    createRedis(config.REDIS_URL, { name: `provider-worker-${name}`, logger, ...options });
  const redis = connect('commands', { commandTimeoutMs: REDIS_COMMAND_TIMEOUT_MS });
  // Housekeeping (groups, claims, progress, heartbeats) apart from replies, so that neither waits for the other.
  const breaker = createRedisBreaker({ redis, timeoutMs: REDIS_TIMEOUT_MS, logger });
  const houseRedis = connect('housekeeping', { commandTimeoutMs: 1_000 });
  const providers = providersOf(config);
  const { adapters, callProvider } = assembleProviders(providers, config, { logger, metrics });
  const policy = createPolicyClient({
    address: config.ROUTER_GRPC_ADDRESS,
    subscriber: `provider-worker/${workerId}`,
    logger,
    metrics,
  });
  const tracing = createTracing({
    service: 'provider-worker',
    isEnabled: config.ENABLE_TRACING,
    otlpEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
    logger,
  });
  const workerMetrics = createWorkerMetrics(metrics);
  const spool = createCompletionSpool(path.join(config.COSTLANE_DATA_DIR, 'spool'), logger);
  const direct = createDirectMethods(() => worker);
  const outbox = createOutbox({
    finisher: (onLostParts) => createJobFinisher({ redis, names, onLostParts, guard: behind(breaker) }),
    directRoad: direct.road,
    spool,
    logger,
    metrics,
    onDoubled: () => workerMetrics.doubled(),
  });
  const confidence = createConfidence({ metrics, maxShare: config.CONFIDENCE_MAX_SHARE });
  const worker = new Worker({
    workerId,
    concurrency: config.WORKER_CONCURRENCY,
    idempotencyTtlSeconds: config.IDEMPOTENCY_TTL_SECONDS,
    redis: houseRedis,
    names,
    adapters,
    policy: () => policy.current(),
    outbox,
    metrics: workerMetrics,
    tracing,
    logger,
    onPlaceFree: () => consumer.wake(),
    callProvider: createEmbeddingArrays({ metrics, inner: callProvider }),
    confidence,
  });
  const consumer: JobConsumer = createJobConsumer({
    redis: houseRedis,
    blockingRedis: connect('read', { blocking: true }),
    names,
    streams: providers.map(({ name }) => names.dispatch(name)),
    group: consumerGroups.dispatch,
    consumer: workerId,
    logger,
    freePlaces: () => worker.freePlaces(),
    onJob: (received) => worker.take(received),
    onUnreadable: (entry, err) => {
      logger.error({ err, id: entry.id, stream: entry.stream }, 'a dispatch entry is no job and is put aside');
      void houseRedis
        .multi()
        .xadd(names.deadLetters, 'MAXLEN', '~', 10_000, '*', 'stream', entry.stream, 'id', entry.id)
        .xack(entry.stream, consumerGroups.dispatch, entry.id)
        .xdel(entry.stream, entry.id)
        .exec()
        .catch(() => undefined);
    },
  });
  const heartbeat = startHeartbeat({
    redis: houseRedis,
    names,
    consumer: workerId,
    logger,
    state: () => ({
      concurrency: config.WORKER_CONCURRENCY,
      inFlight: worker.inFlight(),
      limits: limitsOf(adapters),
      answersFollowers: true,
    }),
  });
  const signals = subscribeSignals({
    redis: connect('signals', { blocking: true }),
    names,
    logger,
    handlers: { onCancel: (requestId) => worker.cancel(requestId) },
  });
  followRedis(breaker, outbox, spool, logger);
  // The batcher looks here for the dispatch streams to watch; a Redis that has lost its memory is told again.
  houseRedis.on('ready', () => {
    houseRedis.sadd(names.providers, ...providers.map(({ name }) => name)).catch(() => undefined);
  });
  registerGauges(metrics, worker, outbox);
  const fallbacks = tellFallbacks({ service: 'provider-worker', metrics, redis: houseRedis });
  const reportHealth = createHealthReport({ adapters, report: (models) => policy.reportHealth(models) });
  const healthTimer = setInterval(reportHealth, healthIntervalMs).unref();
  health.register('redis', () => ({ ok: redis.status === 'ready', detail: redis.status }));
  health.register('policy', () => ({
    ok: policy.current() !== undefined,
    detail: policy.isStale() ? 'stale' : undefined,
  }));
  const grpc = await startGrpcServer({
    host: config.API_HOST,
    port: config.PROVIDER_WORKER_GRPC_PORT,
    logger,
    health,
    services: [
      {
        definition: ProviderWorkerServiceService,
        implementation: { mux: createMuxHandler({ logger, methods: direct.methods }) },
      },
    ],
  });
  shutdown.onDrain('jobs', async () => {
    await consumer.stop();
    await worker.drain(DRAIN_TIMEOUT_MS);
    await outbox.drain();
    await heartbeat.stop();
  });
  shutdown.onClose('connections', async () => {
    signals.stop();
    fallbacks.stop();
    clearInterval(healthTimer);
    policy.close();
    await grpc.close();
    await Promise.all([...adapters.values()].map((adapter) => adapter.close()));
    breaker.dispose();
    redis.disconnect();
    houseRedis.disconnect();
    await tracing.shutdown();
  });
  const createLane = laneFor({ config, providers, policy: () => policy.current(), outbox, confidence, logger });
  startJobRunner({
    config,
    logger,
    metrics,
    health,
    shutdown,
    names,
    connect,
    runnerId: `r${workerId}`,
    finish: (job) => outbox.finish(job),
    createLane,
  });
  await policy
    .ready(60_000)
    .catch(() => logger.warn('no policy from the router yet; costs are unknown until it comes'));
  consumer.start();
}

/** Calls that do not wait for a Redis that does not answer: the outbox then takes the direct road. */
function behind(breaker: RedisBreaker): (call: () => Promise<unknown>) => Promise<unknown> {
  return async (call) => {
    const called = await breaker.run(call);
    if (!called.ok) throw called.error;
    return called.value;
  };
}

function followRedis(breaker: RedisBreaker, outbox: Outbox, spool: CompletionSpool, logger: Logger): void {
  const recover = (): void => {
    spool
      .recover(async (records) => {
        await Promise.all(records.map((record) => outbox.finish({ record })));
        logger.info({ records: records.length }, 'completions that an earlier process had spooled are on their way');
      })
      .catch((err: unknown) => logger.error({ err }, 'spooled completions could not be read'));
  };
  breaker.onOpen(() => outbox.redisIsGone());
  breaker.onClose(() => {
    outbox.redisIsBack();
    recover();
  });
  // What a process leaves behind that dies counts as left behind after a while only.
  setInterval(() => breaker.isOpen || recover(), RECOVER_INTERVAL_MS).unref();
  if (!breaker.isOpen) recover();
}

function registerGauges(metrics: Metrics, worker: Worker, outbox: Outbox): void {
  metrics.gauge({
    name: 'costlane_worker_in_flight',
    help: 'Jobs that this worker runs now',
    collect() {
      this.set(worker.inFlight());
    },
  });
  metrics.gauge({
    name: 'costlane_worker_owed_completions',
    help: 'Completions that wait for Redis to come back',
    collect() {
      this.set(outbox.owed());
    },
  });
}
