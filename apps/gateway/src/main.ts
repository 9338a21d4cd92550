import { fileURLToPath } from 'node:url';
import { createLogger, createMetrics, HealthRegistry, loadConfig, Shutdown } from '@costlane/platform';
import { configSchema } from './config';
import { startGateway } from './start-gateway';

const config = loadConfig(configSchema);
const logger = createLogger({ service: 'gateway', level: config.LOG_LEVEL });
const metrics = createMetrics({ service: 'gateway' });
const health = new HealthRegistry();
const shutdown = new Shutdown({ logger, health });
// The build puts swagger-ui's files beside the bundle.
const swaggerDirectory = fileURLToPath(new URL('./swagger-ui/', import.meta.url));

startGateway({ config, logger, metrics, health, shutdown, swaggerDirectory }).catch((err: unknown) => {
  logger.fatal({ err }, 'the service could not start');
  process.exit(1);
});
