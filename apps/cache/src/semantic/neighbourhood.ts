import type { PreparedText } from '@costlane/semantic-verifier';
import type { Candidate } from './judge-candidates';
import type { SemanticEntry } from './semantic-entry';

export interface NeighbourQuery {
  tenantId: string;
  contextHash: string;
  model: string;
  vector: Float32Array;
  minSimilarity: number;
}

export interface Neighbours {
  /** Nearest first. */
  candidates: Candidate[];
  /** Some of the tenant's stored questions are still being read: what was not found may be there. */
  isLoading: boolean;
}

/** Which entries of a tenant are meant by an invalidation. */
export type EntrySelection = { key: string } | { model: string } | { tag: string } | { all: true };

/** The stored questions of all tenants, found by likeness. Hides whether one replica holds a tenant or all share a database. */
export interface Neighbourhood {
  readonly kind: 'embedded' | 'qdrant';
  find(queries: readonly NeighbourQuery[]): Promise<Neighbours[]>;
  /** Answers were stored; those already known are replaced. */
  onFilled(tenantId: string, fingerprints: readonly string[]): Promise<void>;
  /** This entry's question came up again. */
  touch(entry: SemanticEntry): void;
  remove(tenantId: string, selection: EntrySelection): Promise<void>;
  /** Forgets every tenant's. */
  clear(): Promise<void>;
  /** Invalidations or fills may have been missed: what is known is read again. */
  reload(): void;
  entries(tenantId?: string): number;
  close(): Promise<void>;
}

/** Works out what a text's verification needs, once for as long as it is remembered. */
export type Prepare = (tenantId: string, text: string) => PreparedText;
