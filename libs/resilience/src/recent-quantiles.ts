/** Buckets are this much apart: a quantile is off by half of it at most, 2.5 %. */
const RATIO = 1.05;
const LOWEST_MS = 1;
/** The last bucket holds everything from an hour on. */
const BUCKETS = Math.ceil(Math.log(3_600_000 / LOWEST_MS) / Math.log(RATIO)) + 1;
/** Weights grow by this with every sample, which is as if the older ones shrank: half of what is known is of the last 139 samples. */
const GROWTH = 1.005;
const RESCALE_AT = 1e12;
/** A quantile is looked up anew after so many samples. */
const REFRESH_SAMPLES = 8;

/**
 * Quantiles of recent durations: a histogram of buckets in geometric steps (as DDSketch: Masson, Rim and Lee 2019) whose weights decay
 * forwards by the number of samples (Cormode et al. 2009, "Forward decay"). Constant memory, and a constant time per sample.
 */
export class RecentQuantiles {
  private readonly weights = new Float64Array(BUCKETS);
  private readonly known = new Map<number, { atCount: number; valueMs: number }>();
  private nextWeight = 1;
  private total = 0;
  private seen = 0;

  /** Samples so far, forgotten ones included. */
  get count(): number {
    return this.seen;
  }

  add(durationMs: number): void {
    const place = Math.log(Math.max(durationMs, LOWEST_MS) / LOWEST_MS) / Math.log(RATIO);
    const bucket = Math.min(BUCKETS - 1, Math.round(place));
    this.weights[bucket] = (this.weights[bucket] ?? 0) + this.nextWeight;
    this.total += this.nextWeight;
    this.nextWeight *= GROWTH;
    this.seen++;
    if (this.nextWeight > RESCALE_AT) this.rescale();
  }

  /** The duration that a share `q` (0 to 1) of recent samples stays below; undefined without samples. Up to 8 samples behind. */
  quantileMs(q: number): number | undefined {
    if (this.seen === 0) return undefined;
    const known = this.known.get(q);
    if (known && this.seen - known.atCount < REFRESH_SAMPLES) return known.valueMs;
    const valueMs = this.lookUp(q);
    this.known.set(q, { atCount: this.seen, valueMs });
    return valueMs;
  }

  private lookUp(q: number): number {
    const wanted = q * this.total;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += this.weights[bucket] ?? 0;
      if (below >= wanted) return LOWEST_MS * RATIO ** bucket;
    }
    return LOWEST_MS * RATIO ** (BUCKETS - 1);
  }

  private rescale(): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.weights[bucket] = (this.weights[bucket] ?? 0) / RESCALE_AT;
    this.total /= RESCALE_AT;
    this.nextWeight /= RESCALE_AT;
  }
}
