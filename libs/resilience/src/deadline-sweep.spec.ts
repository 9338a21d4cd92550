import fc from 'fast-check';
import { DeadlineSweep, type Deadlined } from './deadline-sweep';

class Item implements Deadlined {
  sweepIndex = -1;
  ended = 0;
  constructor(
    readonly deadlineAtMs: number,
    private readonly onEnd: () => void = () => undefined,
  ) {}
  onDeadline(): void {
    this.ended++;
    this.onEnd();
  }
}

describe('DeadlineSweep', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('ends what is due once, and leaves alone what was finished before', () => {
    const sweep = new DeadlineSweep(20);
    const due = new Item(Date.now() + 50);
    const finished = new Item(Date.now() + 50);
    const later = new Item(Date.now() + 10_000);
    for (const item of [due, finished, later]) sweep.watch(item);
    sweep.unwatch(finished);
    jest.advanceTimersByTime(45);
    expect(due.ended).toBe(0);
    jest.advanceTimersByTime(35);
    expect([due.ended, finished.ended, later.ended]).toEqual([1, 0, 0]);
    jest.advanceTimersByTime(1_000);
    expect(due.ended).toBe(1);
  });

  it('runs no timer while nothing is watched', () => {
    const sweep = new DeadlineSweep(20);
    const item = new Item(Date.now() + 10_000);
    sweep.watch(item);
    expect(jest.getTimerCount()).toBe(1);
    sweep.unwatch(item);
    jest.advanceTimersByTime(40);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('copes with an end that ends and begins others', () => {
    const sweep = new DeadlineSweep(20);
    const other = new Item(Date.now() + 10);
    const next = new Item(Date.now() + 10);
    const first = new Item(Date.now() + 10, () => {
      sweep.unwatch(other);
      sweep.watch(next);
    });
    sweep.watch(first);
    sweep.watch(other);
    jest.advanceTimersByTime(100);
    expect([first.ended, other.ended, next.ended]).toEqual([1, 0, 1]);
  });

  it('watches exactly what has been watched and not unwatched, in any order', () => {
    const step = fc.record({ item: fc.nat(9), isWatch: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const sweep = new DeadlineSweep(20);
        const items = Array.from({ length: 10 }, () => new Item(Date.now() + 1));
        const expected = new Set<number>();
        for (const { item, isWatch } of steps) {
          const target = items[item];
          if (!target || (isWatch && expected.has(item))) continue;
          if (isWatch) sweep.watch(target);
          else sweep.unwatch(target);
          if (isWatch) expected.add(item);
          else expected.delete(item);
        }
        jest.advanceTimersByTime(100);
        expect(items.map(({ ended }) => ended)).toEqual(items.map((_, i) => (expected.has(i) ? 1 : 0)));
      }),
    );
  });
});
