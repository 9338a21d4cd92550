import { calibrate } from '../model/calibration';
import type { BoostedTrees } from '../model/boosted-trees';
import type { ScoringModel } from '../model/verifier-weights';
import { chooseThresholds, defaultThresholdOptions, type ThresholdOptions } from './choose-thresholds';
import { joinRows, type PairRows } from './extract-rows';
import { fitCalibration } from './fit-calibration';
import { crossScore, defaultEnsemble, trainEnsemble, type EnsembleOptions } from './train-ensemble';

export interface TrainScoringInput {
  /** What the model is for: folds, calibration and thresholds come from these rows. */
  rows: PairRows;
  /** For each row the fold in which it is held out. */
  folds: Uint8Array;
  /** Rows that only help to train, at the weights they carry. */
  extra?: PairRows;
  ensemble?: EnsembleOptions;
  thresholds?: ThresholdOptions;
  /** On which each threshold has to hold by itself: a name for each row. */
  thresholdSources: readonly string[];
  onProgress?: (done: number, of: number) => void;
}

export interface TrainedScoring {
  model: ScoringModel;
  /** Log-odds of each row by trees that did not see its fold; -Infinity where a veto refuses. */
  heldOutScores: Float64Array;
  /** Calibrated probabilities of them, by a calibration that did not see the fold either; 0 where a veto refuses. */
  heldOutProbabilities: Float64Array;
}

/** Trains one scoring model, its calibration and its thresholds, all judged on rows that were held out. */
export function trainScoringModel(input: TrainScoringInput): TrainedScoring {
  const { rows, folds, extra, ensemble = defaultEnsemble } = input;
  const foldCount = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  const train = (own: PairRows, seeds: number): BoostedTrees =>
    trainEnsemble(extra ? joinRows([own, extra]) : own, { ...ensemble, seeds });
  // One seed is enough to judge by, if a little harshly; the folds are most of the work.
  const heldOutScores = crossScore(
    rows,
    folds,
    (own) => train(own, 1),
    (done) => input.onProgress?.(done, foldCount + 1),
  );
  const trees = train(rows, ensemble.seeds);
  input.onProgress?.(foldCount + 1, foldCount + 1);
  const calibration = calibrationOf(rows, heldOutScores, () => true);
  const probabilities = heldOutScores.map((score) => (score === -Infinity ? 0 : calibrate(calibration, score)));
  const thresholds = chooseThresholds(
    { probabilities, labels: rows.labels, sources: input.thresholdSources },
    input.thresholds ?? defaultThresholdOptions,
  );
  return {
    model: { trees, calibration, thresholds },
    heldOutScores,
    heldOutProbabilities: crossCalibrate(rows, heldOutScores, folds, foldCount),
  };
}

function calibrationOf(rows: PairRows, scores: Float64Array, isUsed: (row: number) => boolean) {
  const used = rows.pairs.map((_, row) => row).filter((row) => scores[row] !== -Infinity && isUsed(row));
  return fitCalibration(
    used.map((row) => scores[row] as number),
    used.map((row) => rows.labels[row] as number),
    used.map((row) => rows.weights[row] as number),
  );
}

function crossCalibrate(rows: PairRows, scores: Float64Array, folds: Uint8Array, foldCount: number): Float64Array {
  const probabilities = new Float64Array(scores.length);
  for (let fold = 0; fold < foldCount; fold += 1) {
    const calibration = calibrationOf(rows, scores, (row) => folds[row] !== fold);
    folds.forEach((own, row) => {
      const score = scores[row] as number;
      if (own === fold) probabilities[row] = score === -Infinity ? 0 : calibrate(calibration, score);
    });
  }
  return probabilities;
}
