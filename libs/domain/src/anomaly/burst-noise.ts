/** Deviations count up to this many standard deviations (Huber, "Robust Statistics", 1981): an anomaly must not make the next one look usual. */
const CAP = 4;
/** Downward they count less: a holiday or an outage says nothing of how far spend rises by chance. */
const CAP_BELOW = 1.25;

/**
 * How far amounts stray from their expectation beyond what independent calls do, as a relative variance: people and programs call in bursts, which make a scope of many even, and one of few not.
 * An estimate by moments of the over-dispersion of a compound Poisson (gamma) amount: variance = call size x mean + burst x mean². Starts from a prior that wears off.
 */
export class BurstNoise {
  private squares: number;
  private weights: number;

  /** @param weight of the prior, in busy hours (or whatever is learned from). @param decay of what is known, with each amount that is learned. */
  constructor(
    prior: number,
    weight: number,
    private readonly decay: number,
  ) {
    this.squares = prior * weight;
    this.weights = weight;
  }

  /** The square of the relative deviation. */
  get relative(): number {
    return Math.max(0.01, this.squares / this.weights);
  }

  /** `callVariance`: what independent calls account for. `unit`: the amount of a busy hour; amounts weigh by their square against it. */
  learn(actual: number, expected: number, callVariance: number, unit: number): void {
    if (!(unit > 0) || !(expected > 0)) return;
    const variance = callVariance + this.relative * expected * expected;
    const cap = actual < expected ? CAP_BELOW : CAP;
    const square = Math.min((actual - expected) ** 2, cap * cap * variance);
    const scale = 1 / (unit * unit);
    this.squares = this.squares * this.decay + (square - callVariance) * scale;
    this.weights = this.weights * this.decay + expected * expected * scale;
    if (this.squares < 0) this.squares = 0;
  }
}
