import { hostname } from 'node:os';
import { Module, type DynamicModule } from '@nestjs/common';
import { consumerGroups, streamNames } from '@costlane/contracts';
import { createCompletionConsumer, createSignalPublisher } from '@costlane/lanes';
import { createLedger, type Ledger } from '@costlane/ledger';
import { createRedis, newRequestId, type Logger, type Metrics, type Redis, type Tracing } from '@costlane/platform';
import type { CostAttributionConfig } from './config';
import { createControlController } from './control/control.controller';
import { createExperimentsController } from './experiments/experiments.controller';
import { infrastructureCostBy } from './infrastructure/facts-of-record';
import { createIngestMetrics } from './ingest/ingest-metrics';
import { createIngest } from './ingest/ingest.service';
import { createKeysController } from './keys/keys.controller';
import { LedgerController } from './ledger/ledger.controller';
import { createLedgerRpc } from './ledger/ledger.rpc';
import { CONTROL_RPC, EXPERIMENT_RPC, INGEST, KEY_RPC, LEDGER, LEDGER_RPC, REDIS } from './tokens';

export interface CostAttributionRuntime {
  config: CostAttributionConfig;
  logger: Logger;
  metrics: Metrics;
  tracing: Tracing;
  /** Part of the stream names; default the deployment's only shard. */
  shard?: string;
}

/** A frozen Redis fails a command after this instead of holding up the ledger. */
const REDIS_COMMAND_TIMEOUT_MS = 2_000;

/** Wires cost-attribution. */
@Module({})
export class AppModule {
  static for(runtime: CostAttributionRuntime): DynamicModule {
    const { config, logger } = runtime;
    const names = streamNames(runtime.shard);
    return {
      module: AppModule,
      controllers: [LedgerController],
      providers: [
        {
          provide: REDIS,
          useFactory: () =>
            createRedis(config.redisUrl, {
              name: 'cost-attribution',
              logger,
              commandTimeoutMs: REDIS_COMMAND_TIMEOUT_MS,
            }),
        },
        {
          provide: LEDGER,
          useFactory: () =>
            createLedger({
              databaseUrl: config.databaseUrl,
              logger,
              poolSize: config.databasePoolSize,
              infrastructureCostOf: infrastructureCostBy(config.infrastructure),
            }),
        },
        {
          provide: INGEST,
          inject: [REDIS, LEDGER],
          useFactory: (redis: Redis, ledger: Ledger) => ingestOf(runtime, redis, ledger),
        },
        {
          provide: KEY_RPC,
          inject: [REDIS, LEDGER],
          useFactory: (redis: Redis, ledger: Ledger) =>
            createKeysController({
              keys: ledger.keys,
              invalidate: createSignalPublisher({ redis, names }).invalidate,
              logger,
            }),
        },
        {
          provide: CONTROL_RPC,
          inject: [LEDGER],
          useFactory: (ledger: Ledger) => createControlController(ledger.control, logger),
        },
        {
          provide: EXPERIMENT_RPC,
          inject: [LEDGER],
          useFactory: ({ control, experiments }: Ledger) =>
            createExperimentsController({ control, experiments, logger }),
        },
        { provide: LEDGER_RPC, inject: [LEDGER], useFactory: (ledger: Ledger) => createLedgerRpc(ledger, logger) },
      ],
    };
  }
}

function ingestOf({ config, logger, metrics, tracing, shard }: CostAttributionRuntime, redis: Redis, ledger: Ledger) {
  const names = streamNames(shard);
  return createIngest({
    ledger,
    redis,
    names,
    metrics: createIngestMetrics(metrics),
    tracing,
    logger,
    createConsumer: (handlers) =>
      createCompletionConsumer({
        redis,
        blockingRedis: createRedis(config.redisUrl, { name: 'cost-attribution-ingest', logger, blocking: true }),
        names,
        group: consumerGroups.ledger,
        consumer: `cost-attribution-${hostname()}-${newRequestId()}`,
        logger,
        ...handlers,
      }),
  });
}
