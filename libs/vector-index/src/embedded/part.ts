import type { Arena } from './arena';
import { DIRECTIONS } from './directions';
import type { StoredRecord } from './records';

/**
 * Some records of a group, in one arena. A plain part is a list of slots; a sketched one has a centre and sketches of its records around
 * it. Searches look into every part; only open ones take new records, and what is in a draining one moves to open ones.
 */
export class Part {
  readonly records: StoredRecord[] = [];
  isDraining = false;
  /** Records at which it is divided. */
  divideAt: number;
  private readonly pages: number[] = [];

  private constructor(
    readonly arena: Arena,
    /** Address of the header page; undefined: a plain part. */
    readonly header: number | undefined,
    divideAt: number,
  ) {
    this.divideAt = divideAt;
  }

  static plain(arena: Arena, divideAt: number): Part {
    return new Part(arena, undefined, divideAt);
  }

  static around(arena: Arena, centre: Float32Array, divideAt: number): Part {
    const header = arena.takePage();
    arena.floats.set(centre, header / 4);
    arena.kernel.beginPart(header);
    return new Part(arena, header, divideAt);
  }

  /** The centre of a sketched part. */
  centre(): Float32Array {
    const at = (this.header ?? 0) / 4;
    return this.arena.floats.slice(at, at + this.arena.paddedDimension);
  }

  holds(record: StoredRecord): boolean {
    return this.records[record.position] === record;
  }

  add(record: StoredRecord): void {
    if (this.header !== undefined) {
      if (this.records.length === this.pages.length * this.arena.itemsPerPage) this.addPage(this.header);
      this.arena.kernel.appendSketch(this.header, record.slot);
    }
    record.part = this;
    record.position = this.records.push(record) - 1;
  }

  /** Takes a record out; its slot stays as it is. */
  remove(record: StoredRecord): void {
    const { position } = record;
    const last = this.records.pop() as StoredRecord;
    if (last !== record) {
      this.records[position] = last;
      last.position = position;
    }
    if (this.header === undefined) return;
    this.arena.kernel.removeSketch(this.header, position);
    const needed = Math.ceil(this.records.length / this.arena.itemsPerPage);
    while (this.pages.length > needed) this.arena.freePage(this.pages.pop() as number);
  }

  /** Gives back the pages of an empty part. */
  release(): void {
    if (this.header !== undefined) this.arena.freePage(this.header);
  }

  private addPage(header: number): void {
    const page = this.arena.takePage();
    // Behind the centre, its projection, its square and the count.
    const table = header / 4 + this.arena.paddedDimension + DIRECTIONS + 2;
    this.arena.words[table + this.pages.length] = page;
    this.pages.push(page);
  }
}
