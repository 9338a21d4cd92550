export { autoChoiceOf, type AutoChoice } from './catalog/auto-choice';
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
export { diffPriceList, type PriceDiff, type PriceProposal } from './refresh/diff-price-list';
export { createFileStore } from './refresh/file-store';
export type { ListedModel, PriceListReading, RefusedEntry } from './refresh/listed-model';
export { readPriceList } from './refresh/read-price-list';
export {
  openStagedPrices,
  type RefreshReport,
  type StagedPrice,
  type StagedPrices,
  type StagedPricesStore,
} from './refresh/staged-prices';
