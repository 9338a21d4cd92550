import {
  bootstrapService,
  createLogger,
  createMetrics,
  HealthRegistry,
  loadConfig,
  Shutdown,
} from '@costlane/platform';
import { AppModule } from './app.module';
import { configSchema } from './config';
import { startRuntime } from './runtime';
import { createScalingDoor } from './scaling/scaling-door';

const name = 'batcher';
const config = loadConfig(configSchema);
const logger = createLogger({ service: name, level: config.LOG_LEVEL });
const metrics = createMetrics({ service: name });
const health = new HealthRegistry();
const shutdown = new Shutdown({ logger, health });

async function main(): Promise<void> {
  const scaling = createScalingDoor();
  await bootstrapService({
    name,
    module: AppModule,
    config: { httpHost: config.API_HOST, httpPort: config.BATCHER_HTTP_PORT },
    logger,
    metrics,
    health,
    shutdown,
    beforeListen: (_app, fastify) => scaling.register(fastify),
  });
  await startRuntime({ config, logger, metrics, health, shutdown, scaling });
}

main().catch((err: unknown) => {
  logger.fatal({ err }, 'the service could not start');
  process.exit(1);
});
