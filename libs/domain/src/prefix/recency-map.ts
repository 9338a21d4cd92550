/** What a `RecencyMap` holds: values carry their own links, which spares an object for each. */
export interface Linked<V> {
  readonly key: string;
  /** Neighbours in order of use; set by the map. */
  older?: V | undefined;
  newer?: V | undefined;
}

/**
 * A map in the order of last use. The order is a list of its own, since a `Map` that is deleted from and set anew for
 * order leaves holes in front, which each look at its oldest entry then walks over (100 µs and more a prompt).
 */
export class RecencyMap<V extends Linked<V>> {
  private readonly values = new Map<string, V>();
  private oldestValue: V | undefined;
  private newestValue: V | undefined;

  get size(): number {
    return this.values.size;
  }

  /** Does not count as a use. */
  get(key: string): V | undefined {
    return this.values.get(key);
  }

  /** The value, which becomes the newest. */
  use(key: string): V | undefined {
    const value = this.values.get(key);
    if (!value || value === this.newestValue) return value;
    this.unlink(value);
    this.link(value);
    return value;
  }

  /** Adds a value whose key is not there yet, as the newest. */
  add(value: V): void {
    this.values.set(value.key, value);
    this.link(value);
  }

  delete(value: V): void {
    if (this.values.delete(value.key)) this.unlink(value);
  }

  /** The value that was not used for longest. */
  oldest(): V | undefined {
    return this.oldestValue;
  }

  private link(value: V): void {
    const newest = this.newestValue;
    value.older = newest;
    value.newer = undefined;
    if (newest) newest.newer = value;
    else this.oldestValue = value;
    this.newestValue = value;
  }

  private unlink({ older, newer }: V): void {
    if (older) older.newer = newer;
    else this.oldestValue = newer;
    if (newer) newer.older = older;
    else this.newestValue = older;
  }
}
