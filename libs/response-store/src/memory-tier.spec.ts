import { waitFor } from '@costlane/testing';
import fc from 'fast-check';
import type { CachedAnswer } from './answer';
import { createMemoryTier, type MemoryTierOptions } from './memory-tier';
import { sampleAnswer } from './testing/sample-answer';

const tierOf = (options: Partial<MemoryTierOptions> = {}) =>
  createMemoryTier({ maxEntries: 1_000, ttlMs: 60_000, maxBytes: 10_000_000, ...options });

describe('createMemoryTier', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('gives back what it was given, to the tenant that it was given for', () => {
    const tier = tierOf();
    const answer = sampleAnswer({ body: Buffer.from([0, 255, 10]) });
    tier.set('acme', 'f00', answer);
    expect(tier.get('acme', 'f00')).toMatchObject(answer);
    expect(tier.get('other', 'f00')).toBeUndefined();
    expect(tier.get('acme', 'f01')).toBeUndefined();
  });

  it('forgets after its lifetime, earlier where the request asks for less, never later', async () => {
    jest.useRealTimers();
    const tier = tierOf({ ttlMs: 2_000 });
    tier.set('acme', 'own', sampleAnswer());
    tier.set('acme', 'short', sampleAnswer(), 50);
    tier.set('acme', 'long', sampleAnswer(), 60_000);
    tier.set('acme', 'none', sampleAnswer(), 0);
    tier.set('acme', 'past', sampleAnswer(), -5);
    const present = (): string =>
      ['own', 'short', 'long', 'none', 'past'].filter((key) => tier.get('acme', key)).join();
    expect(present()).toBe('own,short,long');
    await waitFor(() => present() === 'own,long', { timeoutMs: 1_900 });
    await waitFor(() => present() === '');
  });

  it('lets go of what was used longest ago when it is full', () => {
    const tier = tierOf({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c']) tier.set('acme', key, sampleAnswer());
    tier.get('acme', 'a');
    tier.set('acme', 'd', sampleAnswer());
    expect(['a', 'b', 'c', 'd'].filter((key) => tier.get('acme', key))).toEqual(['a', 'c', 'd']);
    expect(tier.entries()).toBe(3);
  });

  it('never holds more bytes than it may, and takes no answer that would push out all others', () => {
    const tier = tierOf({ maxBytes: 100_000 });
    for (let i = 0; i < 200; i++) tier.set('acme', String(i), sampleAnswer({ body: Buffer.alloc(2_000) }));
    expect(tier.sizeBytes()).toBeLessThanOrEqual(100_000);
    expect(tier.sizeBytes()).toBeGreaterThan(90_000);
    tier.set('acme', 'huge', sampleAnswer({ body: Buffer.alloc(50_000) }));
    expect(tier.get('acme', 'huge')).toBeUndefined();
    expect(tier.entries()).toBeGreaterThan(30);
  });

  it('counts small answers, too', () => {
    const tier = tierOf({ maxBytes: 51_200, maxEntries: 10_000 });
    for (let i = 0; i < 1_000; i++) tier.set('acme', String(i), sampleAnswer({ body: Buffer.alloc(0) }));
    expect(tier.entries()).toBeLessThanOrEqual(100);
  });

  describe('invalidation', () => {
    const filled = () => {
      const tier = tierOf();
      for (const tenantId of ['acme', 'other']) {
        tier.set(tenantId, 'a', sampleAnswer({ modelAsked: 'auto', modelUsed: 'm1', tag: 't1' }));
        tier.set(tenantId, 'b', sampleAnswer({ modelAsked: 'm1', modelUsed: 'm1-2026', tag: 't2' }));
        tier.set(tenantId, 'c', sampleAnswer({ modelAsked: 'm2', modelUsed: 'm2' }));
      }
      const left = (tenantId: string): string => ['a', 'b', 'c'].filter((key) => tier.get(tenantId, key)).join('');
      return { tier, left };
    };

    it.each([
      [{ key: 'a' }, 'bc'],
      [{ key: 'unknown' }, 'abc'],
      [{ model: 'm1' }, 'c'],
      [{ model: 'm2' }, 'ab'],
      [{ tag: 't1' }, 'bc'],
      [{ tag: 't3' }, 'abc'],
      [{ all: true as const }, ''],
      [{}, 'abc'],
    ])('by %j leaves %j of the tenant, and all of another', (what, expected) => {
      const { tier, left } = filled();
      expect(tier.invalidate({ kind: 'cache', tenantId: 'acme', ...what })).toBe(3 - expected.length);
      expect(left('acme')).toBe(expected);
      expect(left('other')).toBe('abc');
    });

    it('finds every entry, wherever in the order of use it stands', () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(60), fc.boolean()), { maxLength: 300 }), (steps) => {
          const tier = tierOf({ maxEntries: 40 });
          for (const [tenant, key, isRead] of steps) {
            if (isRead) tier.get(`t${tenant}`, `k${key}`);
            else tier.set(`t${tenant}`, `k${key}`, sampleAnswer());
          }
          const before = tier.entries();
          const removed = tier.invalidate({ kind: 'cache', tenantId: 't0', all: true });
          expect(tier.entries()).toBe(before - removed);
          for (let key = 0; key <= 60; key++) expect(tier.get('t0', `k${key}`)).toBeUndefined();
        }),
      );
    });

    it('keeps an answer out that was asked before, and lets one in that was asked after', () => {
      jest.setSystemTime(10_000);
      const { tier } = filled();
      tier.invalidate({ kind: 'cache', tenantId: 'acme', model: 'm1' });
      const asked = (askedAtMs: number): CachedAnswer => sampleAnswer({ modelUsed: 'm1', askedAtMs });
      tier.set('acme', 'late', asked(9_999));
      tier.set('acme', 'same', asked(10_000));
      tier.set('acme', 'new', asked(10_001));
      tier.set('other', 'late', asked(9_999));
      tier.set('acme', 'another-model', sampleAnswer({ modelAsked: 'm2', modelUsed: 'm2', askedAtMs: 1 }));
      const present = (tenantId: string, key: string): boolean => tier.get(tenantId, key) !== undefined;
      expect(['late', 'same', 'new', 'another-model'].map((key) => present('acme', key))).toEqual([
        false,
        false,
        true,
        true,
      ]);
      expect(present('other', 'late')).toBe(true);
    });

    it.each([[{ key: 'x' }], [{ tag: 't1' }], [{ all: true as const }]])(
      'by %j also holds for what comes after it',
      (what) => {
        jest.setSystemTime(10_000);
        const tier = tierOf();
        tier.invalidate({ kind: 'cache', tenantId: 'acme', ...what });
        tier.set('acme', 'x', sampleAnswer({ tag: 't1', askedAtMs: 9_000 }));
        expect(tier.get('acme', 'x')).toBeUndefined();
      },
    );
  });

  it('of 100,000 look-ups over many tenants with equal fingerprints, none gets another tenant’s answer', () => {
    const tenants = [
      'a',
      'a/b',
      'b',
      '/',
      '',
      'a:b',
      'f0/a',
      '{x}',
      '日本',
      'a\nb',
      ...Array.from({ length: 90 }, (_, i) => `t${i}`),
    ];
    const tier = tierOf({ maxEntries: 2_000 });
    const random = mulberry32(7);
    const pick = (count: number): number => Math.floor(random() * count);
    let hits = 0;
    for (let i = 0; i < 100_000; i++) {
      const tenantId = tenants[pick(tenants.length)] as string;
      const fingerprint = `f${pick(30)}`;
      const found = tier.get(tenantId, fingerprint);
      if (!found) tier.set(tenantId, fingerprint, sampleAnswer({ body: Buffer.from(`${tenantId}|${fingerprint}`) }));
      else {
        hits++;
        if (found.body.toString() !== `${tenantId}|${fingerprint}`)
          throw new Error(`${tenantId} got ${found.body.toString()}`);
      }
    }
    expect(hits).toBeGreaterThan(10_000);
  });
});

/** A small seeded generator, so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
