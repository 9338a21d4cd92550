// The product's own ledger, prices and savings, as they stand in the sources.
import { loadSources, withoutSideEffects } from '../lib/load-sources.mjs';

const entry = `
export { errorTable } from './libs/domain/src/error-codes';
export { emptyUsage } from './libs/domain/src/money/token-usage';
export { tierOfPrice } from './libs/domain/src/routing/model-tier';
export { unpaidSavings } from './libs/contracts/src/unpaid-savings';
export { priceRun } from './apps/provider-worker/src/work/price-run';
export { createPriceCatalog } from './libs/pricing/src/price-catalog';
export { createLogger } from './libs/platform/src/logger';
import { infrastructureCostBy } from './apps/cost-attribution/src/infrastructure/facts-of-record';
import { defaultInfrastructurePrices, defaultInfrastructureUse, infrastructureRates } from './libs/domain/src/money/infrastructure-cost';
/** What running the product costs for a record, at the default prices. */
export const infrastructureCostOf = infrastructureCostBy(infrastructureRates(defaultInfrastructurePrices, defaultInfrastructureUse));
export { createAnomalyScan } from './apps/cost-attribution/src/anomalies/anomaly-scan';
export { defaultAnomalySettings } from './libs/domain/src/anomaly/anomaly-types';
export { createLedger } from './libs/ledger/src/index';
`;

/** Packages are not bundled: what Postgres and the migrations need is loaded when it is used. */
export const loadLibrary = () => loadSources({ contents: entry, plugins: [withoutSideEffects], external: 'packages' });
