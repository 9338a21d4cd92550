/**
 * A map for what comes and goes by the thousand. V8's own keeps its outgrown tables linked, and the young objects that these named are taken for used until the whole heap is looked
 * through, which costs more than the work that they stand for; here the table holds keys and numbers only.
 */
export class SlotMap<V> {
  private readonly slots = new Map<string, number>();
  private readonly items: (V | undefined)[] = [];
  private readonly free: number[] = [];

  get size(): number {
    return this.slots.size;
  }

  has(key: string): boolean {
    return this.slots.has(key);
  }

  get(key: string): V | undefined {
    const slot = this.slots.get(key);
    return slot === undefined ? undefined : this.items[slot];
  }

  set(key: string, value: V): void {
    const known = this.slots.get(key);
    const slot = known ?? this.free.pop() ?? this.items.length;
    this.items[slot] = value;
    if (known === undefined) this.slots.set(key, slot);
  }

  delete(key: string): boolean {
    const slot = this.slots.get(key);
    if (slot === undefined) return false;
    this.slots.delete(key);
    this.items[slot] = undefined;
    this.free.push(slot);
    return true;
  }

  /** In no particular order. */
  values(): V[] {
    return this.items.filter((item): item is V & {} => item !== undefined);
  }
}
