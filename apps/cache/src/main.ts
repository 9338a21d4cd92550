import { createLogger, loadConfig } from '@costlane/platform';
import { configSchema } from './config';
import { startCache } from './start-cache';

startCache(loadConfig(configSchema)).catch((err: unknown) => {
  createLogger({ service: 'cache' }).fatal({ err }, 'the service could not start');
  process.exit(1);
});
