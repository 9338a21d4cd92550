import { Cancellation } from '@costlane/resilience';
import { AUTH_COOL_DOWN_MS, QUOTA_COOL_DOWN_MS } from './deployment';
import { answers, createFakeProvider, fails, rateLimited } from './testing/fake-provider';

const unauthorised = fails('upstream_auth_failed', { status: 401, verdict: 'neutral' });
const forbidden = fails('upstream_auth_failed', { status: 403, verdict: 'neutral' });
const spent = fails('upstream_quota_exhausted', { status: 429, verdict: 'neutral' });
const broken = fails('upstream_error', { status: 500 });

describe('a provider with several deployments', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  it('spreads calls by weight, without bursts', async () => {
    const { call, asked } = createFakeProvider({ a: { answer: answers('a'), weight: 3 }, b: answers('b') });
    for (let i = 0; i < 8; i++) await call();
    expect(asked().join('')).toBe('aabaaaba');
  });

  it('asks only those that serve the model, and says so when none does', async () => {
    const { call, asked } = createFakeProvider({
      a: { answer: answers('a'), models: ['m'] },
      b: { answer: answers('b'), models: ['other'] },
    });
    for (let i = 0; i < 3; i++) await call();
    await call({ upstreamModel: 'other' });
    expect(asked().join('')).toBe('aaab');
    expect(await call({ upstreamModel: 'none' })).toMatchObject({
      ok: false,
      error: { code: 'model_not_found' },
      upstreamCalls: 0,
    });
  });

  it.each([
    ['a failure', broken],
    ['a rate limit, without the wait', rateLimited(20_000)],
    ['a refused key', unauthorised],
    ['a spent quota', spent],
  ])('goes to another one at once after %s', async (_what, first) => {
    const { call, asked } = createFakeProvider({ a: first, b: answers('b') });
    const startedAtMs = Date.now();
    expect(await call()).toMatchObject({ ok: true, modelUsed: 'b', upstreamCalls: 2 });
    expect(asked()).toEqual(['a', 'b']);
    expect(Date.now()).toBe(startedAtMs);
  });

  it('tells of the attempt before, which cost nothing because it was answered by an error', async () => {
    const { call } = createFakeProvider({ a: broken, b: answers('b') });
    expect(await call()).toMatchObject({
      otherLegs: [{ reason: 'retry', deployment: 'a', usageSource: 'none', errorCode: 'upstream_error' }],
    });
  });

  it('counts what an attempt may have cost that broke off', async () => {
    const { call } = createFakeProvider({ a: fails('upstream_malformed', { status: 200 }), b: answers('b') });
    const outcome = await call({ body: Buffer.alloc(400, 'x') });
    expect(outcome.otherLegs).toMatchObject([
      { reason: 'retry', usageSource: 'estimated', usage: { freshInputTokens: 100, outputTokens: 0 } },
    ]);
  });

  it('leaves a refused key alone for a while, all its models', async () => {
    const { call, asked, counts } = createFakeProvider({ a: unauthorised, b: answers('b') });
    for (let i = 0; i < 4; i++) await call();
    await call({ upstreamModel: 'n' });
    expect(asked().join('')).toBe('abbbbb');
    expect(counts).toMatchObject({ 'a cools upstream_auth_failed': 1 });
    jest.advanceTimersByTime(AUTH_COOL_DOWN_MS);
    await call();
    await call();
    expect(asked().slice(6)).toContain('a');
  });

  it('leaves a key alone for one model where only that one was refused', async () => {
    const { call, asked } = createFakeProvider({ a: forbidden, b: answers('b') });
    await call();
    await call();
    expect(asked().join('')).toBe('abb');
    await call({ upstreamModel: 'n' });
    expect(asked().join('')).toBe('abbab');
  });

  it('asks a key that is left alone when there is no other, and takes it back when that goes well', async () => {
    const { call, asked, setAnswer } = createFakeProvider({ a: spent, b: spent });
    expect(await call()).toMatchObject({ ok: false, error: { code: 'upstream_quota_exhausted' }, upstreamCalls: 2 });
    expect(await call()).toMatchObject({ ok: false, error: { code: 'upstream_quota_exhausted' }, upstreamCalls: 1 });
    setAnswer('a', answers('a'));
    setAnswer('b', answers('b'));
    expect(await call()).toMatchObject({ ok: true });
    const back = asked().at(-1) ?? '';
    for (let i = 0; i < 3; i++) await call();
    expect(asked().slice(-3)).toEqual([back, back, back]);
    jest.advanceTimersByTime(QUOTA_COOL_DOWN_MS);
    await call();
    await call();
    expect(new Set(asked().slice(-2))).toEqual(new Set(['a', 'b']));
  });

  it('opens the circuit of a deployment that fails, and the caller’s only when all of them are open', async () => {
    const config = { retry: { ratio: 0, reserve: 0 }, breaker: { failureThreshold: 2, openMs: 5_000 } };
    const { adapter, call, asked, counts } = createFakeProvider({ a: broken, b: answers('b') }, config);
    for (let i = 0; i < 4; i++) await call();
    expect(counts).toMatchObject({ 'a open': 1 });
    const before = asked().length;
    for (let i = 0; i < 4; i++) expect(await call()).toMatchObject({ ok: true });
    expect(asked().slice(before)).toEqual(['b', 'b', 'b', 'b']);
    expect(adapter.health()[0]).toMatchObject({ model: 'm', isBreakerOpen: false });
  });

  it('answers circuit_open with the shortest of the waits when all are open, and probes afterwards', async () => {
    const config = { retry: { ratio: 0, reserve: 0 }, breaker: { failureThreshold: 1, openMs: 5_000 } };
    const { adapter, call, counts, setAnswer } = createFakeProvider({ a: broken, b: broken }, config);
    await call();
    jest.advanceTimersByTime(1_000);
    await call();
    expect(counts).toMatchObject({ 'a open': 1, 'b open all': 1 });
    expect(await call()).toMatchObject({ ok: false, error: { code: 'circuit_open' }, retryAfterMs: 4_000 });
    expect(adapter.health()[0]).toMatchObject({ isBreakerOpen: true, retryAfterMs: 4_000 });
    setAnswer('a', answers('a'));
    jest.advanceTimersByTime(4_000);
    expect(adapter.health()[0]?.isBreakerOpen).toBe(false);
    expect(await call()).toMatchObject({ ok: true, modelUsed: 'a' });
  });

  it('retries within its budget at other deployments too', async () => {
    const config = { retry: { ratio: 0, reserve: 1 }, breaker: { failureThreshold: Infinity } };
    const { call, counts } = createFakeProvider({ a: broken, b: broken }, config);
    for (let i = 0; i < 3; i++) await call();
    expect(counts).toMatchObject({ 'retried upstream_error': 1, 'retry refused': 2 });
  });

  it('does not retry what another deployment would say as well', async () => {
    const { call, asked } = createFakeProvider({
      a: fails('context_length_exceeded', { status: 400, verdict: 'neutral' }),
      b: answers('b'),
    });
    expect(await call()).toMatchObject({ ok: false, upstreamCalls: 1 });
    expect(asked()).toEqual(['a']);
  });

  it('has places again for every call that ended, however it did', async () => {
    const throws = () => Promise.reject(new Error('defect'));
    const { adapter, call } = createFakeProvider({ a: throws, b: broken, c: unauthorised, d: answers('d', 50) });
    const left = new Cancellation();
    const pending = [call(), call(), call(), call(), call(), call({ signal: left })];
    left.abort();
    await jest.advanceTimersByTimeAsync(1_000);
    await Promise.all(pending);
    expect(adapter.health()[0]).toMatchObject({ inFlight: 0 });
    expect(adapter.lanes().every(({ inFlight, queued }) => inFlight === 0 && queued === 0)).toBe(true);
  });
});
