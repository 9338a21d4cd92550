export { capabilityNames, factsOf, type ModelFacts, type QualityFigure } from './catalog/model-facts';
export {
  createPriceCatalog,
  type PriceCatalog,
  type PriceCatalogOptions,
  type PriceCatalogStatus,
  type PriceChange,
  type PriceMatch,
  type PriceQuery,
} from './price-catalog';
export type { PriceFileStatus } from './file/price-file';
export type { PricingLogger } from './pricing-logger';
export type { PriceMatchKind, PriceNotFound, PriceSource } from './resolve-price';
