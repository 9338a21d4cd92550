/** No candidate is believed to be wrong more seldom than this, whatever its probability: audits could hardly ever show it. */
export const leastWrongShare = 1e-3;

/** Ranges of the predicted wrong share (1 - probability), equally wide in its logarithm up to 1. */
const rangeCount = 72;
const width = Math.log(1 / leastWrongShare) / rangeCount;
/** Probability at which each range ends; the first one also holds what is surer still. */
const lowestProbability = Float64Array.from({ length: rangeCount }, (_, range) =>
  Math.max(0, 1 - leastWrongShare * Math.exp(width * (range + 1))),
);

/** The probabilities of the candidates that came by lately: older ones fade, so that it follows the traffic. */
export interface CandidateHistogram {
  add(probability: number): void;
  /**
   * The lowest probability from which on the candidates, answered together, are expected to be wrong in at most `maxWrongShare`, when the predicted
   * wrong share of each is `inflation` times too small. Above 1 when there is none.
   */
  thresholdFor(maxWrongShare: number, inflation: number): number;
  readonly count: number;
}

/** `halfLife`: after so many further candidates one counts half. */
export function createCandidateHistogram(halfLife: number): CandidateHistogram {
  const counts = new Float64Array(rangeCount);
  const wrongSums = new Float64Array(rangeCount);
  const growth = 2 ** (1 / halfLife);
  let weight = 1;
  let total = 0;

  const rescale = () => {
    for (let range = 0; range < rangeCount; range += 1) {
      counts[range] = (counts[range] ?? 0) / weight;
      wrongSums[range] = (wrongSums[range] ?? 0) / weight;
    }
    weight = 1;
  };

  return {
    get count() {
      return total;
    },
    add(probability) {
      const wrong = Math.min(1, Math.max(leastWrongShare, 1 - probability));
      const range = Math.min(rangeCount - 1, Math.floor(Math.log(wrong / leastWrongShare) / width));
      // Newer ones weigh more, which is the older ones fading, for the price of one addition.
      weight *= growth;
      counts[range] = (counts[range] ?? 0) + weight;
      wrongSums[range] = (wrongSums[range] ?? 0) + weight * wrong;
      total += 1;
      if (weight > 1e9) rescale();
    },
    thresholdFor(maxWrongShare, inflation) {
      let served = 0;
      let wrong = 0;
      let threshold = 2;
      for (let range = 0; range < rangeCount; range += 1) {
        served += counts[range] ?? 0;
        wrong += Math.min(counts[range] ?? 0, (wrongSums[range] ?? 0) * inflation);
        if (served > 0 && wrong > maxWrongShare * served) break;
        if (served > 0) threshold = lowestProbability[range] ?? 0;
      }
      return threshold;
    },
  };
}
