import { dispositionOf, type ItemOutcome } from './item-outcome';

const rules = { maxAttempts: 3, retryBaseMs: 100, retryMaxMs: 1_000 };
const item = { index: 4, attempt: 1 };
const answer: ItemOutcome = { kind: 'succeeded', status: 200, result: Buffer.from('x'), costNanoUsd: 3 };
const failure = { kind: 'failed', errorCode: 'upstream_error', isRetryable: true, costNanoUsd: 2 } as const;

describe('what is written about an item', () => {
  it('an answer counts, whatever stopped its turn', () => {
    for (const stop of [undefined, 'cancelled', 'expired', 'shutdown', 'superseded'] as const)
      expect(dispositionOf(item, answer, stop, rules)).toMatchObject({ kind: 'end', end: { state: 'succeeded' } });
  });

  it('what may succeed later goes back with a wait, until its attempts are used up', () => {
    expect(dispositionOf(item, failure, undefined, rules)).toEqual({
      kind: 'release',
      item: { index: 4, delayMs: expect.any(Number), costNanoUsd: 2, isUncounted: false, isAnswered: false },
    });
    expect(dispositionOf({ ...item, attempt: 3 }, failure, undefined, rules)).toMatchObject({
      end: { state: 'failed', errorCode: 'upstream_error', isDead: true, costNanoUsd: 2 },
    });
  });

  it("a failure that was somebody's answer is told from none at all", () => {
    expect(dispositionOf(item, { ...failure, status: 502 }, undefined, rules)).toMatchObject({
      kind: 'release',
      item: { isAnswered: true },
    });
  });

  it('what nobody has tried goes back without end, at no cost of an attempt', () => {
    const untried = { ...failure, errorCode: 'overloaded', costNanoUsd: 0, isUntried: true } as const;
    expect(dispositionOf({ ...item, attempt: 99 }, untried, undefined, rules)).toMatchObject({
      kind: 'release',
      item: { isUncounted: true },
    });
  });

  it('waits as long as the provider asks, within bounds', () => {
    const waitOf = (retryAfterMs: number): number => {
      const disposition = dispositionOf(item, { ...failure, retryAfterMs }, undefined, rules);
      return disposition.kind === 'release' ? disposition.item.delayMs : -1;
    };
    expect(waitOf(800)).toBe(800);
    expect(waitOf(9_999_999)).toBe(1_000);
  });

  it('what will not succeed fails at once and is not dead', () => {
    const disposition = dispositionOf(item, { ...failure, isRetryable: false }, undefined, rules);
    expect(disposition).toMatchObject({ kind: 'end', end: { state: 'failed' } });
    expect(disposition).not.toMatchObject({ end: { isDead: true } });
  });

  it('a call that was broken off ends as its job does, or goes back as it was', () => {
    const aborted: ItemOutcome = { kind: 'failed', errorCode: 'cancelled', isRetryable: false };
    expect(dispositionOf(item, aborted, 'cancelled', rules)).toMatchObject({ end: { state: 'cancelled' } });
    expect(dispositionOf(item, failure, 'expired', rules)).toMatchObject({
      end: { state: 'expired', errorCode: 'deadline_exceeded' },
    });
    expect(dispositionOf(item, aborted, 'shutdown', rules)).toMatchObject({
      kind: 'release',
      item: { delayMs: 0, isUncounted: true },
    });
  });
});
