import { createLookUpWindow } from './look-up-window';

function setup() {
  let nowMs = 1_000;
  const pause = createLookUpWindow({ timeoutMs: 12, now: () => nowMs });
  const lateAfter = (ms: number): number | undefined => {
    nowMs += ms;
    return pause.late();
  };
  return { pause, lateAfter, pass: (ms: number) => (nowMs += ms) };
}

/** Late at four moments: the pause has begun. */
function paused() {
  const test = setup();
  for (let n = 0; n < 3; n++) expect(test.lateAfter(12)).toBeUndefined();
  expect(test.lateAfter(12)).toBe(100);
  return test;
}

describe('a service that answers too late', () => {
  it('is asked on through a stall that holds up many at once', () => {
    const { pause, lateAfter } = setup();
    lateAfter(12);
    for (let n = 0; n < 100; n++) expect(lateAfter(0)).toBeUndefined();
    expect(pause.mayAsk()).toBe(true);
  });

  it('is asked on while answers come in between', () => {
    const { pause, lateAfter } = setup();
    for (let n = 0; n < 50; n++) {
      expect(lateAfter(20)).toBeUndefined();
      if (n % 3 === 2) pause.answered();
    }
    expect(pause.mayAsk()).toBe(true);
  });

  it('is left alone after four late moments in a row, then asked by one request', () => {
    const { pause, pass } = paused();
    expect(pause.mayAsk()).toBe(false);
    pass(99);
    expect(pause.mayAsk()).toBe(false);
    pass(1);
    expect([pause.mayAsk(), pause.mayAsk(), pause.mayAsk()]).toEqual([true, false, false]);
  });

  it('is asked by all again when that one is answered', () => {
    const { pause, pass } = paused();
    pass(100);
    pause.mayAsk();
    pause.answered();
    expect([pause.mayAsk(), pause.mayAsk()]).toEqual([true, true]);
  });

  it('is left alone for twice as long each time that it is late again, to a bound', () => {
    const { pause, lateAfter, pass } = paused();
    const pauses: (number | undefined)[] = [];
    for (let n = 0; n < 7; n++) {
      pass(2_000);
      expect(pause.mayAsk()).toBe(true);
      pauses.push(lateAfter(12));
    }
    expect(pauses).toEqual([200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
  });

  it('is not left alone for longer because of those that were open when the pause began', () => {
    const { pause, lateAfter, pass } = paused();
    for (let n = 0; n < 5; n++) expect(lateAfter(12)).toBeUndefined();
    pass(40);
    expect(pause.mayAsk()).toBe(true);
  });

  it('is asked less at a time when many wait for it, and step by step more again', () => {
    const { pause, lateAfter } = setup();
    const openAsMany = (): number => {
      let count = 0;
      while (pause.mayAsk()) count++;
      return count;
    };
    expect(openAsMany()).toBe(256);
    // A stall: all of them are late, at one moment.
    for (let n = 0; n < 256; n++) expect(lateAfter(n === 0 ? 12 : 0)).toBeUndefined();
    expect(pause.size()).toBe(128);
    expect(openAsMany()).toBe(128);
    lateAfter(12);
    for (let n = 1; n < 128; n++) pause.answered();
    expect(pause.size()).toBe(65);
    expect(openAsMany()).toBe(65);
    for (let n = 0; n < 65; n++) pause.answered();
    expect(pause.size()).toBe(66);
  });

  it('goes on answering what it can, and is not left alone, while it is late for many', () => {
    const { pause, lateAfter } = setup();
    // It answers eight in the time that one is waited for; the others are late.
    for (let round = 0; round < 200; round++) {
      let open = 0;
      while (pause.mayAsk()) open++;
      for (let n = 0; n < open; n++) {
        if (n < 8) pause.answered();
        else expect(lateAfter(n === 8 ? 12 : 0)).toBeUndefined();
      }
      if (round > 20) expect(open).toBeGreaterThanOrEqual(4);
      if (round > 20) expect(open).toBeLessThanOrEqual(10);
    }
  });
});
