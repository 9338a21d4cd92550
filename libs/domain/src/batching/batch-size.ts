/** Between these shares of the target the size stays: the band is wider than a step, so that no step leaps over it. */
const lowShare = 0.8;
const growth = 1.2;
const shrink = 0.8;

export interface SizeBounds {
  readonly minSize: number;
  readonly maxSize: number;
  /** Infinite: best effort, the size only grows. */
  readonly targetP95Ms: number;
}

/**
 * The control law of a window's size, one step: a fifth more while the 95th percentile of the wait is below 0.8 of its target, a fifth less above
 * the target, within the bounds. Sizes are real numbers, or small ones would never grow; round where one is used. Where the wait grows in
 * proportion to the size, or slower, the law comes to rest: 0.8 × 1.2 < 1, and 1 × 0.8 is not below 0.8.
 *
 * @param p95Ms what was measured since the size was last changed; an older measure makes it swing
 */
export function nextBatchSize(size: number, p95Ms: number, { minSize, maxSize, targetP95Ms }: SizeBounds): number {
  const wanted = p95Ms > targetP95Ms ? size * shrink : p95Ms < targetP95Ms * lowShare ? size * growth : size;
  return Math.min(maxSize, Math.max(minSize, wanted));
}
