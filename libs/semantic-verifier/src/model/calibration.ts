/** From the trees' log-odds to a probability that is right on average: log-odds in, log-odds out, straight lines between the points. */
export interface Calibration {
  /** Ascending. */
  readonly scores: readonly number[];
  /** Ascending with the scores; as many. */
  readonly logOdds: readonly number[];
}

/** Beyond the outermost points the line goes on this flat: order is kept, and no confidence is claimed that was not observed. */
const outerSlope = 0.1;

const sigmoid = (logOdds: number) => 1 / (1 + Math.exp(-logOdds));

/** Calibrated probability, strictly rising with the score. */
export function calibrate({ scores, logOdds }: Calibration, score: number): number {
  const last = scores.length - 1;
  if (last < 0) return sigmoid(score);
  const lowest = scores[0] as number;
  const highest = scores[last] as number;
  if (score <= lowest) return sigmoid((logOdds[0] as number) - outerSlope * Math.min(20, lowest - score));
  if (score >= highest) return sigmoid((logOdds[last] as number) + outerSlope * Math.min(20, score - highest));
  let below = 0;
  let above = last;
  while (above - below > 1) {
    const middle = (below + above) >>> 1;
    if ((scores[middle] as number) <= score) below = middle;
    else above = middle;
  }
  const start = scores[below] as number;
  const share = (score - start) / ((scores[above] as number) - start);
  const from = logOdds[below] as number;
  return sigmoid(from + share * ((logOdds[above] as number) - from));
}
