import type { StaticModel } from '@costlane/embedding';
import { CostlaneError } from '@costlane/domain';
import { createFeatureExtractor, type PreparedFeatures } from './features';
import { createSameForm, sameFormProbability } from './model/same-form';
import { createProbability } from './model/score-pair';
import { thresholdFor } from './model/threshold-for';
import type { VerifierWeights } from './model/verifier-weights';
import type { PairVerdict, PairVerifier, PreparedText } from './pair-verifier';

export interface PairVerifierDeps {
  staticModel: StaticModel;
  weights: VerifierWeights;
}

interface Prepared extends PreparedText {
  readonly features: PreparedFeatures;
}

/**
 * The verifier of the semantic tier: vetoes, then boosted trees over the pair's features, then calibration. Synchronous, without I/O, tens of
 * microseconds a pair. Throws a CostlaneError where the weights were made for other features or another static model.
 */
export function createPairVerifier({ staticModel, weights }: PairVerifierDeps): PairVerifier {
  const extractor = createFeatureExtractor(staticModel);
  requireMatch(weights, extractor.names, staticModel.modelId);
  const features = new Float32Array(extractor.names.length);
  const probability = {
    static: createProbability(weights.models.static),
    dense: createProbability(weights.models.dense),
  };
  const isSameForm = createSameForm(extractor.names);
  const own = (prepared: PreparedText): PreparedFeatures => {
    const { features: prepare } = prepared as Partial<Prepared>;
    return prepare ?? extractor.prepare(prepared.text);
  };
  return {
    modelId: weights.modelId,
    prepare: (text): Prepared => ({ text, features: extractor.prepare(text) }),
    judge(asked, kept, denseCosine): PairVerdict {
      const a = own(asked);
      const b = own(kept);
      const veto = extractor.veto(a, b);
      if (veto !== undefined) return { probability: 0, veto };
      extractor.extract(a, b, denseCosine, features);
      const calibrated = probability[denseCosine === undefined ? 'static' : 'dense'](features);
      return { probability: isSameForm(features, 0) ? Math.max(calibrated, sameFormProbability) : calibrated };
    },
    thresholdFor: (maxFalseHitRate, hasDenseCosine) =>
      thresholdFor((hasDenseCosine ? weights.models.dense : weights.models.static).thresholds, maxFalseHitRate),
  };
}

function requireMatch(weights: VerifierWeights, names: readonly string[], staticModelId: string): void {
  const refuse = (what: string) =>
    new CostlaneError(
      'internal',
      `verifier weights "${weights.modelId}" ${what}; train them again with \`npm run train:verifier\``,
    );
  const position = names.findIndex((name, index) => weights.featureNames[index] !== name);
  if (position >= 0 || weights.featureNames.length !== names.length)
    throw refuse(
      `were made for ${weights.featureNames.length} features, this version has ${names.length}` +
        (position >= 0
          ? ` (number ${position} is "${names[position]}", was "${weights.featureNames[position] ?? 'missing'}")`
          : ''),
    );
  if (weights.staticModelId !== staticModelId)
    throw refuse(`were made with the static model "${weights.staticModelId}", this one is "${staticModelId}"`);
}
