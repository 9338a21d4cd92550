// The product's own prices and savings, as they stand in the sources.
import { loadSources, withoutSideEffects } from '../lib/load-sources.mjs';

const entry = `
export { attributeSavings } from './libs/domain/src/money/attribute-savings';
export { parseUsd } from './libs/domain/src/money/nano-usd';
export { emptyUsage } from './libs/domain/src/money/token-usage';
export { createPriceCatalog } from './libs/pricing/src/price-catalog';
import { findProvider } from '@pydantic/genai-prices';
/** The pages that the price list names for a provider. */
export const pricePagesOf = (provider: string): readonly string[] => findProvider({ providerId: provider })?.pricing_urls ?? [];
`;

export const loadLibrary = () => loadSources({ contents: entry, plugins: [withoutSideEffects] });
