import fc from 'fast-check';
import { AdaptiveLimit, type AdaptiveLimitOptions, type LimitRefusal, type Permit } from './adaptive-limit';
import { Cancellation } from './cancellation';

const start = (options: AdaptiveLimitOptions = {}) => new AdaptiveLimit({ initialLimit: 2, maxLimit: 10, ...options });

/** Takes a place that has to be free. */
function take(limit: AdaptiveLimit): Permit {
  const permit = limit.tryAcquire(Date.now());
  if (!permit) throw new Error('there is no room');
  return permit;
}

const acquire = (limit: AdaptiveLimit, patienceMs = 10_000, signal = new Cancellation()) =>
  limit.acquire(Date.now() + patienceMs, signal);

/** What a waiting call comes to, noted as soon as it does. */
function follow(outcome: ReturnType<AdaptiveLimit['acquire']>): { value?: Permit | LimitRefusal } {
  const followed: { value?: Permit | LimitRefusal } = {};
  void Promise.resolve(outcome).then((value) => (followed.value = value));
  return followed;
}

describe('AdaptiveLimit', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('lets so many calls through at once and makes the others wait in the order of their coming', async () => {
    const limit = start();
    const first = take(limit);
    take(limit);
    const [third, fourth] = [follow(acquire(limit)), follow(acquire(limit))];
    expect(limit).toMatchObject({ inFlight: 2, queued: 2 });
    limit.release(first, 'neutral');
    await jest.advanceTimersByTimeAsync(0);
    expect(third.value).toMatchObject({ isGranted: true });
    expect(fourth.value).toBeUndefined();
    expect(limit).toMatchObject({ inFlight: 2, queued: 1 });
  });

  it('lets nobody pass by those who wait', () => {
    const limit = start({ initialLimit: 1 });
    const permit = take(limit);
    void acquire(limit);
    void acquire(limit);
    limit.release(permit, 'neutral');
    expect(limit.tryAcquire(Date.now())).toBeUndefined();
  });

  it('falls to seven tenths when the provider is asked too much, once for calls that were in flight together', () => {
    const limit = start({ initialLimit: 100, maxLimit: 200 });
    const together = Array.from({ length: 50 }, () => take(limit));
    for (const permit of together) limit.release(permit, 'limited');
    expect(limit.limit).toBe(70);
    limit.release(take(limit), 'limited');
    expect(limit.limit).toBe(49);
  });

  it('never falls below one', () => {
    const limit = start({ initialLimit: 3 });
    for (let i = 0; i < 20; i++) limit.release(take(limit), 'limited');
    expect(limit.limit).toBe(1);
    expect(limit.hasRoom(Date.now())).toBe(true);
  });

  const playRound = (limit: AdaptiveLimit) => {
    const permits = Array.from({ length: limit.limit }, () => take(limit));
    for (const permit of permits) limit.release(permit, 'success');
    return limit.limit;
  };

  it('grows with every success that used it until it has been lowered for the first time', () => {
    const limit = start({ initialLimit: 10, maxLimit: 30 });
    const permits = Array.from({ length: 10 }, () => take(limit));
    for (const permit of permits.slice(0, 4)) limit.release(permit, 'success');
    expect(limit.limit).toBe(14);
    for (const permit of permits.slice(4)) limit.release(permit, 'neutral');
    for (let i = 0; i < 10; i++) playRound(limit);
    expect(limit.limit).toBe(30);
  });

  it('grows by a thirty-second of what it fell to for each round of successes afterwards, up to its maximum', () => {
    for (const [initialLimit, perRound] of [
      [10, 1],
      [640, 14],
    ] as const) {
      const limit = start({ initialLimit, maxLimit: initialLimit });
      limit.release(take(limit), 'limited');
      const low = limit.limit;
      expect(low).toBe(initialLimit * 0.7);
      const limits = Array.from({ length: 4 }, () => playRound(limit));
      // The last half of a round comes when the limit is not used any more.
      for (const [i, each] of limits.entries()) {
        expect(each).toBeGreaterThanOrEqual(Math.floor(low + ((i + 1) * perRound) / 3));
        expect(each).toBeLessThanOrEqual(low + (i + 1) * perRound);
      }
      for (let i = 0; i < 100; i++) playRound(limit);
      expect(limit.limit).toBe(initialLimit);
    }
  });

  it('does not grow while it is not used, nor change by calls that say nothing', () => {
    const limit = start({ initialLimit: 8, maxLimit: 100 });
    for (let i = 0; i < 1_000; i++) limit.release(take(limit), 'success');
    expect(limit.limit).toBe(8);
    for (let i = 0; i < 100; i++) limit.release(take(limit), 'neutral');
    expect(limit.limit).toBe(8);
  });

  it('lets no call through before the provider’s retry-after is over, and the waiting ones right then', async () => {
    const limit = start();
    limit.release(take(limit), 'limited', 3_000);
    expect(limit.hasRoom(Date.now())).toBe(false);
    expect(limit.blockedForMs(Date.now())).toBe(3_000);
    const waiting = follow(acquire(limit));
    await jest.advanceTimersByTimeAsync(2_999);
    expect(waiting.value).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    expect(waiting.value).toMatchObject({ isGranted: true });
  });

  it('keeps to the longest of several waits', async () => {
    const limit = start({ initialLimit: 10 });
    const [one, two] = [take(limit), take(limit)];
    limit.release(one, 'limited', 1_000);
    const waiting = follow(acquire(limit));
    await jest.advanceTimersByTimeAsync(500);
    limit.release(two, 'limited', 2_000);
    await jest.advanceTimersByTimeAsync(1_999);
    expect(waiting.value).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    expect(waiting.value).toMatchObject({ isGranted: true });
  });

  it('refuses at once, with the time that is left, where the wait would be longer than the deadline', async () => {
    const limit = start();
    limit.release(take(limit), 'limited', 3_000);
    expect(acquire(limit, 3_000)).toEqual({ isGranted: false, reason: 'blocked', retryAfterMs: 3_000 });
    // Those who wait already hear of a longer block when it comes.
    const other = start();
    const [one, two] = [take(other), take(other)];
    const waiting = follow(acquire(other, 2_000));
    other.release(one, 'limited', 5_000);
    await jest.advanceTimersByTimeAsync(0);
    expect(waiting.value).toEqual({ isGranted: false, reason: 'blocked', retryAfterMs: 5_000 });
    other.release(two, 'neutral');
    expect(other).toMatchObject({ inFlight: 0, queued: 0 });
  });

  it('refuses when the queue is full', () => {
    const limit = start({ initialLimit: 1, maxQueue: 1 });
    take(limit);
    void acquire(limit);
    expect(acquire(limit)).toMatchObject({ isGranted: false, reason: 'full', retryAfterMs: 1_000 });
  });

  it('gives a waiting call up at its deadline, or when it has waited as long as any may', async () => {
    const limit = start({ initialLimit: 1, maxWaitMs: 1_000 });
    take(limit);
    const [short, long] = [follow(acquire(limit, 200)), follow(acquire(limit, 60_000))];
    await jest.advanceTimersByTimeAsync(240);
    expect(short.value).toMatchObject({ isGranted: false, reason: 'deadline' });
    expect(long.value).toBeUndefined();
    await jest.advanceTimersByTimeAsync(800);
    expect(long.value).toMatchObject({ isGranted: false, reason: 'deadline' });
    expect(limit.queued).toBe(0);
  });

  it('forgets a waiting call whose client leaves', async () => {
    const limit = start({ initialLimit: 1 });
    const permit = take(limit);
    const client = new Cancellation();
    const waiting = follow(acquire(limit, 10_000, client));
    client.abort();
    await jest.advanceTimersByTimeAsync(0);
    expect(waiting.value).toMatchObject({ isGranted: false, reason: 'cancelled' });
    limit.release(permit, 'success');
    expect(limit).toMatchObject({ inFlight: 0, queued: 0 });
    expect(acquire(limit, 10, client)).toMatchObject({ isGranted: true });
  });

  it('never has more in flight than its limit allows at the time of entry, whatever happens', () => {
    const step = fc.constantFrom('take', 'success', 'limited', 'neutral');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 200 }), (initialLimit, steps) => {
        const limit = start({ initialLimit, maxLimit: 8 });
        const held: Permit[] = [];
        for (const each of steps) {
          if (each === 'take') {
            const permit = limit.tryAcquire(Date.now());
            expect(permit !== undefined).toBe(held.length < limit.limit);
            if (permit) held.push(permit);
          } else {
            const permit = held.shift();
            if (permit) limit.release(permit, each);
          }
          expect(limit.inFlight).toBe(held.length);
          expect(limit.limit).toBeGreaterThanOrEqual(1);
          expect(limit.limit).toBeLessThanOrEqual(8);
        }
      }),
    );
  });
});
