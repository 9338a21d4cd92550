import { checkBaseUrl } from '../network/check-base-url';
import { createCheckedLookup } from '../network/checked-lookup';
import { createHostPolicy } from '../network/host-policy';
import type { ProviderConfig } from '../provider-config';
import { createAnthropicBatches } from './anthropic/create-anthropic-batches';
import type { BatchesDeps } from './batch-deps';
import { createOpenAiBatches } from './openai/create-openai-batches';
import type { ProviderBatches } from './provider-batches';

type CreateBatches = (config: ProviderConfig, deps: BatchesDeps) => ProviderBatches;

/** One line per kind of provider; undefined for those without a Batch API that is spoken here. */
const kinds: Record<ProviderConfig['kind'], CreateBatches | undefined> = {
  'openai-compatible': createOpenAiBatches,
  anthropic: createAnthropicBatches,
  google: undefined,
  cohere: undefined,
};

/**
 * The Batch API of a provider, at its own address and key: a batch belongs to the account that it was sent from, so that of several
 * deployments the caller names one (as `baseUrl` and `apiKey`). Undefined where none is spoken. That a server speaks OpenAI's dialect does not
 * mean that it has batches: whom to ask is the caller's to know.
 * @throws when calls may not go to the base URL.
 */
export function createProviderBatches(
  config: ProviderConfig,
  { baseDelayMs }: Pick<BatchesDeps, 'baseDelayMs'> = {},
): ProviderBatches | undefined {
  const policy = createHostPolicy(config.allowedHosts);
  const batches = kinds[config.kind]?.(config, { lookup: createCheckedLookup(policy), baseDelayMs });
  if (batches) checkBaseUrl(config.name, config.baseUrl, policy);
  return batches;
}
