import { RecencyMap, type Linked } from '../prefix/recency-map';

interface Family extends Linked<Family> {
  lastAtMs: number;
  gapMs: number;
}

/** Weight of the newest gap. */
const newestShare = 0.3;

/** How often similar work comes, by family: a tenant's requests to one target that begin alike. Bounded; what was not seen for longest is forgotten. */
export class SimilarArrivals {
  private readonly families = new RecencyMap<Family>();

  constructor(private readonly maxFamilies = 10_000) {}

  get size(): number {
    return this.families.size;
  }

  /** Work of a family came; gives how much more of it is likely to come within `waitMs`. */
  observe(key: string, nowMs: number, waitMs: number): number {
    const family = this.families.use(key);
    if (!family) {
      this.add(key, nowMs);
      return 0;
    }
    const gapMs = Math.max(0, nowMs - family.lastAtMs);
    // The first gap is all that is known.
    family.gapMs = Number.isFinite(family.gapMs) ? family.gapMs + newestShare * (gapMs - family.gapMs) : gapMs;
    family.lastAtMs = nowMs;
    return waitMs / Math.max(family.gapMs, 1e-3);
  }

  private add(key: string, nowMs: number): void {
    if (this.families.size >= this.maxFamilies) {
      const oldest = this.families.oldest();
      if (oldest) this.families.delete(oldest);
    }
    this.families.add({ key, lastAtMs: nowMs, gapMs: Infinity });
  }
}
