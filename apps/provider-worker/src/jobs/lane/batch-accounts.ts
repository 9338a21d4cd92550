import { createProviderBatches, type ProviderBatches, type ProviderConfig } from '@costlane/providers';
import { ANTHROPIC_BASE_URL, OPENAI_BASE_URL } from '../../config';
import type { WorkerProvider } from '../../providers.config';

/** The account whose Batch API a provider's items go to. */
export interface BatchAccount {
  provider: string;
  /** Its name, as in settings: batches belong to it. */
  account: string;
  api: ProviderBatches;
  /** Upstream models that it serves; undefined: all. */
  models?: readonly string[];
  /** First wait between two looks at a batch. */
  pollMs: number;
}

export interface BatchApiSettings {
  /** Providers by name; undefined: those that are known to have one. */
  names: readonly string[] | undefined;
  pollMs: number;
  mockPollMs: number;
}

const MOCK = 'mock';
const usualUrls: Readonly<Record<string, string>> = { openai: OPENAI_BASE_URL, anthropic: ANTHROPIC_BASE_URL };

/**
 * The Batch APIs that items go to, by provider: of each the first account of its settings. A server of one's own in a provider's place has to be
 * named, for that it speaks the provider's dialect does not mean that it has batches.
 */
export function batchAccountsOf(
  providers: readonly WorkerProvider[],
  { names, pollMs, mockPollMs }: BatchApiSettings,
): Map<string, BatchAccount> {
  const accounts = new Map<string, BatchAccount>();
  for (const provider of providers) {
    const { name } = provider;
    if (!(names ? names.includes(name) : isUsual(provider))) continue;
    const [first] = provider.deployments ?? [];
    const api = createProviderBatches(ownConfig(provider, first));
    if (!api) continue;
    const account = first?.name ?? 'default';
    accounts.set(name, {
      provider: name,
      account,
      api,
      models: first?.models,
      pollMs: name === MOCK ? Math.min(pollMs, mockPollMs) : pollMs,
    });
  }
  return accounts;
}

const isUsual = ({ name, baseUrl, apiKey }: ProviderConfig): boolean =>
  name === MOCK || (apiKey !== undefined && usualUrls[name] === baseUrl);

function ownConfig(
  { name, kind, baseUrl, apiKey, allowedHosts, connectTimeoutMs }: ProviderConfig,
  first: NonNullable<ProviderConfig['deployments']>[number] | undefined,
): ProviderConfig {
  const isElsewhere = first?.baseUrl !== undefined && first.baseUrl !== baseUrl;
  return {
    name,
    kind,
    baseUrl: first?.baseUrl ?? baseUrl,
    // A key goes to nobody but whom it is for.
    apiKey: first?.apiKey ?? (isElsewhere ? undefined : apiKey),
    allowedHosts,
    connectTimeoutMs,
  };
}
