import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ControlServiceService,
  ExperimentServiceService,
  KeyServiceService,
  LedgerServiceService,
  streamNames,
  type ControlServiceServer,
  type ExperimentServiceServer,
  type KeyServiceServer,
  type LedgerServiceServer,
} from '@costlane/contracts';
import { createSchedules } from '@costlane/jobs';
import type { Ledger } from '@costlane/ledger';
import {
  bootstrapService,
  createLogger,
  createMetrics,
  createTracing,
  HealthRegistry,
  httpPortOf,
  redisHealth,
  Shutdown,
  startGrpcServer,
  type Redis,
} from '@costlane/platform';
import { AppModule } from './app.module';
import type { CostAttributionConfig } from './config';
import { features } from './features';
import type { Ingest } from './ingest/ingest.service';
import { keepLimits } from './control/keep-limits';
import { keepPartitions } from './ledger/keep-partitions';
import { CONTROL_RPC, EXPERIMENT_RPC, INGEST, KEY_RPC, LEDGER, LEDGER_RPC, REDIS } from './tokens';

export interface RunningCostAttribution {
  app: NestFastifyApplication;
  httpPort: number;
  grpcPort: number;
  shutdown: Shutdown;
}

export interface StartOptions {
  /** Replaces the end of the process in tests. */
  exit?: (code: number) => void;
  shard?: string;
}

const name = 'cost-attribution';

/** Starts the service. It comes up without Redis and Postgres too, and is ready once both answer. */
export async function startCostAttribution(
  config: CostAttributionConfig,
  { exit, shard }: StartOptions = {},
): Promise<RunningCostAttribution> {
  const logger = createLogger({ service: name, level: config.logLevel });
  const metrics = createMetrics({ service: name });
  const health = new HealthRegistry();
  const shutdown = new Shutdown({ logger, health, exit });
  const tracing = createTracing({
    service: name,
    isEnabled: config.isTracingEnabled,
    otlpEndpoint: config.otlpEndpoint,
    sampleRatio: config.traceSampleRatio,
    logger,
  });
  const module = AppModule.for({ config, logger, metrics, tracing, shard });
  const app = await bootstrapService({ name, module, config, logger, metrics, health, shutdown });

  const redis = app.get<Redis>(REDIS);
  const ledger = app.get<Ledger>(LEDGER);
  const ingest = app.get<Ingest>(INGEST);
  health.register('redis', redisHealth(redis));
  health.register('postgres', () => ledger.health());
  const partitions = keepPartitions(ledger, logger);
  const limits = keepLimits({ control: ledger.control, redis, logger });
  shutdown.onClose('connections', async () => {
    partitions.stop();
    limits.stop();
    redis.disconnect();
    await ledger.close();
    await tracing.shutdown();
  });
  ingest.start();
  shutdown.onDrain('ingest', () => ingest.stop());
  const names = streamNames(shard);
  const parts = features.map((create) => create({ config, logger, metrics, health, redis, ledger, names }));
  for (const part of parts) part.start?.();
  const tasks = parts.flatMap((part) => part.tasks ?? []);
  const schedules = createSchedules({
    redisUrl: config.redisUrl,
    name: `tasks-of-${name}`,
    // Instances of one shard share their tasks.
    prefix: shard === undefined ? undefined : `costlane:{${shard}}:jobs`,
    tasks,
    logger,
    metrics,
  });
  schedules.start();
  shutdown.onDrain('features', async () => {
    await schedules.stop();
    await Promise.all(parts.map((part) => part.stop?.()));
  });

  const grpc = await startGrpcServer({
    host: config.httpHost,
    port: config.grpcPort,
    logger,
    health,
    services: [
      { definition: KeyServiceService, implementation: app.get<KeyServiceServer>(KEY_RPC) },
      { definition: ControlServiceService, implementation: app.get<ControlServiceServer>(CONTROL_RPC) },
      { definition: ExperimentServiceService, implementation: app.get<ExperimentServiceServer>(EXPERIMENT_RPC) },
      { definition: LedgerServiceService, implementation: app.get<LedgerServiceServer>(LEDGER_RPC) },
      ...parts.flatMap(({ services = [] }) => services),
    ],
  });
  shutdown.onDrain('grpc', () => grpc.close());
  return { app, httpPort: httpPortOf(app), grpcPort: grpc.port, shutdown };
}
