import { answers, createFakeProvider, rateLimited, type Answer } from './testing/fake-provider';

const CAPACITY = 40;
const CLIENTS = 120;
const RUN_MS = 60_000;

/** Numbers between 0 and 1 that are the same for a seed every time (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A provider that takes so many calls at once, and turns all others down. */
function narrow(random: () => number, retryAfterMs?: number) {
  const seen = { calls: 0, refused: 0, early: 0 };
  let inFlight = 0;
  let blockedFromMs = 0;
  let blockedUntilMs = 0;
  const answer: Answer = async (...call) => {
    seen.calls++;
    // Calls of the instant of the refusal were out before it was heard.
    if (Date.now() > blockedFromMs && Date.now() < blockedUntilMs) seen.early++;
    if (inFlight >= CAPACITY) {
      seen.refused++;
      if (retryAfterMs !== undefined) {
        blockedFromMs = Date.now();
        blockedUntilMs = blockedFromMs + retryAfterMs;
      }
      return rateLimited(retryAfterMs)(...call);
    }
    inFlight++;
    try {
      return await answers('a', 200 + Math.round(600 * random()))(...call);
    } finally {
      inFlight--;
    }
  };
  return { answer, seen };
}

/** So many clients that each ask again as soon as they are answered, for a minute. */
async function simulate(answer: Answer, initialLimit: number) {
  const { call } = createFakeProvider(
    { a: answer },
    { retry: { ratio: 0, reserve: 0 }, concurrency: { initialLimit, maxLimit: 1_024, maxQueue: 1_000 } },
  );
  const endMs = Date.now() + RUN_MS;
  const counts = { answered: 0, failed: 0 };
  const client = async (): Promise<void> => {
    while (Date.now() < endMs) {
      const outcome = await call();
      if (outcome.ok) counts.answered++;
      else counts.failed++;
      if (!outcome.ok) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  await jest.advanceTimersByTimeAsync(RUN_MS + 5_000);
  await clients;
  return counts;
}

describe('a provider that takes 40 calls at once, and 120 clients', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  it.each([1, 2, 3, 4, 5])('is used to most of its capacity and seldom asked in vain (seed %i)', async (seed) => {
    const provider = narrow(randomOf(seed));
    const { answered } = await simulate(provider.answer, 256);
    const possible = (CAPACITY * RUN_MS) / 500;
    expect(answered / possible).toBeGreaterThan(0.8);
    expect(provider.seen.refused / provider.seen.calls).toBeLessThan(0.1);
  });

  it.each([6, 7, 8])('is never asked before its retry-after is over (seed %i)', async (seed) => {
    const provider = narrow(randomOf(seed), 2_000);
    const { answered } = await simulate(provider.answer, 60);
    expect(provider.seen).toMatchObject({ early: 0 });
    expect(provider.seen.refused).toBeGreaterThan(0);
    expect(answered).toBeGreaterThan(2_000);
  });
});
