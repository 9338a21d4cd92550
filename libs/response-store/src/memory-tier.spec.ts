import { evictionPolicies, type EvictionPolicy } from '@costlane/domain';
import { waitFor } from '@costlane/testing';
import fc from 'fast-check';
import type { CachedAnswer } from './answer';
import { createMemoryTier, type MemoryTierOptions } from './memory-tier';
import { sampleAnswer } from './testing/sample-answer';

const optionsOf = (options: Partial<MemoryTierOptions> = {}): MemoryTierOptions => ({
  maxEntries: 1_000,
  ttlMs: 60_000,
  maxBytes: 10_000_000,
  ...options,
});

describe.each(evictionPolicies)('createMemoryTier by %s', (policy) => {
  const tierOf = (options: Partial<MemoryTierOptions> = {}) => createMemoryTier(optionsOf({ policy, ...options }));

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

  it('never holds more bytes than it may, and takes no answer that would push out all others', () => {
    let evicted = 0;
    const tier = tierOf({ maxBytes: 100_000, onEvicted: (entries) => (evicted += entries) });
    for (let i = 0; i < 200; i++) tier.set('acme', String(i), sampleAnswer({ body: Buffer.alloc(2_000) }));
    expect(tier.sizeBytes()).toBeLessThanOrEqual(100_000);
    expect(tier.sizeBytes()).toBeGreaterThan(90_000);
    tier.set('acme', 'huge', sampleAnswer({ body: Buffer.alloc(50_000) }));
    expect(tier.get('acme', 'huge')).toBeUndefined();
    expect(tier.entries()).toBeGreaterThan(30);
    expect(evicted).toBe(200 - tier.entries());
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

    it('of every tenant leaves nothing, and keeps out what was asked before', () => {
      jest.setSystemTime(10_000);
      const { tier, left } = filled();
      expect(tier.invalidate({ kind: 'cache', tenantId: '*', all: true })).toBe(6);
      expect([left('acme'), left('other'), tier.entries(), tier.sizeBytes()]).toEqual(['', '', 0, 0]);
      tier.set('acme', 'a', sampleAnswer({ askedAtMs: 10_000 }));
      tier.set('other', 'b', sampleAnswer({ askedAtMs: 10_001 }));
      expect([left('acme'), left('other')]).toEqual(['', 'b']);
    });

    it('tells of an answer that was found elsewhere whether it may still be given', () => {
      jest.setSystemTime(10_000);
      const tier = tierOf();
      const answer = sampleAnswer({ modelUsed: 'm1', tag: 't1', askedAtMs: 10_000 });
      const isOutdated = (tenantId: string, key: string): boolean => tier.isOutdated(tenantId, key, answer);
      expect(isOutdated('acme', 'a')).toBe(false);
      tier.invalidate({ kind: 'cache', tenantId: 'acme', key: 'a' });
      expect([isOutdated('acme', 'a'), isOutdated('acme', 'b'), isOutdated('other', 'a')]).toEqual([
        true,
        false,
        false,
      ]);
      tier.invalidate({ kind: 'cache', tenantId: 'acme', tag: 't1' });
      expect([isOutdated('acme', 'b'), isOutdated('other', 'b')]).toEqual([true, false]);
      tier.invalidate({ kind: 'cache', tenantId: '*', all: true });
      expect(isOutdated('other', 'b')).toBe(true);
      expect(tier.isOutdated('other', 'b', sampleAnswer({ askedAtMs: 10_001 }))).toBe(false);
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

describe('a full memory tier', () => {
  const leftOf = (policy: EvictionPolicy, act: (tier: ReturnType<typeof createMemoryTier>) => void): string => {
    const tier = createMemoryTier(optionsOf({ policy, maxEntries: 3 }));
    const prices = { a: 9_000, b: 5_000, c: 1_000 };
    for (const [key, baselineNanoUsd] of Object.entries(prices))
      tier.set('acme', key, sampleAnswer({ baselineNanoUsd }));
    act(tier);
    expect(tier.entries()).toBe(3);
    return ['a', 'b', 'c', 'd'].filter((key) => tier.get('acme', key)).join('');
  };
  const dearNew = (): CachedAnswer => sampleAnswer({ baselineNanoUsd: 5_000 });

  it.each([
    ['lru', 'lets go of what was used longest ago', 'acd'],
    ['lfu', 'lets go of what was used least', 'abd'],
    ['cost_aware', 'lets go of what saves least', 'abd'],
  ] as const)('by %s %s', (policy, _what, expected) => {
    const left = leftOf(policy, (tier) => {
      for (const key of 'abbba') tier.get('acme', key);
      tier.get('acme', 'c');
      tier.get('acme', 'a');
      tier.set('acme', 'd', dearNew());
    });
    expect(left).toBe(expected);
  });

  it('by cost_aware keeps one large answer rather than none, and small ones of the same price rather than it', () => {
    const keepsLarge = (smallAnswers: number): boolean => {
      const tier = createMemoryTier(optionsOf({ policy: 'cost_aware', maxBytes: 80_000 }));
      tier.set('acme', 'large', sampleAnswer({ body: Buffer.alloc(9_000) }));
      for (let i = 0; i < smallAnswers; i++) tier.set('acme', `s${i}`, sampleAnswer({ body: Buffer.alloc(1_500) }));
      return tier.get('acme', 'large') !== undefined;
    };
    expect(keepsLarge(35)).toBe(true);
    expect(keepsLarge(36)).toBe(false);
  });

  it.each(['lfu', 'cost_aware'] as const)(
    'by %s lets go of what has expired first, however popular',
    async (policy) => {
      const tier = createMemoryTier(optionsOf({ policy, maxEntries: 3 }));
      tier.set('acme', 'a', sampleAnswer({ baselineNanoUsd: 9e9 }), 40);
      for (let i = 0; i < 20; i++) tier.get('acme', 'a');
      for (const key of 'bc') tier.set('acme', key, sampleAnswer());
      const beforeMs = performance.now();
      await waitFor(() => performance.now() - beforeMs > 60);
      tier.set('acme', 'd', sampleAnswer());
      expect(['a', 'b', 'c', 'd'].filter((key) => tier.get('acme', key)).join('')).toBe('bcd');
    },
  );

  it.each(evictionPolicies)('by %s has the right number of bytes after any steps', (policy) => {
    const step = fc.tuple(fc.constantFrom('set', 'get', 'drop'), fc.nat(30), fc.nat(6_000));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const tier = createMemoryTier(optionsOf({ policy, maxEntries: 12, maxBytes: 40_000 }));
        for (const [kind, key, size] of steps) {
          if (kind === 'set') tier.set('acme', `k${key}`, sampleAnswer({ body: Buffer.alloc(size) }));
          else if (kind === 'get') tier.get('acme', `k${key}`);
          else tier.invalidate({ kind: 'cache', tenantId: 'acme', key: `k${key}` });
        }
        const kept = Array.from({ length: 31 }, (_, key) => tier.get('acme', `k${key}`)).filter(Boolean);
        expect(tier.entries()).toBe(kept.length);
        expect(tier.sizeBytes()).toBe(kept.reduce((sum, answer) => sum + (answer?.body.length ?? 0) + 512, 0));
        expect(tier.sizeBytes()).toBeLessThanOrEqual(40_000);
      }),
    );
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
