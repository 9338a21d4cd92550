import path from 'node:path';
import type { Logger, Metrics } from '@costlane/platform';
import { createFileStore, type PriceCatalog } from '@costlane/pricing';
import type { RouterConfig } from '../config';
import type { ProviderPlan } from '../models/plan-providers';
import { fetchPriceList } from './fetch-price-list';
import { createPriceRefresh, type PriceRefresh } from './price-refresh';

/** LiteLLM's list has 3.5 MB (November 2026). */
const MAX_LIST_BYTES = 32 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 30_000;

/** The refresh of the prices of the providers that are served. */
export function priceRefresh(
  catalog: PriceCatalog,
  plans: readonly ProviderPlan[],
  { config, logger, metrics }: { config: RouterConfig; logger: Logger; metrics: Metrics },
): PriceRefresh {
  metrics.gauge({
    name: 'costlane_price_file_refused_editions',
    help: "Editions of the operator's prices file that were not taken over since the start",
    labelNames: [],
    collect() {
      this.set(catalog.status().file?.rejectedReloads ?? 0);
    },
  });
  return createPriceRefresh({
    url: config.priceListUrl,
    intervalMs: config.priceRefreshIntervalMs,
    providers: comparedProviders(plans),
    catalog,
    store: createFileStore(path.join(config.dataDir, 'catalog')),
    fetchList: (url) => fetchPriceList({ url, timeoutMs: FETCH_TIMEOUT_MS, maxBytes: MAX_LIST_BYTES }),
    logger,
    metrics,
  });
}

/** The mock costs what it plays; what one's own machines cost stands in no list. */
export function comparedProviders(plans: readonly ProviderPlan[]): readonly string[] {
  const names = plans.map(({ provider }) => (provider === 'mock' ? 'openai' : provider));
  return [...new Set(names)].filter((name) => name !== 'vllm');
}
