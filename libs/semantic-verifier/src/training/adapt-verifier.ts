import type { VerifierWeights } from '../model/verifier-weights';
import { adaptedThresholdOptions } from './choose-thresholds';
import type { PairRows, RowSets } from './extract-rows';
import { groupByText, groupedFolds } from './grouped-folds';
import { defaultEnsemble, type EnsembleOptions } from './train-ensemble';
import { trainScoringModel, type TrainedScoring } from './train-verifier';

/** The rows that ship weigh together as much as so many pairs of the operator: they lead while there are few, and fade as there are more. */
const baseRowsWorth = 300;

export interface AdaptInput {
  /** An operator's pairs, with features made without, and where there are dense cosines with them. */
  rows: RowSets;
  /** Rows that ship, the same way; without dense cosines they help the static model only. */
  baseRows?: RowSets;
  /** What is adapted: its dense model stays where the pairs have no dense cosines. */
  base: VerifierWeights;
  folds?: number;
  seed?: number;
  ensemble?: EnsembleOptions;
  modelId: string;
  onProgress?: (share: number) => void;
}

export interface Adapted {
  weights: VerifierWeights;
  folds: Uint8Array;
  static: TrainedScoring;
  dense?: TrainedScoring;
}

/** Weights for an operator's traffic; calibration and thresholds come from out-of-fold scores of the operator's pairs alone. Deterministic. */
export function adaptVerifier(input: AdaptInput): Adapted {
  const { rows, baseRows, base, folds: foldCount = 5, seed = 1, ensemble = defaultEnsemble } = input;
  const folds = groupedFolds(groupByText(rows.static.pairs), foldCount, seed);
  const models = rows.dense ? 2 : 1;
  const train = (own: PairRows, extra: PairRows | undefined, index: number): TrainedScoring =>
    trainScoringModel({
      rows: own,
      folds,
      extra: extra && scaleWeights(extra, baseRowsWorth),
      ensemble,
      heldOutSeeds: ensemble.seeds,
      // One source for all: an operator's pairs are one traffic, whatever found them.
      thresholdSources: own.pairs.map(() => 'pairs'),
      thresholds: adaptedThresholdOptions,
      onProgress: (done, of) => input.onProgress?.((index + done / of) / models),
    });
  const adaptedStatic = train(rows.static, baseRows?.static, 0);
  const adaptedDense = rows.dense && train(rows.dense, baseRows?.dense, 1);
  return {
    weights: {
      modelId: input.modelId,
      staticModelId: base.staticModelId,
      featureNames: base.featureNames,
      models: { static: adaptedStatic.model, dense: adaptedDense?.model ?? base.models.dense },
    },
    folds,
    static: adaptedStatic,
    dense: adaptedDense,
  };
}

function scaleWeights(rows: PairRows, total: number): PairRows {
  const sum = rows.weights.reduce((all, weight) => all + weight, 0);
  return { ...rows, weights: rows.weights.map((weight) => (weight * total) / Math.max(sum, 1e-9)) };
}
