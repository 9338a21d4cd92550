/** One vector and what it may be found by. The text and the answer it stands for are kept elsewhere, under `id`. */
export interface VectorRecord {
  /** Unique within the tenant. */
  id: string;
  tenantId: string;
  /** Hash of all that must be equal besides the question: system prompt, parameters. */
  contextHash: string;
  /** Model or routing class whose answers may be given. */
  modelClass: string;
  expiresAtMs: number;
  /** Unit length, of the index's dimension. */
  vector: Float32Array;
}

export interface VectorQuery {
  tenantId: string;
  contextHash: string;
  modelClass: string;
  vector: Float32Array;
  /** Best matches at the most. */
  limit: number;
  /** Cosine below which nothing is a match. */
  minSimilarity: number;
}

export interface VectorMatch {
  id: string;
  /** Cosine, −1 to 1. */
  similarity: number;
}

/** What must be equal for vectors to be comparable. An index made for another identity is not read. */
export interface IndexIdentity {
  /** {@link Embedder.modelId} of the embedder. */
  modelId: string;
  dimension: number;
}

/**
 * Nearest neighbours by cosine within one tenant, context and model class. A record whose time has passed is never a match. When
 * `upsert` has resolved, a search finds the record.
 */
export interface VectorIndex {
  readonly identity: IndexIdentity;
  upsert(records: readonly VectorRecord[]): Promise<void>;
  /** One list of matches a query, best first. Queries may be of several tenants. */
  search(queries: readonly VectorQuery[]): Promise<VectorMatch[][]>;
  /** Gives how many were there, where the backend can tell, else the number of ids. */
  remove(tenantId: string, ids: readonly string[]): Promise<number>;
  removeTenant(tenantId: string): Promise<void>;
  count(tenantId?: string): Promise<number>;
  close(): Promise<void>;
}
