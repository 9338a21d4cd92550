import fc from 'fast-check';
import { PrefixTracker } from './prefix-tracker';
import { chainOf } from './testing/chains';

const MINUTE = 60_000;
const start = 1_800_000_000_000;

function seen(timesMs: readonly number[], parts = ['sys:2000', 'q:10']) {
  const tracker = new PrefixTracker();
  const chain = chainOf(parts, 1);
  for (const atMs of timesMs) tracker.record(chain, start + atMs);
  return { tracker, hash: chain.hashes[chain.headEnd] ?? '' };
}
const every = (intervalMs: number, times: number) => Array.from({ length: times }, (_, i) => i * intervalMs);

describe('PrefixTracker', () => {
  it.each([10_000, 60_000, 400_000])('finds the rate of a prefix that comes every %i ms', (intervalMs) => {
    const { tracker, hash } = seen(every(intervalMs, 400));
    const rate = tracker.ratePerSecond(hash, start + 399 * intervalMs);
    expect(rate * intervalMs).toBeGreaterThan(900);
    expect(rate * intervalMs).toBeLessThan(1_150);
  });

  it('expects a prefix again that comes every minute, and not one of every two hours', () => {
    const often = seen(every(MINUTE, 30));
    expect(often.tracker.expectedReuse(often.hash, 'short').reuses).toBeGreaterThan(15);
    const rarely = seen([0, 50 * MINUTE, 100 * MINUTE]);
    expect(rarely.tracker.expectedReuse(rarely.hash, 'short').reuses).toBeLessThan(0.28);
    expect(rarely.tracker.expectedReuse(rarely.hash, 'long').reuses).toBeGreaterThan(2);
  });

  it('expects conversations that go on more than those that have begun, once it has seen that', () => {
    const tracker = new PrefixTracker();
    // Every fourth opening is followed up, and what is followed up is so to the end of four turns.
    for (let i = 0; i < 400; i++) {
      for (let turn = 1; turn <= (i % 4 === 0 ? 4 : 1); turn++) {
        const turns = Array.from({ length: turn }, (_, t) => `c${i}t${t}:600`);
        tracker.record(chainOf(turns), start + i * 20_000 + turn);
      }
    }
    const nowMs = start + 8_400_000;
    const opening = chainOf(['new0:600']);
    tracker.record(opening, nowMs);
    const continued = chainOf(['new0:600', 'new1:600']);
    tracker.record(continued, nowMs + 1);
    const chanceOf = (hash = '') => tracker.expectedReuse(hash, 'short').chance;
    expect(chanceOf(chainOf(['x:600']).hashes.at(-1))).toBeCloseTo(0.25, 1);
    expect(chanceOf(continued.hashes.at(-1))).toBeGreaterThan(0.55);
  });

  it('knows how far a prompt has been seen, lately or at all', () => {
    const tracker = new PrefixTracker();
    tracker.record(chainOf(['a:600', 'b:600']), start);
    tracker.record(chainOf(['a:600', 'c:600']), start + 1_000);
    const again = chainOf(['a:600', 'b:600', 'd:600']);
    expect([tracker.knownBlocks(again, -Infinity), tracker.knownBlocks(again, start + 500)]).toEqual([4, 2]);
  });

  it('tells bursts with long pauses between them from a steady flow', () => {
    const bursts = every(90 * MINUTE, 8).flatMap((atMs) => [atMs, atMs + 1_000]);
    const { tracker, hash } = seen(bursts);
    const { chance } = tracker.expectedReuse(hash, 'short');
    expect(chance).toBeGreaterThan(0.4);
    expect(chance).toBeLessThan(0.65);
  });

  it('takes no burst for a steady rate', () => {
    const { tracker, hash } = seen(every(10, 5));
    expect(tracker.ratePerSecond(hash, start + 50)).toBeCloseTo(4 / 60, 2);
  });

  it('forgets a rate when the prefix stays away', () => {
    const { tracker, hash } = seen(every(MINUTE, 60));
    const rates = [60, 90, 150].map((minute) => tracker.ratePerSecond(hash, start + minute * MINUTE) * 60);
    expect(rates[0]).toBeGreaterThan(0.9);
    expect(rates[1]).toBeLessThan(0.6);
    expect(rates[2]).toBeLessThan(0.1);
  });

  it('learns from prefixes that were seen once whether such ones come again', () => {
    const chanceAfter = (isRepeated: boolean): number => {
      const tracker = new PrefixTracker();
      for (let i = 0; i < 300; i++) {
        const chain = chainOf([`c${i}:2000`]);
        tracker.record(chain, start + i * 10_000);
        if (isRepeated) tracker.record(chain, start + i * 10_000 + 5_000);
      }
      const fresh = chainOf(['new:2000']);
      tracker.record(fresh, start + 3_000_000);
      return tracker.expectedReuse(fresh.hashes.at(-1) ?? '', 'short').chance;
    };
    expect(chanceAfter(true)).toBeGreaterThan(0.95);
    expect(chanceAfter(false)).toBeLessThan(0.05);
    expect(seen([0]).tracker.expectedReuse('unheard of', 'short').chance).toBeCloseTo(0.2);
  });

  it('knows which part of the traffic a prefix has', () => {
    const tracker = new PrefixTracker();
    const common = chainOf(['sys:600'], 1).hashes[0] ?? '';
    for (let i = 0; i < 400; i++) {
      tracker.record(chainOf([i % 4 === 0 ? 'other:600' : 'sys:600', `q${i}:10`], 1), start + i * 1_000);
    }
    const nowMs = start + 400_000;
    expect(tracker.recentCount(common, nowMs) / tracker.recentTotal(nowMs)).toBeCloseTo(0.75, 1);
    expect(tracker.recentCount('unheard of', nowMs)).toBe(0);
  });

  it('holds no more blocks than allowed, and none for longer, and never a block without those before it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.nat(40 * MINUTE)), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 3, max: 12 }),
        (requests, maxBlocks) => {
          const tracker = new PrefixTracker({ maxBlocks });
          const chains: ReturnType<typeof chainOf>[] = [];
          let nowMs = start;
          for (const [a, b, afterMs] of requests) {
            nowMs += afterMs;
            const chain = chainOf([`a${a}:600`, `b${b}:600`]);
            chains.push(chain);
            tracker.record(chain, nowMs);
            expect(tracker.size).toBeLessThanOrEqual(maxBlocks);
          }
          for (const { hashes } of chains) {
            const known = hashes.map((hash) => tracker.lastSeenAtMs(hash) !== undefined);
            expect(known.lastIndexOf(true)).toBe(known.filter(Boolean).length - 1);
          }
        },
      ),
      { numRuns: 60 },
    );
    const tracker = new PrefixTracker();
    for (let i = 0; i < 20; i++) tracker.record(chainOf([`x${i}:10`]), start);
    for (let i = 0; i < 20; i++) tracker.record(chainOf([`y${i}:10`]), start + 121 * MINUTE);
    expect(tracker.size).toBe(20);
  });
});
