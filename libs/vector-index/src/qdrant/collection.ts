import { createHash } from 'node:crypto';
import type { QdrantClient } from '@qdrant/js-client-rest';
import type { IndexIdentity } from '../vector-index';
import { statusOf } from './to-index-error';

/** What a point carries beside its vector. */
export interface PointPayload extends Record<string, unknown> {
  tenant_id: string;
  context_hash: string;
  model_class: string;
  /** Epoch milliseconds, a whole number. */
  expires_at_ms: number;
  record_id: string;
}

/**
 * What searches filter by. `is_tenant` has Qdrant store a tenant's points side by side (Qdrant's documentation, "Multitenancy"), and
 * `is_principal` is left out: expiry is in no search alone.
 */
const payloadIndexes = {
  tenant_id: { type: 'keyword', is_tenant: true },
  context_hash: { type: 'keyword' },
  model_class: { type: 'keyword' },
  expires_at_ms: { type: 'integer', lookup: false, range: true },
} as const;

/** Links of a graph within what one tenant, context or model class has; there is none over all points, for nobody searches those. */
const TENANT_LINKS = 16;

/**
 * Name of the collection for an identity: readable, and another one for every other model and dimension, so that vectors of two
 * spaces never meet.
 */
export function collectionNameOf(prefix: string, { modelId, dimension }: IndexIdentity): string {
  const readable = modelId.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 60);
  const hash = createHash('sha256')
    .update(JSON.stringify([modelId, dimension]))
    .digest('hex')
    .slice(0, 12);
  return `${prefix}_${readable}_${dimension}_${hash}`;
}

export interface CollectionOptions {
  name: string;
  dimension: number;
  /** Whether Qdrant keeps vectors as int8 in memory, and as they are on disk. */
  isQuantized: boolean;
}

/** Makes sure that the collection and its payload indexes are there. Several replicas may do so at once. */
export async function ensureCollection(client: QdrantClient, options: CollectionOptions): Promise<void> {
  const existing = await client.getCollection(options.name).catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
  if (!existing) await createCollection(client, options);
  const schema = existing?.payload_schema ?? {};
  for (const [name, fieldSchema] of Object.entries(payloadIndexes)) {
    if (name in schema) continue;
    await client.createPayloadIndex(options.name, { field_name: name, field_schema: fieldSchema, wait: true });
  }
}

async function createCollection(
  client: QdrantClient,
  { name, dimension, isQuantized }: CollectionOptions,
): Promise<void> {
  const create = client.createCollection(name, {
    vectors: { size: dimension, distance: 'Cosine', on_disk: isQuantized },
    hnsw_config: { m: 0, payload_m: TENANT_LINKS },
    quantization_config: isQuantized ? { scalar: { type: 'int8', always_ram: true } } : undefined,
  });
  await create.catch((error: unknown) => {
    // Another replica was quicker.
    if (statusOf(error) !== 409) throw error;
  });
}
