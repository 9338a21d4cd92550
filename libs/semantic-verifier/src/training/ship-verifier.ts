import type { VerifierWeights } from '../model/verifier-weights';
import type { PairRows } from './extract-rows';
import { defaultEnsemble, type EnsembleOptions } from './train-ensemble';
import { trainScoringModel, type TrainedScoring } from './train-verifier';

export interface ShipInput {
  /** Rows that may ship, weighted by source, with features made without and with dense cosines. */
  rows: { static: PairRows; dense: PairRows };
  /** What is left out together when thresholds are chosen: sources of one making must not stand in for one another. */
  familyOf: (source: string) => string;
  /** Families whose held-out rows set the thresholds: those of what people ask. */
  setsThresholds: (family: string) => boolean;
  modelId: string;
  staticModelId: string;
  ensemble?: EnsembleOptions;
  onProgress?: (share: number) => void;
}

export interface Shipped {
  weights: VerifierWeights;
  families: string[];
  static: TrainedScoring;
  dense: TrainedScoring;
}

/** The weights that ship: calibration and thresholds come from scores of sources that were left out whole. Deterministic. */
export function shipVerifier(input: ShipInput): Shipped {
  const { rows, familyOf, setsThresholds, modelId, staticModelId, ensemble = defaultEnsemble } = input;
  const families = [...new Set(rows.static.pairs.map(({ source }) => familyOf(source)))].sort();
  const folds = Uint8Array.from(rows.static.pairs, ({ source }) => families.indexOf(familyOf(source)));
  const thresholdSources = rows.static.pairs.map(({ source }) => {
    const family = familyOf(source);
    return setsThresholds(family) ? family : undefined;
  });
  const train = (own: PairRows, index: number) =>
    trainScoringModel({
      rows: own,
      folds,
      thresholdSources,
      ensemble,
      onProgress: (done, of) => input.onProgress?.((index + done / of) / 2),
    });
  const shippedStatic = train(rows.static, 0);
  const shippedDense = train(rows.dense, 1);
  return {
    weights: {
      modelId,
      staticModelId,
      featureNames: [...rows.static.matrix.names],
      models: { static: shippedStatic.model, dense: shippedDense.model },
    },
    families,
    static: shippedStatic,
    dense: shippedDense,
  };
}
