import { binFeatures } from './bin-features';
import { averageTrees, type BoostedTrees } from '../model/boosted-trees';
import { createScorer } from '../model/quick-scorer';
import type { PairRows } from './extract-rows';
import { filterRows } from './extract-rows';
import { defaultBoosting, trainBoostedTrees, type BoostingOptions } from './train-boosted-trees';

export interface EnsembleOptions {
  boosting: BoostingOptions;
  /** Ensembles of different seeds, averaged: less noise from the draw of rows and features. */
  seeds: number;
  /** Told as training goes on, 0 to 1. */
  onProgress?: (share: number) => void;
}

export const defaultEnsemble: EnsembleOptions = { boosting: defaultBoosting, seeds: 3 };

/** Trees for the rows that no veto refuses: what a veto decides needs no tree. */
export function trainEnsemble(rows: PairRows, options: EnsembleOptions = defaultEnsemble): BoostedTrees {
  const open = filterRows(rows, (row) => rows.vetoes[row] === undefined);
  const meanWeight = open.weights.reduce((total, weight) => total + weight, 0) / Math.max(1, open.weights.length);
  const weights = open.weights.map((weight) => weight / meanWeight);
  const binned = binFeatures(open.matrix, options.boosting.maxBins);
  const ensembles = Array.from({ length: options.seeds }, (_, index) =>
    trainBoostedTrees(
      {
        matrix: open.matrix,
        binned,
        labels: open.labels,
        weights,
        onTree: (done, of) => options.onProgress?.((index + done / of) / options.seeds),
      },
      { ...options.boosting, seed: options.boosting.seed + index * 7919 },
    ),
  );
  return averageTrees(ensembles);
}

/** Log-odds of every row; -Infinity where a veto refuses. */
export function scoreRows(trees: BoostedTrees, rows: PairRows): Float64Array {
  const width = rows.matrix.names.length;
  const scoreOf = createScorer(trees);
  return Float64Array.from(rows.vetoes, (veto, row) =>
    veto === undefined ? scoreOf(rows.matrix.values.subarray(row * width, (row + 1) * width)) : -Infinity,
  );
}

/** Scores that training did not help to make: for each fold (0 and on), by trees of the other folds' rows. */
export function crossScore(
  rows: PairRows,
  folds: Uint8Array,
  train: (rows: PairRows) => BoostedTrees,
  onFold?: (done: number, of: number) => void,
): Float64Array {
  const scores = new Float64Array(rows.pairs.length);
  const count = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  for (let fold = 0; fold < count; fold += 1) {
    const trees = train(filterRows(rows, (row) => folds[row] !== fold));
    const own = scoreRows(
      trees,
      filterRows(rows, (row) => folds[row] === fold),
    );
    let next = 0;
    folds.forEach((of, row) => {
      if (of === fold) scores[row] = own[next++] as number;
    });
    onFold?.(fold + 1, count);
  }
  return scores;
}
