export type { IndexIdentity, VectorIndex, VectorMatch, VectorQuery, VectorRecord } from './vector-index';
export {
  createEmbeddedIndex,
  type EmbeddedIndex,
  type EmbeddedIndexOptions,
  type IndexStats,
} from './embedded/create-embedded-index';
export type { EvictableRecord } from './embedded/records';
export type { SnapshotLoad, SnapshotProblem } from './embedded/snapshot/load-snapshot';
export type { RemovedRecord } from './embedded/vector-store';
export { createQdrantIndex, type QdrantIndex, type QdrantIndexOptions } from './qdrant/create-qdrant-index';
