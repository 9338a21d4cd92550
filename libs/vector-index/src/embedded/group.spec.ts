import { clusteredVectors, createVectorSource } from '../testing/sample-vectors';
import { Arena } from './arena';
import { createBackground, type Background } from './background';
import { createDirections } from './directions';
import { Group } from './group';
import type { StoredRecord } from './records';

const DIMENSION = 48;

describe('a group', () => {
  const directions = createDirections(DIMENSION, 64);
  const names = { key: 'k', contextHash: 'c', modelClass: 'm' };
  const source = createVectorSource(DIMENSION, 61);
  let background: Background;
  let arena: Arena;
  let group: Group;

  beforeEach(() => {
    const onError = (error: unknown): never => {
      throw error;
    };
    background = createBackground({ sliceMs: 1, onError });
    arena = new Arena(DIMENSION, directions);
    group = new Group(names, arena, { maxPlainRecords: 32, maxPartRecords: 256 }, (task) => background.run(task));
  });

  /** Only what a group looks at. */
  const add = (vector: Float32Array, number: number): StoredRecord => {
    const slot = arena.takeSlot();
    arena.setVector(vector);
    arena.kernel.writeSlot(slot, number, Infinity);
    const record = { slot, number, expiresAtMs: Infinity } as StoredRecord;
    group.place(record);
    return record;
  };
  const isConsistent = (): boolean =>
    group.parts.every((part) => part.records.every((record, i) => record.part === part && record.position === i));

  it('is one plain part as long as it is small', async () => {
    clusteredVectors(source, 31).forEach(add);
    await background.settled();
    expect(group.parts).toHaveLength(1);
    expect(group.parts[0]?.header).toBeUndefined();
  });

  it('has, when all is settled, parts of bounded size with nearly every record at its nearest centre', async () => {
    clusteredVectors(source, 3_000).forEach(add);
    await background.settled();
    expect(group.count()).toBe(3_000);
    expect(isConsistent()).toBe(true);
    expect(group.parts.length).toBeGreaterThanOrEqual(3_000 / 256);
    for (const { records, isDraining, header } of group.parts) {
      expect([isDraining, header === undefined]).toEqual([false, false]);
      expect(records.length).toBeLessThan(256);
    }
    const headers = group.parts.map(({ header = 0 }) => header);
    const isNearest = ({ slot, part }: StoredRecord): boolean => {
      const distances = headers.map((header) => arena.kernel.distanceSquareTo(header, slot));
      return distances[group.parts.indexOf(part)] === Math.min(...distances);
    };
    const records = group.parts.flatMap((part) => part.records);
    expect(records.filter(isNearest).length / records.length).toBeGreaterThan(0.98);
  });

  it('is plain again when most of it has gone, and uses no more pages than it needs', async () => {
    const pageless = arena.usedBytes();
    const records = clusteredVectors(source, 1_000).map(add);
    await background.settled();
    for (const record of records.slice(3)) {
      group.remove(record);
      arena.freeSlot(record.slot);
    }
    await background.settled();
    expect(group.count()).toBe(3);
    expect(isConsistent()).toBe(true);
    expect(group.parts.map(({ header }) => header)).toEqual([undefined]);
    expect(arena.usedBytes()).toBe(pageless + 3 * arena.slotBytes);
  });

  it('moves to another arena with all its records, and leaves nothing in the old one', async () => {
    clusteredVectors(source, 1_000).forEach(add);
    const old = arena;
    arena = new Arena(DIMENSION, directions);
    group.moveTo(arena);
    add(source.direction(), 1_000);
    await background.settled();
    expect(group.count()).toBe(1_001);
    expect(isConsistent()).toBe(true);
    expect(group.parts.every((part) => part.arena === arena)).toBe(true);
    expect(old.usedBytes()).toBe(0);
  });
});
