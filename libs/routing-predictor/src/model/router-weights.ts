import type { ExtraTrees } from './extra-trees';
import type { FormLine } from './form-line';
import type { PairWeights } from './pair-table';

/** From the score, which ranks, to the log-odds that only the strong model succeeds: a rising line through knots, `slope` beyond them. */
export interface GainCalibration {
  readonly slope: number;
  /** Ascending. */
  readonly scores: readonly number[];
  /** Ascending. */
  readonly logOdds: readonly number[];
}

/** What ranks prompts by the expected difference of success, strong minus weak. */
export interface ScoringParts {
  readonly pairs: PairWeights;
  readonly trees: ExtraTrees;
  /** For prompts without options. */
  readonly open: FormLine;
}

export interface RouterWeights extends ScoringParts {
  readonly id: string;
  readonly calibration: GainCalibration;
}
