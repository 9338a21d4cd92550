import type { Arena } from './arena';
import type { Part } from './part';
import type { StoredRecord } from './records';

const SAMPLE = 512;
const ROUNDS = 6;
/** A share of the records below which a division is not worth it. */
const LEAST_SHARE = 0.05;
/** Records compared before others may have a turn. */
const RECORDS_PER_STEP = 128;

type Centres = [Float32Array, Float32Array];

/** Evenly spread records of a list. */
function sampleOf(records: readonly StoredRecord[]): StoredRecord[] {
  const step = Math.max(1, records.length / SAMPLE);
  const count = Math.min(records.length, SAMPLE);
  return Array.from({ length: count }, (_, i) => records[Math.floor(i * step)] as StoredRecord);
}

/** Mean of some of the records' vectors. */
export function meanOf(arena: Arena, records: readonly StoredRecord[]): Float32Array {
  const sample = sampleOf(records);
  const at = arena.kernel.queryAddress();
  arena.floats.fill(0, at / 4, at / 4 + arena.paddedDimension);
  for (const { slot } of sample) arena.kernel.addSlot(slot, at);
  return arena.floats.slice(at / 4, at / 4 + arena.paddedDimension).map((value) => value / sample.length);
}

/**
 * Two centres that divide a part's records (k-means with two centres, on a sample), in steps; undefined where nothing divides them
 * evenly enough, as copies of one vector. Records that leave the part meanwhile are passed over.
 */
export function* twoCentresOf(part: Part): Generator<void, Centres | undefined> {
  const { arena } = part;
  const sample = sampleOf(part.records);
  const headers: [number, number] = [arena.takePage(), arena.takePage()];
  try {
    const [one, other] = [1, 2].map((third) => sample[Math.floor((third * sample.length) / 3)]);
    if (!one || !other) return undefined;
    const centres = yield* divide(part, headers, sample, [one, other]);
    return centres ?? (yield* divide(part, headers, sample, farthest(part, headers[0], sample)));
  } finally {
    for (const header of headers) arena.freePage(header);
  }
}

function placeCentre({ arena }: Part, header: number, members: readonly StoredRecord[]): Float32Array {
  const centre = meanOf(arena, members);
  arena.floats.set(centre, header / 4);
  arena.kernel.beginPart(header);
  return centre;
}

/** The record furthest from the mean, and the one furthest from that. */
function farthest(part: Part, header: number, sample: readonly StoredRecord[]): [StoredRecord, StoredRecord] {
  const furthest = (): StoredRecord => {
    const distances = sample.map(({ slot }) => part.arena.kernel.distanceSquareTo(header, slot));
    return sample[distances.indexOf(Math.max(...distances))] as StoredRecord;
  };
  placeCentre(part, header, sample);
  const one = furthest();
  placeCentre(part, header, [one]);
  return [one, furthest()];
}

function* divide(
  part: Part,
  [first, second]: [number, number],
  sample: readonly StoredRecord[],
  seeds: [StoredRecord, StoredRecord],
): Generator<void, Centres | undefined> {
  const { kernel } = part.arena;
  let centres: Centres = [placeCentre(part, first, [seeds[0]]), placeCentre(part, second, [seeds[1]])];
  let share = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const sides: [StoredRecord[], StoredRecord[]] = [[], []];
    for (const [i, record] of sample.entries()) {
      if (i % RECORDS_PER_STEP === 0) yield;
      const { slot } = record;
      const isNearFirst = kernel.distanceSquareTo(first, slot) <= kernel.distanceSquareTo(second, slot);
      sides[isNearFirst ? 0 : 1].push(record);
    }
    // A slot may have been given to another record between two steps.
    const held = sides.map((side) => side.filter((record) => part.holds(record)));
    const [near = [], far = []] = held;
    share = Math.min(near.length, far.length) / sample.length;
    if (share === 0) return undefined;
    centres = [placeCentre(part, first, near), placeCentre(part, second, far)];
  }
  return share < LEAST_SHARE ? undefined : centres;
}
