import {
  createBatchingEmbedder,
  createHttpEmbedder,
  createOnnxEmbedder,
  createStaticEmbedder,
  loadStaticModel,
  type Embedder,
  type StaticModel,
} from '@costlane/embedding';
import type { Logger, Metrics, Redis } from '@costlane/platform';
import type { ResponseStore } from '@costlane/response-store';
import { createPairVerifier, loadVerifierWeights } from '@costlane/semantic-verifier';
import { createEmbeddedIndex, createQdrantIndex, type IndexIdentity, type VectorIndex } from '@costlane/vector-index';
import type { CacheConfig } from '../config';
import { createSemantic, type Semantic } from './create-semantic';
import type { SemanticSettings } from './semantic-config';

const MIN_INDEX_BYTES = 64 * 2 ** 20;
/** What the index can address. */
const MAX_INDEX_BYTES = 3 * 2 ** 30;
const BYTES_PER_ENTRY = 8 * 1024;

/** The semantic tier that the settings call for; undefined where it is switched off. Throws where a model or its weights cannot be read. */
export function semanticTier(
  { config, logger, metrics }: { config: CacheConfig; logger: Logger; metrics: Metrics },
  redis: Redis,
  store: ResponseStore,
): Semantic | undefined {
  const settings = config.semantic;
  if (!settings.CACHE_SEMANTIC_ENABLED) return undefined;
  const staticModel = loadStaticModel();
  const weights = loadVerifierWeights(settings.CACHE_VERIFIER_WEIGHTS);
  const embedder = embedderOf(settings, staticModel);
  return createSemantic({
    settings,
    redis,
    redisUrl: config.redisUrl,
    store,
    embedder,
    index: indexOf(settings, { modelId: embedder.modelId, dimension: embedder.dimension }),
    verifier: createPairVerifier({ staticModel, weights }),
    logger,
    metrics,
  });
}

function embedderOf(settings: SemanticSettings, staticModel: StaticModel): Embedder {
  if (settings.EMBEDDING_PROVIDER === 'static') return createStaticEmbedder(staticModel);
  if (settings.EMBEDDING_PROVIDER === 'onnx')
    return createBatchingEmbedder(createOnnxEmbedder({ modelDir: settings.EMBEDDING_MODEL_DIR ?? '' }));
  return createBatchingEmbedder(
    createHttpEmbedder({
      baseUrl: settings.EMBEDDING_BASE_URL ?? '',
      apiKey: settings.EMBEDDING_API_KEY,
      model: settings.EMBEDDING_MODEL,
      dimension: settings.EMBEDDING_DIMENSION,
    }),
  );
}

function indexOf(settings: SemanticSettings, identity: IndexIdentity): VectorIndex {
  if (settings.QDRANT_URL === undefined) {
    // The catalog of entries holds the bound and the policy; the index only must not run out of room before it.
    const maxBytes = Math.min(
      MAX_INDEX_BYTES,
      Math.max(MIN_INDEX_BYTES, settings.CACHE_SEMANTIC_SIZE * BYTES_PER_ENTRY),
    );
    // What goes and what comes take turns where they are many, so that for a moment there may be more.
    const maxEntriesPerTenant = 2 * settings.CACHE_SEMANTIC_SIZE;
    return createEmbeddedIndex({ identity, maxEntriesPerTenant, maxBytes });
  }
  return createQdrantIndex({
    url: settings.QDRANT_URL,
    apiKey: settings.QDRANT_API_KEY,
    collectionPrefix: settings.QDRANT_COLLECTION_NAME,
    identity,
  });
}
