import { createScorer } from '../model/create-scorer';
import type { RouterWeights, ScoringParts } from '../model/router-weights';
import { fitCalibration } from './fit-calibration';
import { fitExtraTrees, type TreeOptions } from './fit-extra-trees';
import { fitOpenForm } from './fit-open-form';
import { fitPairs, type PairOptions } from './fit-pairs';
import type { PromptFeatures } from './read-features';
import { drawFolds } from './seeded-random';

export interface RouterOptions {
  pairs: PairOptions;
  trees: TreeOptions;
  openRidge: number;
  /** Folds whose scores calibrate. */
  calibrationFolds: number;
  seed: number;
}

export const defaultRouterOptions: RouterOptions = {
  pairs: { minPrompts: 5, ridge: 16 },
  trees: { trees: 100, featureShare: 0.3, maxRanges: 64, minLeafRows: 8 },
  openRidge: 600,
  calibrationFolds: 3,
  seed: 1,
};

/** Fits the parts that rank, on the given rows alone. */
export function fitParts(features: PromptFeatures, chosen: Int32Array, options: RouterOptions): ScoringParts {
  return {
    pairs: fitPairs(features, chosen, options.pairs),
    trees: fitExtraTrees(features, chosen, options.trees, options.seed),
    open: fitOpenForm(features, chosen, options.openRidge),
  };
}

/** Scores of rows by parts that were fitted without their fold. */
export function heldOutScores(
  features: PromptFeatures,
  chosen: Int32Array,
  folds: number,
  options: RouterOptions,
): Float64Array {
  const foldOf = drawFolds(chosen.length, folds, options.seed);
  const scores = new Float64Array(chosen.length);
  for (let fold = 0; fold < folds; fold += 1) {
    const score = createScorer(
      fitParts(
        features,
        chosen.filter((_, at) => foldOf[at] !== fold),
        options,
      ),
    );
    foldOf.forEach((own, at) => {
      if (own === fold) scores[at] = score(features.rows[chosen[at] as number]?.prompt ?? '');
    });
  }
  return scores;
}

/** 1 where only the strong model succeeded (in part, where outcomes are shares). */
export const onlyStrong = ({ rows }: PromptFeatures, row: number): number =>
  (rows[row]?.strong ?? 0) * (1 - (rows[row]?.weak ?? 0));

/** Trains on the given rows: the parts on all of them, the calibration on scores that inner folds held out. Deterministic by the seed. */
export function trainRouter(
  features: PromptFeatures,
  chosen: Int32Array,
  id: string,
  options: RouterOptions = defaultRouterOptions,
): RouterWeights {
  const scores = heldOutScores(features, chosen, options.calibrationFolds, options);
  const labels = Float64Array.from(chosen, (row) => onlyStrong(features, row));
  return { id, ...fitParts(features, chosen, options), calibration: fitCalibration(scores, labels) };
}
