import { calibrate } from './calibration';
import { createScorer } from './quick-scorer';
import type { ScoringModel } from './verifier-weights';

/** Gives the calibrated probability that one answer serves both questions of a features' row. */
export function createProbability({ trees, calibration }: ScoringModel): (features: Float32Array) => number {
  const scoreOf = createScorer(trees);
  return (features) => calibrate(calibration, scoreOf(features));
}
