import { calibrate, type Calibration } from '../model/calibration';
import type { BoostedTrees } from '../model/boosted-trees';
import { createSameForm, sameFormProbability } from '../model/same-form';
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
  /** Ensembles that score the rows held out; one judges a little harshly, and is a fraction of the work. */
  heldOutSeeds?: number;
  thresholds?: ThresholdOptions;
  /** On which each threshold has to hold by itself: a name for each row; undefined for a row that sets none. */
  thresholdSources: readonly (string | undefined)[];
  onProgress?: (done: number, of: number) => void;
}

export interface TrainedScoring {
  model: ScoringModel;
  /** Log-odds of each row by trees that did not see its fold; -Infinity where a veto refuses. */
  heldOutScores: Float64Array;
  /** What the verifier would have said of them: calibrated as the model is, which orders them as the scores do. */
  heldOutVerdicts: Float64Array;
  /** The same for judging the calibration: by a calibration that did not see the fold either; 0 where a veto refuses. */
  heldOutProbabilities: Float64Array;
}

/** Trains one scoring model, its calibration and its thresholds, all judged on rows that were held out. */
export function trainScoringModel(input: TrainScoringInput): TrainedScoring {
  const { rows, folds, extra, ensemble = defaultEnsemble } = input;
  const foldCount = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  const train = (own: PairRows, seeds: number): BoostedTrees =>
    trainEnsemble(extra ? joinRows([own, extra]) : own, { ...ensemble, seeds });
  const heldOutScores = crossScore(
    rows,
    folds,
    (own) => train(own, input.heldOutSeeds ?? 1),
    (done) => input.onProgress?.(done, foldCount + 1),
  );
  const trees = train(rows, ensemble.seeds);
  input.onProgress?.(foldCount + 1, foldCount + 1);
  const verdict = createVerdict(rows);
  const calibration = calibrationOf(rows, heldOutScores, () => true);
  const verdicts = heldOutScores.map((score, row) => verdict(row, score, calibration));
  const setting = [...input.thresholdSources.keys()].filter((row) => input.thresholdSources[row] !== undefined);
  const thresholds = chooseThresholds(
    {
      probabilities: Float64Array.from(setting, (row) => verdicts[row] as number),
      labels: Uint8Array.from(setting, (row) => rows.labels[row] as number),
      sources: setting.map((row) => input.thresholdSources[row] as string),
    },
    input.thresholds ?? defaultThresholdOptions,
  );
  return {
    model: { trees, calibration, thresholds },
    heldOutScores,
    heldOutVerdicts: verdicts,
    heldOutProbabilities: crossCalibrate(rows, heldOutScores, folds, foldCount),
  };
}

/** The probability that the verifier gives a row: none after a veto, nearly 1 for texts of one normal form, else what the score means. */
function createVerdict({ matrix }: PairRows) {
  const isSameForm = createSameForm(matrix.names);
  return (row: number, score: number, calibration: Calibration): number => {
    if (score === -Infinity) return 0;
    const calibrated = calibrate(calibration, score);
    const isSame = isSameForm(matrix.values, row * matrix.names.length);
    return isSame ? Math.max(calibrated, sameFormProbability) : calibrated;
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
  const verdict = createVerdict(rows);
  for (let fold = 0; fold < foldCount; fold += 1) {
    const calibration = calibrationOf(rows, scores, (row) => folds[row] !== fold);
    folds.forEach((own, row) => {
      if (own === fold) probabilities[row] = verdict(row, scores[row] as number, calibration);
    });
  }
  return probabilities;
}
