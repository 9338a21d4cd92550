import type { ModelPrice } from '../money/model-price';
import { breakEvenReuses, cacheRatesOf, minimumPrefixTokens, savingPerToken } from './cache-economics';
import { planCacheMarks } from './plan-cache-marks';
import { PrefixTracker } from './prefix-tracker';
import { chainOf } from './testing/chains';

const start = 1_800_000_000_000;
const priceWith = (perMillion: Partial<ModelPrice['perMillion']> = {}): ModelPrice => ({
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'p1',
  perMillion: {
    freshInput: '3',
    cacheRead: '0.3',
    cacheWriteShort: '3.75',
    cacheWriteLong: '6',
    output: '15',
    ...perMillion,
  },
});

/** Requests at times given in seconds; the marks of the last one. */
function marksAfter(
  requests: readonly (readonly [atSeconds: number, parts: readonly string[]])[],
  { price = priceWith(), model = 'claude-sonnet-4-5', hasOwnMarks = false, tracker = new PrefixTracker() } = {},
) {
  let nowMs = start;
  let chain = chainOf([]);
  for (const [atSeconds, parts] of requests) {
    nowMs = start + atSeconds * 1_000;
    chain = chainOf(parts, 1);
    tracker.record(chain, nowMs);
  }
  return planCacheMarks({ chain, tracker, model, price, nowMs, hasOwnMarks });
}
/** A tracker that has learned that prompts seen once are never seen again. */
function pessimist(): PrefixTracker {
  const tracker = new PrefixTracker();
  for (let i = 0; i < 400; i++) tracker.record(chainOf([`h${i}:1`, `t${i}:1`], 1), start - 8_000_000 + i * 18_000);
  return tracker;
}
const every = (seconds: number, times: number, parts: (i: number) => string[]) =>
  Array.from({ length: times }, (_, i) => [i * seconds, parts(i)] as const);

describe('cache economics', () => {
  it('breaks even at (write − 1) / (1 − read) reuses', () => {
    const rates = { read: 0.1, write: { short: 1.25, long: 2 } };
    expect(breakEvenReuses(rates, 'short')).toBeCloseTo(0.278, 3);
    expect(breakEvenReuses(rates, 'long')).toBeCloseTo(1.111, 3);
    expect(breakEvenReuses({ read: 0.05, write: { short: 2.5, long: 2.5 } }, 'short')).toBeCloseTo(1.579, 3);
    expect(breakEvenReuses({ read: 1, write: { short: 1, long: 1 } }, 'short')).toBe(Infinity);
  });

  it('saves exactly where the reuses exceed the break-even', () => {
    const rates = { read: 0.1, write: { short: 1.25, long: 2 } };
    for (const chance of [0.05, 0.2, 0.217, 0.218, 0.3, 0.5, 0.9]) {
      const isPaying = chance / (1 - chance) > breakEvenReuses(rates, 'short');
      expect(savingPerToken(rates, 'short', chance) > 0).toBe(isPaying);
    }
  });

  it('reads the rates from the price, with its fall-backs', () => {
    expect(cacheRatesOf(priceWith(), 10)).toEqual({ read: 0.09999999999999999, write: { short: 1.25, long: 2 } });
    const bare = priceWith({ cacheRead: undefined, cacheWriteShort: undefined, cacheWriteLong: undefined });
    expect(cacheRatesOf(bare, 10)).toEqual({ read: 1, write: { short: 1, long: 1 } });
    expect(cacheRatesOf(priceWith({ freshInput: '0' }), 10)).toBeUndefined();
  });

  it('knows the models that cache longer prefixes only', () => {
    const models = ['claude-sonnet-4-5', 'claude-haiku-4-5-20251001', 'claude-opus-4-6', 'claude-3-5-haiku-latest'];
    expect(models.map(minimumPrefixTokens)).toEqual([1_024, 4_096, 4_096, 2_048]);
  });
});

describe('planCacheMarks', () => {
  const shared = (i: number) => ['sys:2000', `q${i}:50`];

  it('marks a system prompt that comes every minute, and not the questions behind it', () => {
    const marks = marksAfter(every(60, 30, shared), { tracker: pessimist() });
    expect(marks).toEqual([{ segment: 0, lifetime: 'short', tokens: 2_000 }]);
  });

  it('takes the longer lifetime where uses are further apart than the shorter one', () => {
    const marks = marksAfter(every(900, 12, shared), { tracker: pessimist() });
    expect(marks).toEqual([{ segment: 0, lifetime: 'long', tokens: 2_000 }]);
  });

  it('marks nothing where uses are too rare for either lifetime', () => {
    expect(marksAfter(every(7_000, 5, shared), { tracker: pessimist() })).toEqual([]);
  });

  it('marks nothing for a caller that marks by itself, below the model’s minimum, or at prices that save nothing', () => {
    const often = every(10, 30, shared);
    expect(marksAfter(often)).not.toEqual([]);
    expect(marksAfter(often, { hasOwnMarks: true })).toEqual([]);
    expect(marksAfter(often, { model: 'claude-haiku-4-5' })).toEqual([]);
    expect(marksAfter(often, { price: priceWith({ cacheRead: '3' }) })).toEqual([]);
    expect(marksAfter(every(10, 30, (i) => ['sys:900', `q${i}:50`]))).toEqual([]);
  });

  it('marks the end of a conversation once conversations have been seen to go on, and no first prompt before', () => {
    const turns = (of: string, count: number) => [
      'sys:1500',
      ...Array.from({ length: count }, (_, turn) => `${of}${turn}:400`),
    ];
    const requests = Array.from({ length: 30 }, (_, i) =>
      Array.from({ length: 6 }, (_each, turn) => [i * 200 + turn * 30, turns(`c${i}`, turn + 1)] as const),
    ).flat();
    const marks = marksAfter([...requests, [6_000, turns('new', 1)], [6_030, turns('new', 2)]]);
    expect(marks.map(({ segment }) => segment)).toEqual([0, 1, 2]);
    expect(marksAfter([[0, turns('first', 1)]])).toEqual([]);
  });

  it('takes the four places that let most tokens be read', () => {
    const tracker = new PrefixTracker();
    // The further along, the rarer: five steps, of which the one of 64 tokens is worth least.
    const parts = ['a:2000', 'b:64', 'c:2000', 'd:2000', 'e:2000'];
    const requests = Array.from({ length: 320 }, (_, i) => {
      const depth = 1 + [2, 4, 8, 16].filter((step) => i % step === 0).length;
      return [i * 5, [...parts.slice(0, depth), `q${i}:10`]] as const;
    });
    const marks = marksAfter([...requests, [1_600, parts]], { tracker });
    expect(marks.map(({ segment }) => segment)).toEqual([0, 2, 3, 4]);
  });

  it('puts longer lifetimes in front of shorter ones', () => {
    const marks = marksAfter(
      every(200, 40, (i) => ['sys:2000', `day${i % 4}:2000`, `q${i}:50`]),
      { tracker: pessimist() },
    );
    const lifetimes = marks.map(({ lifetime }) => lifetime);
    expect([...lifetimes].sort()).toEqual(lifetimes);
  });
});
