import { TABLE_ENTRIES, type Arena } from './arena';
import { meanOf, twoCentresOf } from './find-centres';
import { Part } from './part';
import type { StoredRecord } from './records';

export interface GroupSettings {
  /** Records up to which a group is only compared in full. */
  maxPlainRecords: number;
  /** Records at which a sketched part is divided in two. */
  maxPartRecords: number;
}

/** What a group is found by within its tenant, and what that is made of. */
export interface GroupNames {
  key: string;
  contextHash: string;
  modelClass: string;
}

/** With so many parts, those of a very large group become larger instead of more: each costs a little in every search and insert. */
const MANY_PARTS = 64;
/** Parts around a new one whose records may be nearer to its centre than to their own. */
const NEIGHBOURS = 12;
/** Records that are looked at, most of them in vain, before others may have a turn. */
const LOOKS_PER_STEP = 64;

/**
 * The records of one tenant, context and model class. A small group is one plain part. A larger one has sketched parts, each record in
 * the part whose centre is nearest. Whenever that changes (a group becomes large, a part is divided, memory is given back) the old parts
 * drain into the new ones little by little, and searches look into both.
 */
export class Group {
  readonly parts: Part[] = [];
  /** Parts that came of a division, each time two, and have yet to attract what is nearer to them. */
  private fresh: Part[][] = [];
  private isRearranging = false;

  constructor(
    readonly names: GroupNames,
    private arena: Arena,
    private readonly settings: GroupSettings,
    /** Runs a task in the background. */
    private readonly run: (task: Iterator<unknown>) => void,
  ) {}

  count(): number {
    return this.parts.reduce((sum, part) => sum + part.records.length, 0);
  }

  /** Where new records go. */
  currentArena(): Arena {
    return this.arena;
  }

  /** Puts a record, whose slot is in `currentArena()`, into the part it belongs to. */
  place(record: StoredRecord): void {
    const part = this.partFor(record.slot);
    part.add(record);
    if (part.records.length >= part.divideAt) this.outgrow(part);
  }

  remove(record: StoredRecord): void {
    const { part } = record;
    part.remove(record);
    if (part.isDraining) {
      if (part.records.length === 0) this.forget(part);
      // While parts are being filled they are small; they are looked at in the end.
    } else if (!this.isRearranging && this.isTooSmall(part)) this.drain(part);
  }

  /** Moves one record out of a draining part. Gives false when none is draining any more. */
  drainOne(): boolean {
    const part = this.parts.find(({ isDraining }) => isDraining);
    if (!part) return false;
    const record = part.records.at(-1);
    if (!record) this.forget(part);
    else this.move(record);
    return true;
  }

  /** Has everything move into another arena. */
  moveTo(arena: Arena): void {
    this.arena = arena;
    for (const part of [...this.parts]) {
      if (part.arena === arena) continue;
      if (part.header !== undefined && !part.isDraining)
        this.parts.push(Part.around(arena, part.centre(), part.divideAt));
      this.drain(part);
    }
  }

  private isTooSmall({ header, records, isDraining }: Part): boolean {
    return header !== undefined && !isDraining && records.length < this.settings.maxPlainRecords / 4;
  }

  private move(record: StoredRecord): void {
    const from = record.part.arena;
    if (from !== this.arena) {
      const slot = this.arena.takeSlot();
      this.arena.writeVector(slot, from.readVector(record.slot), record.number, record.expiresAtMs);
      from.freeSlot(record.slot);
      this.remove(record);
      record.slot = slot;
    } else this.remove(record);
    this.place(record);
  }

  private partFor(slot: number): Part {
    const table = this.arena.kernel.tableAddress() / 4;
    const sketched: Part[] = [];
    let plain: Part | undefined;
    for (const part of this.parts) {
      if (part.isDraining || part.arena !== this.arena) continue;
      if (part.header === undefined) plain = part;
      else if (sketched.length < TABLE_ENTRIES) {
        this.arena.words[table + sketched.length] = part.header;
        sketched.push(part);
      }
    }
    const nearest = sketched.length > 1 ? this.arena.kernel.nearestTo(slot, sketched.length) : 0;
    return sketched[nearest] ?? plain ?? this.open(Part.plain(this.arena, this.settings.maxPlainRecords));
  }

