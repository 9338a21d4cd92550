import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CacheServiceService, type CacheServiceServer } from '@costlane/contracts';
import type { CompletionConsumer } from '@costlane/lanes';
import {
  bootstrapService,
  createLogger,
  createMetrics,
  HealthRegistry,
  httpPortOf,
  Shutdown,
  tellFallbacks,
  startGrpcServer,
  type Redis,
} from '@costlane/platform';
import { AppModule, CACHE_CONTROLLER, FILL_CONSUMER, REDIS, SEMANTIC, SEMANTIC_CONTROLLER } from './app.module';
import type { CacheConfig } from './config';
import type { Semantic } from './semantic/create-semantic';

export interface RunningCache {
  app: NestFastifyApplication;
  httpPort: number;
  grpcPort: number;
  shutdown: Shutdown;
}

/** Starts the service; `exit` replaces the end of the process in tests. */
export async function startCache(config: CacheConfig, exit?: (code: number) => void): Promise<RunningCache> {
  const logger = createLogger({ service: 'cache', level: config.logLevel });
  const metrics = createMetrics({ service: 'cache' });
  const health = new HealthRegistry();
  const shutdown = new Shutdown({ logger, health, exit });
  const app = await bootstrapService({
    name: 'cache',
    module: AppModule.for({ config, logger, metrics }),
    config,
    logger,
    metrics,
    health,
    shutdown,
  });
  const redis = app.get<Redis>(REDIS);
  health.register('redis', async () => ({ ok: (await redis.ping()) === 'PONG' }));
  const fallbacks = tellFallbacks({ service: 'cache', metrics, redis });
  shutdown.onClose('redis', () => {
    fallbacks.stop();
    redis.disconnect();
  });

  const consumer = app.get<CompletionConsumer>(FILL_CONSUMER);
  consumer.start();
  shutdown.onDrain('fills', () => consumer.stop());

  const semantic = app.get<Semantic | undefined>(SEMANTIC);
  if (semantic) {
    await semantic.start();
    shutdown.onClose('semantic tier', () => semantic.stop());
  }
  const service: CacheServiceServer = { ...app.get(CACHE_CONTROLLER), ...app.get(SEMANTIC_CONTROLLER) };
  const grpc = await startGrpcServer({
    host: config.httpHost,
    port: config.grpcPort,
    logger,
    health,
    services: [{ definition: CacheServiceService, implementation: service }],
  });
  shutdown.onDrain('grpc', () => grpc.close());
  return { app, httpPort: httpPortOf(app), grpcPort: grpc.port, shutdown };
}
