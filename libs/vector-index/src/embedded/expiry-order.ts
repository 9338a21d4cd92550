import type { StoredRecord } from './records';

/** Records by the time they expire: a binary heap in which each record knows its place. All changes take O(log n). */
export class ExpiryOrder {
  private readonly heap: StoredRecord[] = [];

  add(record: StoredRecord): void {
    this.heap.push(record);
    this.settle(record, this.heap.length - 1);
  }

  remove(record: StoredRecord): void {
    const last = this.heap.pop();
    if (last && last !== record) this.settle(last, record.expiryIndex);
  }

  /** The record that expires first. */
  first(): StoredRecord | undefined {
    return this.heap[0];
  }

  /** Puts a record at a place, or as far up or down from there as it belongs. */
  private settle(record: StoredRecord, start: number): void {
    const { heap } = this;
    const { expiresAtMs } = record;
    let index = start;
    while (index > 0) {
      const parent = heap[(index - 1) >> 1] as StoredRecord;
      if (parent.expiresAtMs <= expiresAtMs) break;
      this.put(parent, index);
      index = (index - 1) >> 1;
    }
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const child = left && right && right.expiresAtMs < left.expiresAtMs ? right : left;
      if (!child || child.expiresAtMs >= expiresAtMs) break;
      const at = child.expiryIndex;
      this.put(child, index);
      index = at;
    }
    this.put(record, index);
  }

  private put(record: StoredRecord, index: number): void {
    this.heap[index] = record;
    record.expiryIndex = index;
  }
}
