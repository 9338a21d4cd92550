import { createCollectingSink } from '../testing/collecting-sink';
import { answers, createFakeProvider, fails, rateLimited, type Answer } from './testing/fake-provider';

const limited = { concurrency: { initialLimit: 1, maxLimit: 1 } };

describe('a provider under pressure', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  it('makes calls over the limit wait their turn, in order', async () => {
    const { adapter, call, calls } = createFakeProvider({ a: answers('a', 100) }, limited);
    const pending = ['1', '2', '3'].map((requestId) => call({ requestId }));
    await jest.advanceTimersByTimeAsync(0);
    expect(calls).toHaveLength(1);
    expect(adapter.lanes()).toEqual([{ provider: 'p', deployment: 'a', model: 'm', limit: 1, inFlight: 1, queued: 2 }]);
    await jest.advanceTimersByTimeAsync(300);
    expect(await Promise.all(pending)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
    expect(calls.map(({ request }) => request.requestId)).toEqual(['1', '2', '3']);
  });

  it('goes to a deployment with room before it waits', async () => {
    const { call, asked } = createFakeProvider({ a: answers('a', 100), b: answers('b', 100) }, limited);
    const pending = [call(), call(), call()];
    await jest.advanceTimersByTimeAsync(0);
    expect(asked()).toEqual(['a', 'b']);
    await jest.advanceTimersByTimeAsync(500);
    await Promise.all(pending);
  });

  it('makes no call before the provider’s retry-after is over', async () => {
    const { call, calls, setAnswer } = createFakeProvider(
      { a: rateLimited(20_000) },
      { retry: { reserve: 0, ratio: 0 } },
    );
    const startedAtMs = Date.now();
    expect(await call()).toMatchObject({ ok: false, error: { code: 'upstream_rate_limited' }, retryAfterMs: 20_000 });
    setAnswer('a', answers('a'));
    const pending = [call(), call()];
    await jest.advanceTimersByTimeAsync(19_999);
    expect(calls).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await Promise.all(pending)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(calls.slice(1).map(({ atMs }) => atMs - startedAtMs)).toEqual([20_000, 20_000]);
  });

  it('refuses with overloaded and the wait when that would be too long', async () => {
    const { adapter, call, calls, counts } = createFakeProvider({ a: rateLimited(20_000) });
    await call();
    const refused = await call({ deadlineAtMs: Date.now() + 10_000 });
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'overloaded', retryAfterMs: 20_000 },
      retryAfterMs: 20_000,
      upstreamCalls: 0,
      usageSource: 'none',
    });
    expect(calls).toHaveLength(1);
    expect(counts).toMatchObject({ overloaded: 1 });
    expect(adapter.health()[0]).toMatchObject({ isBreakerOpen: false, retryAfterMs: 20_000, limit: 179 });
  });

  it('leaves other models of the same deployment alone', async () => {
    const perModel: Answer = (request, ...rest) =>
      (request.upstreamModel === 'm' ? rateLimited(20_000) : answers('a'))(request, ...rest);
    const { call } = createFakeProvider({ a: perModel });
    await call();
    expect(await call({ upstreamModel: 'other' })).toMatchObject({ ok: true });
  });

  it.each([
    ['529', fails('upstream_overloaded', { status: 529 }), 179],
    ['429', rateLimited(), 179],
    ['503 with a time to stay away', fails('upstream_overloaded', { status: 503, retryAfterMs: 10 }), 179],
    ['a mere 503', fails('upstream_overloaded', { status: 503 }), 256],
    ['500', fails('upstream_error', { status: 500 }), 256],
    ['a slow and long answer', answers('a', 30_000), 256],
  ])('after %s allows so many calls at once', async (_what, answer, limit) => {
    const { adapter, call } = createFakeProvider({ a: answer }, { retry: { reserve: 0, ratio: 0 } });
    const pending = call();
    await jest.advanceTimersByTimeAsync(31_000);
    await pending;
    expect(adapter.health()[0]?.limit).toBe(limit);
  });
});