  /** Sees to a part that has become large, in the background. */
  private outgrow(part: Part): void {
    const { length } = part.records;
    const least = part.header === undefined ? 0 : this.count() / MANY_PARTS;
    if (length >= least) this.run(this.divide(part));
    // Not to be begun twice; and what does not divide, as copies of one vector, stays together until it is twice as many.
    part.divideAt = length < least ? Math.ceil(least) : 2 * length;
  }

  private *divide(part: Part): Generator<void> {
    const { maxPartRecords } = this.settings;
    // All may have gone before its turn came.
    if (part.records.length === 0) return;
    const centres = part.header === undefined ? [meanOf(part.arena, part.records)] : yield* twoCentresOf(part);
    if (!centres || part.isDraining || part.arena !== this.arena) return;
    const opened = centres.map((centre) => this.open(Part.around(this.arena, centre, maxPartRecords)));
    if (opened.length > 1) this.fresh.push(opened);
    this.drain(part);
  }

  private open(part: Part): Part {
    this.parts.push(part);
    return part;
  }

  private drain(part: Part): void {
    part.isDraining = true;
    if (this.isRearranging) return;
    this.isRearranging = true;
    this.run(this.rearrange());
  }

  /** Empties what drains, then moves records to new parts that are nearer; a step is a few microseconds. */
  private *rearrange(): Generator<void> {
    try {
      for (;;) {
        while (this.drainOne()) yield;
        const parts = this.fresh.pop();
        if (parts) yield* this.attract(parts);
        else if (!this.drainSmall()) return;
      }
    } finally {
      this.isRearranging = false;
    }
  }

  /** Gives whether there were parts that have become too small. */
  private drainSmall(): boolean {
    const small = this.parts.filter((part) => this.isTooSmall(part));
    for (const part of small) part.isDraining = true;
    return small.length > 0;
  }

  /** Moves the neighbours' records that are nearer to one of these centres than to their own. */
  private *attract(parts: readonly Part[]): Generator<void> {
    const isOpen = (part: Part): boolean => !part.isDraining && part.arena === this.arena;
    const table = this.arena.kernel.tableAddress() / 4;
    for (const neighbour of neighboursOf(parts, this.parts)) {
      let at = neighbour.records.length - 1;
      while (at >= 0) {
        // Much may have changed since the step before.
        const open = parts.filter(isOpen);
        if (open.length === 0 || !isOpen(neighbour) || neighbour.header === undefined) break;
        at = Math.min(at, neighbour.records.length - 1);
        open.forEach(({ header = 0 }, i) => (this.arena.words[table + i] = header));
        const downTo = Math.max(0, at - LOOKS_PER_STEP + 1);
        const found = this.arena.kernel.findMisplaced(neighbour.header, at, downTo, open.length);
        const record = neighbour.records[found];
        if (record) this.move(record);
        at = (record ? found : downTo) - 1;
        yield;
      }
    }
  }

  private forget(part: Part): void {
    // So that whoever still looks at it leaves it alone.
    part.isDraining = true;
    this.parts.splice(this.parts.indexOf(part), 1);
    part.release();
  }
}

/** The open parts whose centres are nearest to those of some others. */
function neighboursOf(parts: readonly Part[], all: readonly Part[]): Part[] {
  const centres = parts.map((part) => part.centre());
  const distanceTo = (centre: Float32Array): number =>
    Math.min(...centres.map((other) => other.reduce((sum, value, i) => sum + (value - (centre[i] ?? 0)) ** 2, 0)));
  return all
    .filter((part) => !parts.includes(part) && !part.isDraining && part.header !== undefined)
    .map((part) => ({ part, distance: distanceTo(part.centre()) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEIGHBOURS)
    .map(({ part }) => part);
}
