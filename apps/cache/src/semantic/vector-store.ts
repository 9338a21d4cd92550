import { vectorKey } from '@costlane/contracts';
import type { Redis } from '@costlane/platform';
import type { SemanticEntry } from './semantic-entry';

/** Vectors of stored questions in Redis, for models that cost time or money: a restart then asks for none of them again. */
export interface VectorStore {
  /** In the order of the entries; undefined where none is kept. */
  read(entries: readonly SemanticEntry[]): Promise<(Float32Array | undefined)[]>;
  keep(entries: readonly SemanticEntry[], vectors: readonly Float32Array[]): Promise<void>;
}

const BYTES_PER_NUMBER = 4;

/** `modelId` is part of every key: vectors of two models never meet. */
export function createVectorStore(redis: Redis, modelId: string, dimension: number): VectorStore {
  const keyOf = ({ tenantId, fingerprint }: SemanticEntry): string => vectorKey(tenantId, fingerprint, modelId);
  return {
    async read(entries) {
      if (entries.length === 0) return [];
      const found = await redis.mgetBuffer(...entries.map(keyOf));
      return found.map((bytes) =>
        bytes?.length === dimension * BYTES_PER_NUMBER
          ? new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
          : undefined,
      );
    },
    async keep(entries, vectors) {
      const nowMs = Date.now();
      const pipeline = redis.pipeline();
      entries.forEach((entry, at) => {
        const vector = vectors[at];
        const lifetimeMs = Math.floor(entry.expiresAtMs - nowMs);
        if (vector && lifetimeMs > 0)
          pipeline.set(
            keyOf(entry),
            Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength),
            'PX',
            lifetimeMs,
          );
      });
      await pipeline.exec();
    },
  };
}
