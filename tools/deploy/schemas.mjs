// The settings of every service, by its name.
import { configSchema as batcher } from '../../apps/batcher/src/config';
import { configSchema as cache } from '../../apps/cache/src/config';
import { configSchema as costAttribution } from '../../apps/cost-attribution/src/config';
import { configSchema as gateway } from '../../apps/gateway/src/config';
import { configSchema as providerWorker } from '../../apps/provider-worker/src/config';
import { configSchema as router } from '../../apps/router/src/config';

export const schemas = {
  batcher,
  cache,
  'cost-attribution': costAttribution,
  gateway,
  'provider-worker': providerWorker,
  router,
};
