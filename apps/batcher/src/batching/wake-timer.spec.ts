import { createWakeTimer } from './wake-timer';

describe('createWakeTimer', () => {
  beforeEach(() => jest.useFakeTimers({ now: 10_000 }));
  afterEach(() => jest.useRealTimers());

  it('wakes at the earliest of the times that were set, once', () => {
    const woken: number[] = [];
    const timer = createWakeTimer(() => woken.push(Date.now()));
    timer.set(10_500);
    timer.set(10_200);
    timer.set(10_900);
    jest.advanceTimersByTime(2_000);
    expect(woken).toEqual([10_200]);
    timer.set(Infinity);
    jest.advanceTimersByTime(1e6);
    expect(woken).toEqual([10_200]);
  });

  it('wakes for a time that is over, but not in the same turn', () => {
    const woken: number[] = [];
    const timer = createWakeTimer(() => woken.push(Date.now()));
    timer.set(9_000);
    expect(woken).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(woken).toEqual([10_001]);
  });

  it('does not wake once it is cleared', () => {
    const woken: number[] = [];
    const timer = createWakeTimer(() => woken.push(Date.now()));
    timer.set(10_050);
    timer.clear();
    jest.advanceTimersByTime(1_000);
    expect(woken).toEqual([]);
  });
});
