import { loadStaticModel } from '@costlane/embedding';
import type { Logger, Metrics, Redis } from '@costlane/platform';
import { createPairVerifier, loadVerifierWeights } from '@costlane/semantic-verifier';
import type { BatcherConfig } from '../config';
import { createFalseHitGate } from './false-hit-gate';
import { createSemanticSharing, type SemanticSharing } from './semantic-sharing';

/** The semantic cache's model and verifier, for sharing; undefined where it is switched off or, which is counted, its files are not there. */
export function loadSharing(
  config: BatcherConfig,
  { redis, logger, metrics }: { redis: Redis; logger: Logger; metrics: Metrics },
): SemanticSharing | undefined {
  if (!config.BATCH_COALESCE_SEMANTIC) return undefined;
  try {
    const model = loadStaticModel();
    const weights = loadVerifierWeights(config.CACHE_VERIFIER_WEIGHTS);
    return createSemanticSharing({
      model,
      verifier: createPairVerifier({ staticModel: model, weights }),
      gate: createFalseHitGate({ redis, defaultLimit: config.CACHE_MAX_FALSE_HIT_RATE, logger }),
      minSimilarity: config.CACHE_SIMILARITY_THRESHOLD,
    });
  } catch (err) {
    logger.warn({ err }, 'like questions share no calls: the model that compares them could not be loaded');
    metrics.fallback('batch_coalesce_semantic');
    return undefined;
  }
}
