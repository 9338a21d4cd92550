/** Counts per key for at most `limit` keys; the key that was first seen longest ago gives way to a new one. */
export class BoundedCounter<K extends string | number> {
  private readonly counts = new Map<K, number>();

  constructor(private readonly limit: number) {}

  /** Adds one and returns how often the key has been counted now. */
  increment(key: K): number {
    const count = (this.counts.get(key) ?? 0) + 1;
    if (count === 1 && this.counts.size >= this.limit) this.dropOldest();
    this.counts.set(key, count);
    return count;
  }

  get(key: K): number {
    return this.counts.get(key) ?? 0;
  }

  get size(): number {
    return this.counts.size;
  }

  clear(): void {
    this.counts.clear();
  }

  /** The counts as a plain object; `nameOf` turns a key into its public name. */
  toRecord(nameOf: (key: K) => string = String): Record<string, number> {
    return Object.fromEntries([...this.counts].map(([key, count]) => [nameOf(key), count]));
  }

  private dropOldest(): void {
    const oldest = this.counts.keys().next();
    if (!oldest.done) this.counts.delete(oldest.value);
  }
}
