import { hostname } from 'node:os';
import { Module, type DynamicModule } from '@nestjs/common';
import { consumerGroups, streamNames } from '@costlane/contracts';
import { createCompletionConsumer } from '@costlane/lanes';
import { createRedis, newRequestId, type Logger, type Metrics, type Redis } from '@costlane/platform';
import { createResponseStore, type ResponseStore } from '@costlane/response-store';
import { createCacheController } from './admin/cache.controller';
import type { CacheConfig } from './config';
import { createFillMetrics, registerLagGauges, type FillMetrics } from './fill/fill-metrics';
import { createFillService, type FillService } from './fill/fill.service';
import type { Semantic } from './semantic/create-semantic';
import { createSemanticController } from './semantic/semantic.controller';
import { semanticTier } from './semantic/semantic-tier';

export const REDIS = Symbol('redis');
export const STORE = Symbol('response store');
export const FILL_METRICS = Symbol('fill metrics');
export const FILL_SERVICE = Symbol('fill service');
export const FILL_CONSUMER = Symbol('fill consumer');
export const CACHE_CONTROLLER = Symbol('cache controller');
export const SEMANTIC = Symbol('semantic tier');
export const SEMANTIC_CONTROLLER = Symbol('semantic controller');

export interface CacheRuntime {
  config: CacheConfig;
  logger: Logger;
  metrics: Metrics;
}

/** Wires the cache service. */
@Module({})
export class AppModule {
  static for({ config, logger, metrics }: CacheRuntime): DynamicModule {
    const { maxEntryBytes, maxEntriesPerTenant, evictionPolicy: policy, staleSeconds } = config;
    return {
      module: AppModule,
      providers: [
        { provide: REDIS, useFactory: () => createRedis(config.redisUrl, { name: 'cache', logger }) },
        {
          provide: STORE,
          inject: [REDIS, FILL_METRICS],
          useFactory: (redis: Redis, { evicted }: FillMetrics) =>
            createResponseStore({
              redis,
              maxEntryBytes,
              maxEntriesPerTenant,
              policy,
              staleSeconds,
              onEvicted: evicted,
            }),
        },
        { provide: FILL_METRICS, useFactory: () => createFillMetrics(metrics, policy) },
        {
          provide: SEMANTIC,
          inject: [REDIS, STORE],
          useFactory: (redis: Redis, store: ResponseStore) => semanticTier({ config, logger, metrics }, redis, store),
        },
        {
          provide: SEMANTIC_CONTROLLER,
          inject: [SEMANTIC, STORE],
          useFactory: (semantic: Semantic | undefined, store: ResponseStore) =>
            createSemanticController(semantic, store, logger),
        },
        {
          provide: FILL_SERVICE,
          inject: [STORE, FILL_METRICS, SEMANTIC],
          useFactory: (store: ResponseStore, fillMetrics: FillMetrics, semantic: Semantic | undefined) =>
            createFillService({ store, metrics: fillMetrics, maxEntryBytes, semantic }),
        },
        {
          provide: FILL_CONSUMER,
          inject: [REDIS, FILL_SERVICE],
          useFactory: (redis: Redis, fills: FillService) => {
            const consumer = createCompletionConsumer({
              redis,
              blockingRedis: createRedis(config.redisUrl, { name: 'cache-fill', logger, blocking: true }),
              names: streamNames(),
              group: consumerGroups.cacheFill,
              consumer: `cache-${hostname()}-${newRequestId()}`,
              logger,
              fillsOnly: true,
              handle: (batch) => fills.fill(batch),
            });
            registerLagGauges(metrics, () => consumer.lag());
            return consumer;
          },
        },
        {
          provide: CACHE_CONTROLLER,
          inject: [STORE, FILL_METRICS],
          useFactory: (store: ResponseStore, fillMetrics: FillMetrics) =>
            createCacheController({ store, metrics: fillMetrics, logger }),
        },
      ],
    };
  }
}
