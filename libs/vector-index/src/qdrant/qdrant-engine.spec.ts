import { randomUUID } from 'node:crypto';
import { describeVectorIndexContract } from '../testing/describe-vector-index-contract';
import { clusteredVectors, cosineOf, createVectorSource } from '../testing/sample-vectors';
import { pythonWithQdrantEdge, startQdrantEdge, type QdrantEdge } from '../testing/start-qdrant-edge';
import { createQdrantIndex, type QdrantIndex, type QdrantIndexOptions } from './create-qdrant-index';

// A Qdrant server (QDRANT_URL) or its engine in Python (`pip install qdrant-edge-py`, QDRANT_EDGE_PYTHON); without either this is left out.
const serverUrl = process.env['QDRANT_URL'];
const apiKey = process.env['QDRANT_API_KEY'];
const python = serverUrl === undefined ? pythonWithQdrantEdge() : undefined;
const hasEngine = serverUrl !== undefined || python !== undefined;

(hasEngine ? describe : describe.skip)('with a real engine (QDRANT_URL or QDRANT_EDGE_PYTHON)', () => {
  let edge: QdrantEdge | undefined;
  let url: string;
  const made: string[] = [];

  beforeAll(async () => {
    edge = python === undefined ? undefined : await startQdrantEdge(python);
    url = edge?.url ?? serverUrl ?? '';
  });
  afterAll(async () => {
    const headers: Record<string, string> = apiKey === undefined ? {} : { 'api-key': apiKey };
    if (!edge) for (const name of made) await fetch(`${url}/collections/${name}`, { method: 'DELETE', headers });
    await edge?.stop();
  });

  const create = (options: Omit<QdrantIndexOptions, 'url' | 'collectionPrefix'>): QdrantIndex => {
    const index = createQdrantIndex({ url, apiKey, collectionPrefix: `spec-${randomUUID()}`, ...options });
    made.push(index.collection);
    return index;
  };

  describeVectorIndexContract('Qdrant', async (options) => create(options));

  it.each([false, true])('finds the nearest of two thousand, with int8 vectors: %s', async (isQuantized) => {
    const index = create({ identity: { modelId: 'm', dimension: 96 }, isQuantized });
    const source = createVectorSource(96, 51);
    const vectors = clusteredVectors(source, 2_000);
    const place = { tenantId: 't', contextHash: 'c', modelClass: 'm' };
    const expiresAtMs = Date.now() + 600_000;
    await index.upsert(vectors.map((vector, i) => ({ ...place, id: `r${i}`, expiresAtMs, vector })));
    const asked = vectors.slice(0, 200).map((vector) => source.near(vector, 0.8 + 0.2 * source.next()));
    const found = await index.search(asked.map((vector) => ({ ...place, vector, limit: 1, minSimilarity: 0.5 })));
    const right = asked.filter((vector, i) => {
      const best = vectors.reduce((most, stored) => Math.max(most, cosineOf(stored, vector)), -1);
      return (found[i]?.[0]?.similarity ?? -1) > best - 0.01;
    });
    expect(right.length).toBeGreaterThanOrEqual(196);
    await index.close();
  });
});
