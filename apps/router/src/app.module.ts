import { createRoutingPredictor } from '@costlane/routing-predictor';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger, Metrics } from '@costlane/platform';
import { createPriceCatalog, type PriceCatalog } from '@costlane/pricing';
import { CatalogController } from './catalog/catalog.controller';
import { priceRefresh } from './catalog/wire-price-refresh';
import type { RouterConfig } from './config';
import type { ControlFollower } from './control/control-follower';
import { followControl } from './control/follow-control';
import { createModelStates, type ModelStates } from './health/model-states';
import { createModelDiscovery, type ModelDiscovery } from './models/model-discovery';
import { planProviders, type ProviderPlan } from './models/plan-providers';
import { servedModels } from './models/served-models';
import { buildPolicy } from './policy/build-policy';
import { createPolicySubscribers, type PolicySubscribers } from './policy/policy-subscribers';
import { PolicyController } from './policy/policy.controller';
import { createPolicyService, type PolicyService } from './policy/policy.service';
import { createRouteService } from './route/route.service';
import { createRouterController } from './route/router.controller';
import {
  CONTROL,
  MODEL_DISCOVERIES,
  POLICY_SERVICE,
  POLICY_SUBSCRIBERS,
  PRICE_CATALOG,
  PRICE_REFRESH,
  ROUTER_RPC,
} from './tokens';

export interface RouterRuntime {
  config: RouterConfig;
  logger: Logger;
  metrics: Metrics;
}

/** A change of the price file reaches the gateways in less than 2 s, where the file system tells of changes and where it does not. */
const PRICE_POLL_MS = 1_000;

const HEALTH_DELAY_MS = 200;

/** Wires the router. */
@Module({})
export class AppModule {
  static for(runtime: RouterRuntime): DynamicModule {
    const { config, logger, metrics } = runtime;
    const plans = planProviders(config);
    const states = createModelStates();
    return {
      module: AppModule,
      controllers: [PolicyController, CatalogController],
      providers: [
        {
          provide: PRICE_CATALOG,
          useFactory: () =>
            createPriceCatalog({ pricesFile: config.pricesFile, logger, pollIntervalMs: PRICE_POLL_MS }),
        },
        { provide: CONTROL, useFactory: () => followControl(runtime) },
        { provide: MODEL_DISCOVERIES, useFactory: () => discoveries(plans, runtime) },
        {
          provide: POLICY_SERVICE,
          inject: [PRICE_CATALOG, MODEL_DISCOVERIES, CONTROL],
          useFactory: (prices: PriceCatalog, sources: ModelDiscovery[], control: ControlFollower) => {
            const discovered = (provider: string) => sources.find((source) => source.provider === provider)?.models();
            const build = () => {
              const documents = control.documents();
              // What a tenant has forbidden is not known yet: no policy, rather than one that lets it out.
              if (!documents) return undefined;
              return buildPolicy({
                ...documents,
                served: servedModels(plans, prices, discovered),
                modelSwitches: config.modelSwitches,
                defaultModel: config.defaultModel,
                settings: config.routing,
                secureModels: config.secureModels,
                stateOf: states.stateOf,
              });
            };
            const service = createPolicyService({ build, logger, metrics });
            prices.onChange(service.rebuild);
            control.onChange(service.rebuild);
            sources.forEach((source) => source.onRefreshed(service.rebuild));
            return service;
          },
        },
        {
          provide: POLICY_SUBSCRIBERS,
          inject: [POLICY_SERVICE],
          useFactory: (policies: PolicyService) => {
            const subscribers = createPolicySubscribers({
              current: policies.current,
              onHealth: followHealth(states, policies.rebuild),
              logger,
              metrics,
            });
            policies.onChange(subscribers.publish);
            return subscribers;
          },
        },
        {
          provide: ROUTER_RPC,
          inject: [POLICY_SERVICE, POLICY_SUBSCRIBERS],
          useFactory: (policies: PolicyService, subscribers: PolicySubscribers) =>
            createRouterController({
              routes: createRouteService({
                current: policies.current,
                metrics,
                predictGain: createRoutingPredictor().predict,
              }),
              subscribers,
              logger,
            }),
        },
        {
          provide: PRICE_REFRESH,
          inject: [PRICE_CATALOG],
          useFactory: (prices: PriceCatalog) => priceRefresh(prices, plans, runtime),
        },
      ],
    };
  }
}

function discoveries(plans: readonly ProviderPlan[], { logger, metrics }: RouterRuntime): ModelDiscovery[] {
  return plans.flatMap((plan) => {
    if (plan.models !== 'discovered') return [];
    const { provider, baseUrl, apiKey } = plan;
    return [createModelDiscovery({ provider, baseUrl, apiKey, logger, metrics })];
  });
}

/** What workers say of models goes into the policy, all that comes within a moment at once. */
function followHealth(states: ModelStates, rebuild: () => void): ModelStates['report'] {
  let isDue = false;
  return (subscriber, health) => {
    states.report(subscriber, health);
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      rebuild();
    }, HEALTH_DELAY_MS).unref();
  };
}
