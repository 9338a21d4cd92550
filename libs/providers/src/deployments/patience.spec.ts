import { RecentQuantiles } from '@costlane/resilience';
import type { ProviderRequest } from '../provider';
import { patienceFor } from './patience';
import { answers, createFakeProvider, fails } from './testing/fake-provider';

const seen = (durationMs: number, count = 50): RecentQuantiles => {
  const quantiles = new RecentQuantiles();
  for (let i = 0; i < count; i++) quantiles.add(durationMs);
  return quantiles;
};
const asked = (leftMs: number, fields: Partial<ProviderRequest> = {}): ProviderRequest =>
  ({ othersLeft: 1, stream: false, deadlineAtMs: leftMs, ...fields }) as ProviderRequest;
const patience = (request: ProviderRequest, firstTokenMs: number, wholeMs: number, count?: number) =>
  patienceFor(request, { firstToken: seen(firstTokenMs, count), wholeAnswer: seen(wholeMs, count) }, 0);

describe('how long an attempt is waited for', () => {
  it('is until the deadline where no other model may answer', () => {
    expect(patience(asked(60_000, { othersLeft: 0 }), 300, 2_000)).toBeUndefined();
  });

  it('is twice what the model usually takes at the most, each kind of answer for itself', () => {
    expect(patience(asked(600_000), 300, 40_000)?.waitMs).toBeCloseTo(80_000, -4);
    expect(patience(asked(600_000, { stream: true }), 9_000, 40_000)?.waitMs).toBeCloseTo(18_000, -3);
  });

  it('is never less than some seconds, however quick a model is', () => {
    expect(patience(asked(600_000), 30, 80)).toEqual({ waitMs: 10_000, isFair: true });
    expect(patience(asked(600_000, { stream: true }), 30, 80)).toEqual({ waitMs: 5_000, isFair: true });
  });

  it('is an equal share of the time left at the most, and a caller’s hurry is nobody’s fault', () => {
    expect(patience(asked(8_000), 30, 80)).toEqual({ waitMs: 4_000, isFair: false });
    expect(patience(asked(30_000), 300, 40_000)).toEqual({ waitMs: 15_000, isFair: true });
    expect(patience(asked(30_000, { othersLeft: 2 }), 300, 40_000)).toEqual({ waitMs: 10_000, isFair: true });
    expect(patience(asked(-5), 300, 40_000)).toEqual({ waitMs: 0, isFair: false });
  });

  it('is such a share while little is known of the model', () => {
    expect(patience(asked(120_000), 30, 80, 5)).toEqual({ waitMs: 60_000, isFair: true });
  });
});

describe('a call that another model may answer', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  /** The outcome, with the clock moved on until it is there. */
  async function advanced<T>(pending: Promise<T>): Promise<{ value: T; tookMs: number }> {
    const startedAt = Date.now();
    let isDone = false;
    const done = pending.finally(() => (isDone = true));
    while (!isDone) await jest.advanceTimersByTimeAsync(20);
    return { value: await done, tookMs: Date.now() - startedAt };
  }
  const request = (stream: boolean): Partial<ProviderRequest> => ({
    stream,
    othersLeft: 1,
    deadlineAtMs: Date.now() + 60_000,
  });

  it.each([false, true])('is given up in time to ask that one, and never made again (stream: %s)', async (stream) => {
    const provider = createFakeProvider({ a: answers('a', 100) });
    for (let i = 0; i < 25; i++) await advanced(provider.call(request(stream)));
    provider.setAnswer('a', answers('a', 1_000_000));
    const { value, tookMs } = await advanced(provider.call(request(stream)));
    expect(value).toMatchObject({ ok: false, error: { code: 'upstream_timeout' }, upstreamCalls: 1 });
    expect(tookMs).toBeGreaterThanOrEqual(stream ? 5_000 : 10_000);
    expect(tookMs).toBeLessThan(stream ? 5_200 : 10_200);
  });

  it('that is given up again and again opens the circuit', async () => {
    const provider = createFakeProvider({ a: answers('a', 100) });
    for (let i = 0; i < 25; i++) await advanced(provider.call(request(true)));
    provider.setAnswer('a', answers('a', 1_000_000));
    for (let i = 0; i < 5; i++) await advanced(provider.call(request(true)));
    const { value, tookMs } = await advanced(provider.call(request(true)));
    expect(value).toMatchObject({ ok: false, error: { code: 'circuit_open' } });
    expect(tookMs).toBeLessThan(100);
  });

  it('does not wait for a provider that wants to be left alone', async () => {
    const provider = createFakeProvider({
      a: fails('upstream_rate_limited', { isRetryable: true, retryAfterMs: 8_000, verdict: 'neutral' }),
    });
    const first = await advanced(provider.call(request(false)));
    expect(first.value).toMatchObject({ ok: false, error: { code: 'upstream_rate_limited' }, upstreamCalls: 1 });
    const second = await advanced(provider.call(request(false)));
    expect(second.value).toMatchObject({ ok: false, error: { code: 'overloaded' }, upstreamCalls: 0 });
    expect(first.tookMs + second.tookMs).toBeLessThan(1_200);
  });

  it('is made again where that is done in a moment', async () => {
    const provider = createFakeProvider({ a: fails('upstream_error', { isRetryable: true, verdict: 'failure' }) });
    const { value } = await advanced(provider.call(request(false)));
    expect(value).toMatchObject({ ok: false, error: { code: 'upstream_error' }, upstreamCalls: 2 });
  });

  it('gets through an open circuit where nobody else answers, and with it all who come at that time', async () => {
    const provider = createFakeProvider({ a: fails('upstream_error', { isRetryable: false }) });
    for (let i = 0; i < 5; i++) await advanced(provider.call(request(false)));
    provider.setAnswer('a', answers('a', 100));
    expect((await advanced(provider.call(request(false)))).value).toMatchObject({ error: { code: 'circuit_open' } });
    const last = { ...request(false), isLastResort: true };
    const all = await advanced(Promise.all([1, 2, 3].map(() => provider.call(last))));
    expect(all.value.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(all.tookMs).toBeLessThan(400);
  });

  it('that nobody else answers is told within a second that the circuit stays open', async () => {
    const provider = createFakeProvider({ a: fails('upstream_error', { isRetryable: false }) });
    for (let i = 0; i < 5; i++) await advanced(provider.call(request(false)));
    const last = { ...request(false), isLastResort: true };
    const all = await advanced(Promise.all([1, 2, 3, 4, 5, 6].map(() => provider.call(last))));
    expect(all.tookMs).toBeLessThan(1_200);
    // A quarter of a second between two that try.
    expect(provider.calls.length).toBeLessThanOrEqual(5 + 5);
    const codes = all.value.map((outcome) => (outcome.ok ? 'answered' : outcome.error.code));
    expect(new Set(codes)).toEqual(new Set(['upstream_error', 'circuit_open']));
  });
});
