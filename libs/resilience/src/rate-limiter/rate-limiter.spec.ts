import { TokenBucket } from '../token-bucket';
import { createRateLimiter, type RateCheck, type RateLimiterOptions, type TokenStore } from './rate-limiter';

/** Buckets in memory, as a Redis would keep them, that several limiters can share. */
function createStore(clock: { nowMs: number }) {
  const buckets = new Map<string, TokenBucket>();
  const store = {
    takes: 0,
    isAway: false,
    take(key: string, limitPerMinute: number, wanted: number) {
      store.takes++;
      if (store.isAway) return Promise.reject(new Error('away'));
      const bucket = buckets.get(key) ?? new TokenBucket(limitPerMinute, limitPerMinute / 60, clock.nowMs);
      buckets.set(key, bucket);
      const granted = bucket.takeUpTo(wanted, clock.nowMs);
      return Promise.resolve({ granted, retryAfterMs: granted > 0 ? 0 : bucket.msUntil(1, clock.nowMs) });
    },
  };
  return store satisfies TokenStore;
}

function create(options: Partial<RateLimiterOptions> = {}) {
  const clock = { nowMs: 1_000_000 };
  const store = createStore(clock);
  const counted = { fallbacks: 0 };
  const now = () => clock.nowMs;
  const onFallback = () => void counted.fallbacks++;
  const limiter = createRateLimiter({ store, now, onFallback, ...options });
  const another = () => createRateLimiter({ store, now, ...options });
  return { clock, store, counted, limiter, another };
}

async function countAllowed(times: number, check: () => RateCheck | Promise<RateCheck>): Promise<number> {
  let allowed = 0;
  for (let i = 0; i < times; i++) if ((await check()).ok) allowed++;
  return allowed;
}

/** Lets what the limiter has asked for in the background arrive. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('createRateLimiter', () => {
  it.each([1, 5, 60, 600])('allows exactly the limit of %d and says when the next will do', async (limit) => {
    const { limiter, clock } = create();
    expect(await countAllowed(limit + 5, () => limiter.check('key', limit))).toBe(limit);
    const refusal = await limiter.check('key', limit);
    const retryAfterMs = refusal.ok ? 0 : refusal.error.retryAfterMs;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000 / limit);
    clock.nowMs += retryAfterMs;
    expect((await limiter.check('key', limit)).ok).toBe(true);
  });

  it('answers at once and without I/O while it holds tokens, and when the refusal is known', async () => {
    const { limiter, store } = create();
    await limiter.check('key', 100);
    expect(limiter.check('key', 100)).toEqual({ ok: true, value: undefined });
    expect(store.takes).toBe(1);
    await countAllowed(200, () => limiter.check('key', 100));
    const takes = store.takes;
    expect(takes).toBeLessThanOrEqual(13);
    expect(limiter.check('key', 100)).toMatchObject({ ok: false });
    expect(store.takes).toBe(takes);
  });

  it('fetches the next lease before the last one is used up', async () => {
    const { limiter, store } = create();
    await limiter.check('key', 400);
    for (let i = 0; i < 30; i++) limiter.check('key', 400);
    await settle();
    expect(store.takes).toBe(2);
    expect(limiter.check('key', 400)).not.toBeInstanceOf(Promise);
  });

  it('shares one limit among gateways, up to the tokens that each holds', async () => {
    const { limiter, another } = create();
    const other = another();
    let turn = 0;
    const check = () => (turn++ % 2 === 0 ? limiter : other).check('key', 60);
    expect(await countAllowed(100, check)).toBe(60);
  });

  it('never allows more than the limit to callers who come all at once', async () => {
    const { limiter } = create();
    const checks = await Promise.all(Array.from({ length: 50 }, () => limiter.check('key', 20)));
    expect(checks.filter(({ ok }) => ok)).toHaveLength(20);
  });

  it('counts keys apart', async () => {
    const { limiter } = create();
    await countAllowed(3, () => limiter.check('a', 3));
    expect((await limiter.check('a', 3)).ok).toBe(false);
    expect((await limiter.check('b', 3)).ok).toBe(true);
  });

  it('goes by a changed limit from the next request on', async () => {
    const { limiter } = create();
    await countAllowed(5, () => limiter.check('key', 2));
    expect((await limiter.check('key', 6_000)).ok).toBe(false);
  });

  it('keeps to the limit by itself while the store is away, and counts it', async () => {
    const { limiter, store, counted } = create();
    store.isAway = true;
    expect(await countAllowed(30, () => limiter.check('key', 20))).toBe(20);
    expect(counted.fallbacks).toBe(30);
    expect(store.takes).toBe(1);
  });

  it('makes one check wait when the store goes away, and none after it', async () => {
    const { limiter, store } = create();
    store.isAway = true;
    expect(limiter.check('key', 20)).toBeInstanceOf(Promise);
    await settle();
    expect(limiter.check('key', 20)).not.toBeInstanceOf(Promise);
    expect(limiter.check('other', 20)).not.toBeInstanceOf(Promise);
  });

  it('comes back to the store once it answers again', async () => {
    const { limiter, store, clock, counted } = create();
    store.isAway = true;
    await countAllowed(3, () => limiter.check('key', 20));
    store.isAway = false;
    clock.nowMs += 1_000;
    await limiter.check('key', 20);
    await settle();
    const { fallbacks } = counted;
    await countAllowed(10, () => limiter.check('key', 20));
    expect(counted.fallbacks).toBe(fallbacks);
  });

  it('forgets the key that was not used for longest rather than grow', async () => {
    const { limiter, store } = create({ maxKeys: 2 });
    for (const key of ['a', 'b', 'c']) await limiter.check(key, 100);
    const takes = store.takes;
    await limiter.check('c', 100);
    expect(store.takes).toBe(takes);
    await limiter.check('a', 100);
    expect(store.takes).toBe(takes + 1);
  });

  it('does not use tokens that it has held for longer than a bucket takes to fill', async () => {
    const { limiter, clock } = create();
    await limiter.check('key', 10);
    await limiter.check('key', 100);
    clock.nowMs += 61_000;
    expect(limiter.check('key', 100)).toBeInstanceOf(Promise);
  });
});
