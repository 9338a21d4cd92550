import { compareIds, idTimeMs, nextId } from './stream-id';

describe('stream ids', () => {
  it('are ordered by time, then by sequence as a number', () => {
    const ids = ['1700000000001-0', '1700000000000-10', '1700000000000-9', '0-0', '1700000000000-18446744073709551615'];
    expect([...ids].sort(compareIds)).toEqual([ids[3], ids[2], ids[1], ids[4], ids[0]]);
    expect(compareIds('5-1', '5-1')).toBe(0);
  });

  it('tell their time and what comes next', () => {
    expect(idTimeMs('1700000000001-7')).toBe(1_700_000_000_001);
    expect(nextId('1700000000001-9')).toBe('1700000000001-10');
  });
});
