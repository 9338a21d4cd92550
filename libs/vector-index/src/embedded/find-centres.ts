import type { Arena } from './arena';
import type { StoredRecord } from './records';

const SAMPLE = 512;
const ROUNDS = 6;
/** A share of the records below which a division is not worth it. */
const LEAST_SHARE = 0.05;

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
 * Two centres that divide the records (k-means with two centres, on a sample); undefined where nothing divides them evenly enough, as
 * copies of one vector. Takes some milliseconds at the most.
 */
export function twoCentresOf(arena: Arena, records: readonly StoredRecord[]): Centres | undefined {
  const sample = sampleOf(records);
  const headers: [number, number] = [arena.takePage(), arena.takePage()];
  try {
    const [one, other] = [1, 2].map((third) => sample[Math.floor((third * sample.length) / 3)] as StoredRecord);
    if (!one || !other) return undefined;
    return (
      divide(arena, headers, sample, [one, other]) ?? divide(arena, headers, sample, farthest(arena, headers, sample))
    );
  } finally {
    for (const header of headers) arena.freePage(header);
  }
}

function placeCentre(arena: Arena, header: number, members: readonly StoredRecord[]): Float32Array {
  const centre = meanOf(arena, members);
  arena.floats.set(centre, header / 4);
  arena.kernel.beginPart(header);
  return centre;
}

/** The record furthest from the mean, and the one furthest from that. */
function farthest(
  arena: Arena,
  [header]: [number, number],
  sample: readonly StoredRecord[],
): [StoredRecord, StoredRecord] {
  const furthest = (): StoredRecord => {
    const distances = sample.map(({ slot }) => arena.kernel.distanceSquareTo(header, slot));
    return sample[distances.indexOf(Math.max(...distances))] as StoredRecord;
  };
  placeCentre(arena, header, sample);
  const one = furthest();
  placeCentre(arena, header, [one]);
  return [one, furthest()];
}

function divide(
  arena: Arena,
  [first, second]: [number, number],
  sample: readonly StoredRecord[],
  seeds: [StoredRecord, StoredRecord],
): Centres | undefined {
  const { kernel } = arena;
  let centres: Centres = [placeCentre(arena, first, [seeds[0]]), placeCentre(arena, second, [seeds[1]])];
  let share = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const sides: [StoredRecord[], StoredRecord[]] = [[], []];
    for (const record of sample) {
      const isNearFirst = kernel.distanceSquareTo(first, record.slot) <= kernel.distanceSquareTo(second, record.slot);
      sides[isNearFirst ? 0 : 1].push(record);
    }
    share = Math.min(sides[0].length, sides[1].length) / sample.length;
    if (share === 0) return undefined;
    centres = [placeCentre(arena, first, sides[0]), placeCentre(arena, second, sides[1])];
  }
  return share < LEAST_SHARE ? undefined : centres;
}
