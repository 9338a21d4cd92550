import type { FormLine } from './form-line';
import type { ObliviousTrees } from './oblivious-trees';
import type { PairWeights } from './pair-table';

/** From the score, which ranks, to the probability that only the strong model succeeds: logistic, rising. */
export interface GainCalibration {
  readonly slope: number;
  readonly offset: number;
}

/** What ranks prompts by the expected difference of success, strong minus weak. */
export interface ScoringParts {
  readonly pairs: PairWeights;
  readonly trees: ObliviousTrees;
  /** For prompts without options. */
  readonly open: FormLine;
}

export interface RouterWeights extends ScoringParts {
  readonly id: string;
  readonly calibration: GainCalibration;
}
