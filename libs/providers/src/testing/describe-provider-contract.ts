import type { Dialect } from '@costlane/contracts';
import { errorTable } from '@costlane/domain';
import { Cancellation } from '@costlane/resilience';
import { waitFor, type Behaviour, type Stats } from '@costlane/testing';
import type { ProviderAdapter, ProviderOutcome, ProviderRequest, ProviderSink, ProviderSuccess } from '../provider';
import type { ProviderConfig } from '../provider-config';
import { createCollectingSink } from './collecting-sink';

/** A provider with an upstream that can be told how to behave. */
export interface ProviderUnderTest {
  adapter: ProviderAdapter;
  setBehaviour(behaviour: Behaviour): void;
  stats(): Stats;
  /** Its streams report usage whether they are asked to or not. */
  alwaysReportsUsage?: boolean;
  /** Of its requests and answers; by default chat completions. */
  dialect?: Dialect;
  /** A dialect that it does not take; by default embeddings. */
  strangeDialect?: Dialect;
  /** Events of its streams before the first with content; by default one. */
  leadEvents?: number;
  /** A short request in the provider's dialect. */
  body(options: { stream: boolean }): Buffer;
  /** Stops the upstream; what connects afterwards is refused. */
  stopUpstream(): Promise<void>;
  close(): Promise<void>;
}

export type ProviderConfigForTest = Pick<ProviderConfig, 'retry' | 'breaker' | 'maxResponseBytes'>;

const quickRetry: ProviderConfigForTest = { retry: { baseDelayMs: 5 } };

/** What every provider adapter has to do, whatever it speaks to. For specs only. */
export function describeProviderContract(
  name: string,
  create: (config: ProviderConfigForTest) => Promise<ProviderUnderTest>,
): void {
  describe(`${name}: provider contract`, () => {
    let provider: ProviderUnderTest;
    let requests = 0;

    beforeEach(async () => {
      provider = await create(quickRetry);
    });
    afterEach(() => provider.close());

    const requestOf = (request: Partial<ProviderRequest> = {}): ProviderRequest => ({
      requestId: `request-${requests++}`,
      dialect: provider.dialect ?? 'openai.chat',
      upstreamModel: 'gpt-4o-mini',
      stream: false,
      body: provider.body({ stream: request.stream ?? false }),
      deadlineAtMs: Date.now() + 5_000,
      signal: new Cancellation(),
      ...request,
    });
    const call = (request: Partial<ProviderRequest> = {}, sink: ProviderSink = createCollectingSink()) =>
      provider.adapter.execute(requestOf(request), sink);

    describeAnswers({ call, provider: () => provider });
    describeFailures({ call, provider: () => provider });
    describeEndings({ call, provider: () => provider });
    describeBreaker(create, requestOf, (next) => {
      const previous = provider;
      provider = next;
      return previous.close();
    });
  });
}

interface Calls {
  call(request?: Partial<ProviderRequest>, sink?: ProviderSink): Promise<ProviderOutcome>;
  provider(): ProviderUnderTest;
}

