import { createLogger, loadConfig } from '@costlane/platform';
import { configSchema } from './config';
import { startRouter } from './start-router';

startRouter(loadConfig(configSchema)).catch((err: unknown) => {
  createLogger({ service: 'router' }).fatal({ err }, 'the service could not start');
  process.exit(1);
});
