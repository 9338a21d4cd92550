import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CatalogServiceService, RouterServiceService, type RouterServiceServer } from '@costlane/contracts';
import {
  bootstrapService,
  createLogger,
  createMetrics,
  HealthRegistry,
  httpPortOf,
  Shutdown,
  startGrpcServer,
} from '@costlane/platform';
import type { PriceCatalog } from '@costlane/pricing';
import { AppModule } from './app.module';
import { CatalogController } from './catalog/catalog.controller';
import type { PriceRefresh } from './catalog/price-refresh';
import type { RouterConfig } from './config';
import { createCatalogRpc } from './control/catalog.rpc';
import type { ControlFollower } from './control/control-follower';
import type { ModelDiscovery } from './models/model-discovery';
import type { PolicySubscribers } from './policy/policy-subscribers';
import type { PolicyService } from './policy/policy.service';
import {
  CONTROL,
  MODEL_DISCOVERIES,
  POLICY_SERVICE,
  POLICY_SUBSCRIBERS,
  PRICE_CATALOG,
  PRICE_REFRESH,
  ROUTER_RPC,
} from './tokens';

export interface RunningRouter {
  app: NestFastifyApplication;
  httpPort: number;
  grpcPort: number;
  shutdown: Shutdown;
}

/** Prices begin and end at their dates, which nobody announces. */
const REBUILD_INTERVAL_MS = 60_000;

/** Starts the service; `exit` replaces the end of the process in tests. */
export async function startRouter(config: RouterConfig, exit?: (code: number) => void): Promise<RunningRouter> {
  const logger = createLogger({ service: 'router', level: config.logLevel });
  const metrics = createMetrics({ service: 'router' });
  const health = new HealthRegistry();
  const shutdown = new Shutdown({ logger, health, exit });
  const module = AppModule.for({ config, logger, metrics });
  const app = await bootstrapService({ name: 'router', module, config, logger, metrics, health, shutdown });

  const prices = app.get<PriceCatalog>(PRICE_CATALOG);
  const policies = app.get<PolicyService>(POLICY_SERVICE);
  const subscribers = app.get<PolicySubscribers>(POLICY_SUBSCRIBERS);
  const discoveries = app.get<ModelDiscovery[]>(MODEL_DISCOVERIES);
  const control = app.get<ControlFollower>(CONTROL);
  const timer = setInterval(policies.rebuild, REBUILD_INTERVAL_MS);
  shutdown.onClose('prices', () => {
    clearInterval(timer);
    control.stop();
    discoveries.forEach((discovery) => discovery.stop());
    prices.close();
  });
  const refresh = app.get<PriceRefresh>(PRICE_REFRESH);
  await refresh.start();
  shutdown.onClose('price refresh', () => refresh.stop());
  health.register('price_list', () => refresh.health(), { isCritical: false });
  health.register('control', () => control.health(), { isCritical: false });
  health.register('policy', () => ({ ok: policies.current().version !== '' }));
  const models = () => ({ ok: policies.current().models.size > 0, detail: `${policies.current().models.size} models` });
  health.register('models', models, { isCritical: false });
  for (const discovery of discoveries) {
    health.register(`models_${discovery.provider}`, () => discovery.health(), { isCritical: false });
  }
  // First the lists, then the door: a policy without the discovered models would take them from gateways that know them already.
  await Promise.all([...discoveries.map((discovery) => discovery.start()), control.start()]);

  const grpc = await startGrpcServer({
    host: config.httpHost,
    port: config.grpcPort,
    logger,
    health,
    services: [
      { definition: RouterServiceService, implementation: app.get<RouterServiceServer>(ROUTER_RPC) },
      { definition: CatalogServiceService, implementation: createCatalogRpc(app.get(CatalogController), logger) },
    ],
  });
  shutdown.onDrain('grpc', async () => {
    subscribers.endAll();
    await grpc.close();
  });
  return { app, httpPort: httpPortOf(app), grpcPort: grpc.port, shutdown };
}