function describeAnswers({ call, provider }: Calls): void {
  it('gives the whole answer with model, usage and finish reason', async () => {
    provider().setBehaviour({ promptTokens: 2_006, cachedTokens: 1_920, outputTokens: 30 });
    const outcome = succeeded(await call());
    expect(outcome).toMatchObject({
      status: 200,
      modelUsed: 'gpt-4o-mini',
      usage: { freshInputTokens: 86, cacheReadTokens: 1_920, outputTokens: 30 },
      usageSource: 'provider',
      finishReason: 'stop',
      upstreamCalls: 1,
      isCacheable: true,
    });
    expect(outcome.contentType).toMatch(/^application\/json/);
    expect(JSON.parse(String(outcome.body))).toMatchObject({ model: 'gpt-4o-mini' });
    expect(outcome.latencyMs).toBeGreaterThan(0);
  });

  it('passes a stream on as whole events, with the facts of the answer', async () => {
    provider().setBehaviour({ chunks: 7, chunkIntervalMs: 3, outputTokens: 40 });
    const sink = createCollectingSink();
    const outcome = succeeded(await call({ stream: true }, sink));
    expect(sink.heads).toEqual([{ status: 200, contentType: expect.stringMatching(/^text\/event-stream/) }]);
    expect(sink.events().length).toBeGreaterThanOrEqual(8);
    for (const chunk of sink.chunks) expect(chunk.toString().endsWith('\n\n')).toBe(true);
    expect(outcome).toMatchObject({
      usage: { outputTokens: 40 },
      usageSource: 'provider',
      finishReason: 'stop',
      deliveredChars: 160,
      isCacheable: true,
    });
    expect(outcome.timeToFirstTokenMs).toBeLessThan(outcome.latencyMs);
    expect(outcome.body).toBeUndefined();
  });

  it('knows the usage of a stream that was not asked for it, estimated where the provider reports none', async () => {
    provider().setBehaviour({ outputTokens: 40 });
    const body = JSON.parse(provider().body({ stream: true }).toString()) as Record<string, unknown>;
    const outcome = succeeded(
      await call({ stream: true, body: Buffer.from(JSON.stringify({ ...body, stream_options: undefined })) }),
    );
    const usageSource = provider().alwaysReportsUsage ? 'provider' : 'estimated';
    expect(outcome).toMatchObject({ usageSource, usage: { outputTokens: 40 } });
    expect(outcome.usage?.freshInputTokens).toBeGreaterThan(0);
  });

  it('waits for a sink that is full, and goes on when it is told to', async () => {
    provider().setBehaviour({ chunks: 60, chunkIntervalMs: 1, outputTokens: 240 });
    let resume: (() => void) | undefined;
    const sink = createCollectingSink(() => resume !== undefined);
    sink.onResume = (callback) => {
      resume ??= callback;
    };
    const finished = call({ stream: true }, sink);
    await waitFor(() => resume !== undefined);
    await waitFor(() => provider().stats().inFlight === 0);
    expect(sink.events().length).toBeLessThan(30);
    resume?.();
    expect(await finished).toMatchObject({ ok: true, deliveredChars: 960, isCacheable: true });
  });
}

