export type { IndexIdentity, VectorIndex, VectorMatch, VectorQuery, VectorRecord } from './vector-index';