describe('a bound for the first token', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());
  const bounded = { firstTokenTimeoutMs: 500 };

  it('gives an attempt up that has not begun by then, and asks another deployment', async () => {
    const { call, calls, counts } = createFakeProvider({ a: answers('a', 60_000), b: answers('b', 100) }, bounded);
    const sink = createCollectingSink();
    const pending = call({ stream: true }, sink);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await pending).toMatchObject({
      ok: true,
      modelUsed: 'b',
      upstreamCalls: 2,
      otherLegs: [{ reason: 'retry', deployment: 'a', usageSource: 'estimated', errorCode: 'upstream_timeout' }],
    });
    expect(sink.text()).toBe('b');
    expect((calls[1]?.atMs ?? 0) - (calls[0]?.atMs ?? 0)).toBeLessThanOrEqual(540);
    expect(counts).toMatchObject({ 'retried upstream_timeout': 1 });
  });

  it('is an upstream_timeout where nobody begins in time, and counts against the circuits', async () => {
    const config = { ...bounded, breaker: { failureThreshold: 1 } };
    const { call, counts } = createFakeProvider({ a: answers('a', 60_000), b: answers('b', 60_000) }, config);
    const pending = call({ stream: true });
    await jest.advanceTimersByTimeAsync(1_100);
    expect(await pending).toMatchObject({ ok: false, error: { code: 'upstream_timeout' }, upstreamCalls: 2 });
    expect(counts).toMatchObject({ 'a open': 1, 'b open all': 1 });
  });

  it('leaves alone what has begun, and what is not streamed', async () => {
    const slowly: Answer = async (request, sink, context) => {
      sink.head({ status: 200, contentType: 'text/event-stream' });
      return answers('a', 5_000)({ ...request, stream: false }, sink, context);
    };
    const { call, setAnswer } = createFakeProvider({ a: slowly }, bounded);
    const begun = call({ stream: true });
    await jest.advanceTimersByTimeAsync(6_000);
    expect(await begun).toMatchObject({ ok: true, upstreamCalls: 1 });
    setAnswer('a', answers('a', 5_000));
    const whole = call();
    await jest.advanceTimersByTimeAsync(6_000);
    expect(await whole).toMatchObject({ ok: true, upstreamCalls: 1 });
  });
});

describe('the flex tier', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());
  const openAi = { name: 'openai', flexMinMs: 600_000 };
  const batch = () =>
    ({ priority: 'batch', upstreamModel: 'gpt-5-mini', deadlineAtMs: Date.now() + 3_600_000 }) as const;
  const flexOnly =
    (whenFlex: Answer): Answer =>
    (request, ...rest) =>
      (request.body.includes('"service_tier":"flex"') ? whenFlex : answers('a'))(request, ...rest);

  it('is asked for where there is time', async () => {
    const { call, calls } = createFakeProvider({ a: answers('a') }, openAi);
    await call(batch());
    await call({ ...batch(), priority: 'standard' });
    await call({ ...batch(), dialect: 'openai.embeddings' });
    const bodies = calls.map(({ request }) => JSON.parse(String(request.body)) as object);
    expect(bodies).toMatchObject([{ service_tier: 'flex' }, {}, {}]);
    expect(bodies.slice(1).every((body) => !('service_tier' in body))).toBe(true);
  });

  it('is left for the standard one when it has no capacity, which is nobody’s failure', async () => {
    const noCapacity = fails('upstream_overloaded', { status: 429, verdict: 'neutral' });
    const { adapter, call, calls, counts } = createFakeProvider({ a: flexOnly(noCapacity) }, openAi);
    expect(await call(batch())).toMatchObject({ ok: true, upstreamCalls: 2 });
    expect(counts).toEqual({ 'flex unavailable': 1 });
    expect(adapter.health()[0]).toMatchObject({ limit: 256, errorShare: 0, inFlight: 0 });
    // For a minute it is not asked again.
    await call(batch());
    expect(calls).toHaveLength(3);
    jest.advanceTimersByTime(60_000);
    await call(batch());
    expect(calls).toHaveLength(5);
  });

  it('leaves a spent quota what it is', async () => {
    const spent = fails('upstream_quota_exhausted', { status: 429, verdict: 'neutral' });
    const { call } = createFakeProvider({ a: flexOnly(spent) }, openAi);
    expect(await call(batch())).toMatchObject({ ok: false, error: { code: 'upstream_quota_exhausted' } });
  });
});