function describeFailures({ call, provider }: Calls): void {
  it.each([
    ['429', { status: 429 }, 'upstream_rate_limited', 2],
    ['500', { status: 500 }, 'upstream_error', 2],
    ['503', { status: 503 }, 'upstream_overloaded', 2],
    ['529', { status: 529 }, 'upstream_overloaded', 2],
    ['a spent quota', { errorType: 'insufficient_quota' }, 'upstream_quota_exhausted', 1],
    ['bad credentials', { errorType: 'invalid_api_key' }, 'upstream_auth_failed', 1],
    ['a prompt that is too long', { errorType: 'context_length_exceeded' }, 'context_length_exceeded', 1],
    ['broken JSON', { malformed: true }, 'upstream_malformed', 2],
    ['an answer cut short', { truncate: true }, 'upstream_malformed', 2],
  ] as const)('names %s, and asks as often as that calls for', async (_name, behaviour, code, upstreamCalls) => {
    provider().setBehaviour(behaviour);
    const outcome = failed(await call());
    expect(outcome).toMatchObject({ error: { code }, upstreamCalls, usageSource: 'none', hasDelivered: false });
    expect(provider().stats().totalCalls).toBe(upstreamCalls);
  });

  it('shows the client what the provider says about its request', async () => {
    provider().setBehaviour({ errorType: 'context_length_exceeded' });
    const outcome = failed(await call());
    expect(outcome.error.message).toMatch(/maximum context length/);
    expect(outcome.status).toBe(400);
    expect(JSON.parse(String(outcome.body))).toMatchObject({ error: { code: 'context_length_exceeded' } });
  });

  it('answers well after one failure', async () => {
    const failures: Behaviour[] = [{ status: 500 }, { status: 503 }, { malformed: true }, { truncate: true }];
    for (const failure of failures) {
      provider().setBehaviour({ ...failure, failTimes: 1 });
      expect(await call()).toMatchObject({ ok: true, upstreamCalls: 2, isCacheable: true });
    }
    // In a burst the broken event comes in the same tick as those before it: nothing has been passed on yet.
    for (const failure of [{ status: 500 }, { status: 503 }, { malformed: true }] as Behaviour[]) {
      provider().setBehaviour({ ...failure, failTimes: 1 });
      const sink = createCollectingSink();
      expect(await call({ stream: true }, sink)).toMatchObject({ ok: true, upstreamCalls: 2, isCacheable: true });
      expect(sink.heads).toHaveLength(1);
    }
  });

  it('waits as long as the provider asks before it tries again', async () => {
    provider().setBehaviour({ status: 429, retryAfter: 0.3, failTimes: 1 });
    const outcome = succeeded(await call());
    expect(outcome.upstreamCalls).toBe(2);
    expect(outcome.latencyMs).toBeGreaterThanOrEqual(290);
  });

  it('does not try again when the provider asks for a wait beyond the deadline, and hands the wait on', async () => {
    provider().setBehaviour({ status: 429, retryAfter: 30 });
    expect(failed(await call())).toMatchObject({
      error: { code: 'upstream_rate_limited', retryAfterMs: 30_000 },
      retryAfterMs: 30_000,
      upstreamCalls: 1,
    });
  });

  it('asks for what a stream that broke off has delivered, and never starts it again', async () => {
    provider().setBehaviour({ cutAfter: 806, chunks: 1_000, outputTokens: 1_000 });
    const sink = createCollectingSink();
    const outcome = failed(await call({ stream: true }, sink));
    expect(outcome).toMatchObject({
      error: { code: 'stream_interrupted' },
      hasDelivered: true,
      usageSource: 'estimated',
      deliveredChars: 806 * 4,
      usage: { outputTokens: 806 },
      upstreamCalls: 1,
    });
    expect(outcome.usage?.freshInputTokens).toBeGreaterThan(0);
    expect(sink.events()).toHaveLength(806 + (provider().leadEvents ?? 1));
  });

  it('ends a stream before a broken event', async () => {
    provider().setBehaviour({ malformed: true, chunks: 6, chunkIntervalMs: 5 });
    const sink = createCollectingSink();
    const outcome = failed(await call({ stream: true }, sink));
    expect(outcome).toMatchObject({ error: { code: 'upstream_malformed' }, hasDelivered: true, upstreamCalls: 1 });
    expect(sink.events().length).toBeGreaterThanOrEqual(2);
  });

  it('refuses a dialect that it does not take, and asks nobody', async () => {
    const dialect = provider().strangeDialect ?? 'openai.embeddings';
    expect(failed(await call({ dialect }))).toMatchObject({ error: { code: 'invalid_request' }, upstreamCalls: 0 });
    expect(provider().stats().totalCalls).toBe(0);
  });

  it('names a provider that cannot be reached', async () => {
    await provider().stopUpstream();
    expect(failed(await call())).toMatchObject({ error: { code: 'upstream_unreachable' }, upstreamCalls: 2 });
  });
}

