export { decodeAnswer, encodeAnswer, type CachedAnswer } from './answer';
export { createResponseStore, type ExactFill, type ResponseStore, type ResponseStoreOptions } from './exact-tier';
export { createMemoryTier, type MemoryTier, type MemoryTierOptions } from './memory-tier';
