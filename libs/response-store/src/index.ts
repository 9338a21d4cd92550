export { decodeAnswer, encodeAnswer, type CachedAnswer } from './answer';
export { decodeStoredHeader, type StoredHeader } from './stored-header';
export { createResponseStore, type ExactFill, type ResponseStore, type ResponseStoreOptions } from './exact-tier';
export { createMemoryTier, type MemoryTier, type MemoryTierOptions } from './memory-tier';
export { createStaleLookup, type FindStale } from './stale-copies';