function describeEndings({ call, provider }: Calls): void {
  it.each([
    ['hangs', { hang: true }],
    ['is slower than the deadline', { latencyMs: 3_000 }],
    ['sends headers and then nothing', { firstByteMs: 3_000 }],
  ])('gives up at the deadline when the provider %s', async (_name, behaviour) => {
    provider().setBehaviour(behaviour);
    for (const stream of [false, true]) {
      const startMs = performance.now();
      const outcome = failed(await call({ stream, deadlineAtMs: Date.now() + 120 }));
      expect(outcome).toMatchObject({ error: { code: 'upstream_timeout' }, upstreamCalls: 1, hasDelivered: false });
      expect(performance.now() - startMs).toBeLessThan(1_000);
    }
    await waitFor(() => provider().stats().abortedByClient === 2);
  });

  it('ends a stream at the deadline and asks for what was delivered', async () => {
    provider().setBehaviour({ chunks: 100, chunkIntervalMs: 20 });
    const outcome = failed(await call({ stream: true, deadlineAtMs: Date.now() + 200 }));
    expect(outcome).toMatchObject({
      error: { code: 'deadline_exceeded' },
      hasDelivered: true,
      usageSource: 'estimated',
    });
  });

  it('does not ask at all when the deadline has passed or the client has gone', async () => {
    const gone = new Cancellation();
    gone.abort();
    const late = failed(await call({ deadlineAtMs: Date.now() - 1 }));
    expect(late).toMatchObject({ error: { code: 'deadline_exceeded' }, upstreamCalls: 0 });
    expect(failed(await call({ signal: gone }))).toMatchObject({ error: { code: 'cancelled' }, upstreamCalls: 0 });
    expect(provider().stats().totalCalls).toBe(0);
  });

  it('leaves the provider at once when the client goes, before the answer and in the middle of it', async () => {
    provider().setBehaviour({ latencyMs: 5_000 });
    const before = new AbortController();
    const waiting = call({ signal: before.signal });
    await waitFor(() => provider().stats().inFlight === 1);
    before.abort();
    expect(failed(await waiting)).toMatchObject({ error: { code: 'cancelled' }, hasDelivered: false });
    provider().setBehaviour({ chunks: 1_000, chunkIntervalMs: 10 });
    const during = new Cancellation();
    const sink = createCollectingSink(() => during.abort());
    expect(failed(await call({ stream: true, signal: during }, sink))).toMatchObject({
      error: { code: 'cancelled' },
      hasDelivered: true,
      usageSource: 'estimated',
    });
    await waitFor(() => provider().stats().abortedByClient === 2, { timeoutMs: 250 });
    expect(sink.chunks).toHaveLength(1);
  });

  it('is cancelled while it waits for its second attempt', async () => {
    provider().setBehaviour({ status: 429, retryAfter: 3 });
    const client = new Cancellation();
    const startMs = performance.now();
    const waiting = call({ signal: client });
    await waitFor(() => provider().stats().totalCalls === 1 && provider().stats().inFlight === 0);
    client.abort();
    expect(failed(await waiting)).toMatchObject({ error: { code: 'cancelled' }, upstreamCalls: 1 });
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it('ends calls in flight when it is closed', async () => {
    provider().setBehaviour({ hang: true });
    const waiting = call();
    await waitFor(() => provider().stats().inFlight === 1);
    await provider().adapter.close();
    const { error } = failed(await waiting);
    expect(errorTable[error.code].httpStatus).toBeGreaterThanOrEqual(500);
  });
}

function describeBreaker(
  create: (config: ProviderConfigForTest) => Promise<ProviderUnderTest>,
  requestOf: (request?: Partial<ProviderRequest>) => ProviderRequest,
  replace: (provider: ProviderUnderTest) => Promise<void>,
): void {
  it('gives a model that fails a rest, probes it, and leaves other models alone', async () => {
    const provider = await create({
      retry: { reserve: 0, ratio: 0 },
      breaker: { failureThreshold: 3, openMs: 200 },
    });
    await replace(provider);
    const call = (request: Partial<ProviderRequest> = {}) =>
      provider.adapter.execute(requestOf(request), createCollectingSink());
    provider.setBehaviour({ status: 500 });
    for (let i = 0; i < 3; i++) expect(failed(await call()).error.code).toBe('upstream_error');
    const refusal = failed(await call());
    expect(refusal).toMatchObject({ error: { code: 'circuit_open' }, upstreamCalls: 0 });
    expect(refusal.retryAfterMs).toBeGreaterThan(0);
    expect(refusal.error.retryAfterMs).toBe(refusal.retryAfterMs);
    provider.setBehaviour({});
    expect(await call({ upstreamModel: 'another' })).toMatchObject({ ok: true });
    await waitFor(async () => (await call()).ok);
    expect(await call()).toMatchObject({ ok: true });
  });

  it('does not open for what clients do wrong, nor for deadlines that leave no time', async () => {
    const provider = await create({
      retry: { reserve: 0, ratio: 0 },
      breaker: { failureThreshold: 2, openMs: 60_000 },
    });
    await replace(provider);
    const call = (request: Partial<ProviderRequest> = {}) =>
      provider.adapter.execute(requestOf(request), createCollectingSink());
    provider.setBehaviour({ errorType: 'context_length_exceeded' });
    for (let i = 0; i < 4; i++) await call();
    provider.setBehaviour({ hang: true });
    await Promise.all(Array.from({ length: 4 }, () => call({ deadlineAtMs: Date.now() + 50 })));
    provider.setBehaviour({});
    expect(await call()).toMatchObject({ ok: true });
  });
}

function succeeded(outcome: ProviderOutcome): ProviderSuccess {
  if (!outcome.ok) throw outcome.error;
  return outcome;
}

function failed(outcome: ProviderOutcome) {
  if (outcome.ok) throw new Error('the call should have failed');
  return outcome;
}
