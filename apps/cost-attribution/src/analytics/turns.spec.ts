import { createTurns } from './turns';

describe('turns', () => {
  it('lets so many run at a time, the others in their order, and refuses when too many wait', async () => {
    const takeTurn = createTurns(2, 2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (id: number) =>
      takeTurn(() => {
        begun.push(id);
        return new Promise<number>((resolve) => ends.push(() => resolve(id)));
      });
    const all = [1, 2, 3, 4].map(work);
    await expect(work(5)).rejects.toMatchObject({ code: 'overloaded' });
    expect(begun).toEqual([1, 2]);
    ends[1]?.();
    expect(await all[1]).toBe(2);
    expect(begun).toEqual([1, 2, 3]);
    ends[0]?.();
    await all[0];
    ends[2]?.();
    ends[3]?.();
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
  });

  it('goes on after work that failed', async () => {
    const takeTurn = createTurns(1, 1);
    await expect(takeTurn(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await takeTurn(() => Promise.resolve('next'))).toBe('next');
  });
});
