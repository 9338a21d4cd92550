import type { CreateTransport, TransportDeps } from '../attempt';
import { checkBaseUrl } from '../network/check-base-url';
import { createCheckedLookup } from '../network/checked-lookup';
import { createHostPolicy } from '../network/host-policy';
import type { DeploymentConfig, ProviderConfig } from '../provider-config';
import { Deployment } from './deployment';

const ONLY = 'default';

/**
 * The deployments of a provider, each with its own connections and key.
 * @throws when two have the same name, a weight is not above 0, or calls may not go to a base URL.
 */
export function createDeployments(
  config: ProviderConfig,
  createTransport: CreateTransport,
  deps: TransportDeps,
): Deployment[] {
  const policy = createHostPolicy(config.allowedHosts);
  const lookup = createCheckedLookup(policy);
  const configs = config.deployments?.length ? config.deployments : [{ name: ONLY }];
  const names = new Set<string>();
  return configs.map((each) => {
    const { name, weight = 1, models } = each;
    const whole = `${config.name}/${name}`;
    if (names.has(name)) throw new Error(`provider ${config.name}: deployment ${name} is configured twice`);
    names.add(name);
    if (!(weight > 0 && Number.isFinite(weight))) throw new Error(`provider ${whole}: the weight must be above 0`);
    const own = ownConfig(config, each);
    // Nothing connects before a call is made, and what is no URL at all the transport can tell better: it knows an example.
    const transport = createTransport(own, { ...deps, lookup });
    checkBaseUrl(config.deployments?.length ? whole : config.name, own.baseUrl, policy);
    return new Deployment(name, transport, weight, models && new Set(models));
  });
}

function ownConfig(config: ProviderConfig, { baseUrl, apiKey }: DeploymentConfig): ProviderConfig {
  if (baseUrl === undefined || baseUrl === config.baseUrl) return { ...config, apiKey: apiKey ?? config.apiKey };
  return { ...config, baseUrl, apiKey };
}
