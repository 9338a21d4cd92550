import { addUsage, CostlaneError, emptyUsage, type TokenUsage } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import type { ProviderOutcome, ProviderRequest } from '@costlane/providers';
import { Cancellation } from '@costlane/resilience';
import { sampleJobHeader, waitFor } from '@costlane/testing';
import { failure, fakeAdapter, success } from '../testing/fakes';
import { createEmbeddingArrays, type EmbeddingArraysOptions } from './embedding-arrays';

interface AskedBody {
  input: string | string[];
  dimensions?: number;
}

const inputsOf = ({ body }: ProviderRequest): string[] => [(JSON.parse(body.toString()) as AskedBody).input].flat();

/** A vector that tells which text it is of; a token a character. */
function answered(request: ProviderRequest, promptTokens = inputsOf(request).join('').length): ProviderOutcome {
  const data = inputsOf(request).map((text, index) => ({ object: 'embedding', index, embedding: [text.length, text] }));
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
  const body = Buffer.from(JSON.stringify({ object: 'list', data, model: 'm', usage }));
  return success({ body, usage: { ...emptyUsage, freshInputTokens: promptTokens }, latencyMs: 9 });
}

const rejected = () =>
  failure({ error: new CostlaneError('upstream_rejected', 'No.'), status: 400, body: Buffer.from('{}') });

function start(options: Partial<EmbeddingArraysOptions> = {}) {
  const held: { request: ProviderRequest; end: (outcome?: ProviderOutcome) => void }[] = [];
  const { adapter, asked } = fakeAdapter(
    (request) =>
      new Promise((resolve) => held.push({ request, end: (outcome = answered(request)) => resolve(outcome) })),
  );
  const metrics = createMetrics({ service: 'spec' });
  const call = createEmbeddingArrays({ metrics, callsAtOnce: 2, ...options });
  const sink = { head: () => undefined, chunk: () => true };
  let count = 0;
  const ask = (
    input: unknown,
    request: Partial<ProviderRequest> = {},
    { tenantId = 'acme', isHoldout, ...parameters }: { tenantId?: string; isHoldout?: true; dimensions?: number } = {},
  ) => {
    const signal = new Cancellation();
    const full: ProviderRequest = {
      requestId: `r${count++}`,
      dialect: 'openai.embeddings',
      upstreamModel: 'm',
      stream: false,
      body: Buffer.from(JSON.stringify({ model: 'm', input, ...parameters })),
      deadlineAtMs: Date.now() + 60_000,
      signal,
      ...request,
    };
    const header = sampleJobHeader({ tenantId, dialect: full.dialect, upstreamModel: full.upstreamModel, isHoldout });
    return { outcome: call(header, adapter, full, sink), cancel: () => signal.abort(), body: full.body };
  };
  /** Keeps two calls under way, so that whatever comes is gathered. */
  const busy = async () => {
    const first = [ask('first'), ask('second')];
    await waitFor(() => held.length === 2);
    return async () => {
      for (const each of held.splice(0)) each.end();
      await Promise.all(first.map(({ outcome }) => outcome));
    };
  };
  const counted = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'm').exec(await metrics.registry.metrics())?.[1] ?? 0);
  return { ask, asked, held, busy, counted };
}

const vectorsOf = (outcome: ProviderOutcome) => {
  const { data, usage } = JSON.parse(String(outcome.body)) as {
    data: { index: number; embedding: [number, string] }[];
    usage: { prompt_tokens: number };
  };
  return { texts: data.map(({ embedding }) => embedding[1]), indexes: data.map(({ index }) => index), usage };
};

describe('embedding requests', () => {
  it('that are held out go at once and alone, whatever is under way', async () => {
    const { ask, asked, busy } = start();
    const release = await busy();
    const held = ask('held', {}, { isHoldout: true });
    expect(asked.at(-1)?.body).toBe(held.body);
    await release();
  });

  it('go at once and as they are while fewer than two are under way', async () => {
    const { ask, asked, held } = start();
    const requests = [ask('a'), ask('b')];
    expect(asked.map(({ body }) => body)).toEqual(requests.map(({ body }) => body));
    for (const { end } of held) end();
    expect((await Promise.all(requests.map(({ outcome }) => outcome))).map((each) => each.ok)).toEqual([true, true]);
  });

  it('that come meanwhile go together as one call, and each gets its own vectors and its own usage', async () => {
    const { ask, asked, held, busy, counted } = start();
    const end = await busy();
    const requests = [ask('aaaa'), ask(['bbbbbbbb', 'c']), ask('ddddddddddddddddddddd')];
    await end();
    const array = await waitFor(() => held[0]);
    expect(asked).toHaveLength(3);
    expect(inputsOf(array.request)).toEqual(['aaaa', 'bbbbbbbb', 'c', 'ddddddddddddddddddddd']);
    array.end(answered(array.request, 100));
    const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
    expect(outcomes.map((outcome) => vectorsOf(outcome).texts)).toEqual([
      ['aaaa'],
      ['bbbbbbbb', 'c'],
      ['ddddddddddddddddddddd'],
    ]);
    expect(outcomes.map((outcome) => vectorsOf(outcome).indexes)).toEqual([[0], [0, 1], [0]]);
    expect(outcomes.map(({ upstreamCalls }) => upstreamCalls)).toEqual([1, 0, 0]);
    const usages = outcomes.flatMap(({ usage }) => usage ?? []);
    // 1, 2 + 1 and 6 tokens by our estimate, of 100 by the provider's count.
    expect(usages.map(({ freshInputTokens }) => freshInputTokens)).toEqual([10, 30, 60]);
    expect(outcomes.map((outcome) => vectorsOf(outcome).usage.prompt_tokens)).toEqual([10, 30, 60]);
    expect(await counted('costlane_embedding_arrays_total')).toBe(1);
    expect(await counted('costlane_embedding_array_requests_total')).toBe(3);
    expect(await counted('costlane_embedding_array_inputs_total')).toBe(4);
  });

  it('of other tenants, models or parameters do not go along', async () => {
    const { ask, asked, held, busy } = start();
    const end = await busy();
    const others = [ask('t', {}, { tenantId: 'other' }), ask('u', { upstreamModel: 'other' })];
    expect(asked).toHaveLength(4);
    const [plain, short] = [ask('plain'), ask('short', {}, { dimensions: 2 } as object)];
    expect(asked).toHaveLength(4);
    await end();
    await waitFor(() => held.length === 2);
    expect(held.map(({ request }) => inputsOf(request))).toEqual([['plain'], ['short']]);
    for (const each of held.splice(0)) each.end();
    await Promise.all([...others, plain, short].map(({ outcome }) => outcome));
  });

  it('of other dialects pass through', async () => {
    const { ask, asked, held } = start();
    const requests = [1, 2, 3].map(() => ask('a', { dialect: 'openai.chat' }));
    expect(asked).toHaveLength(3);
    for (const { end } of held) end();
    await Promise.all(requests.map(({ outcome }) => outcome));
  });

  it('go in as many calls as they need, within the bounds of one', async () => {
    const limits = { inputs: 4, tokens: 1_000, requestBytes: 10_000, answerBytes: 10_000_000 };
    const { ask, held, busy } = start({ limits });
    const end = await busy();
    const requests = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => ask(text));
    await end();
    await waitFor(() => held.length === 2);
    expect(held.map(({ request }) => inputsOf(request))).toEqual([
      ['a', 'b', 'c', 'd'],
      ['e', 'f'],
    ]);
    for (const each of held.splice(0)) each.end();
    const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
    expect(outcomes.map((outcome) => vectorsOf(outcome).texts)).toEqual([['a'], ['b'], ['c'], ['d'], ['e'], ['f']]);
  });

  it('are bounded by how long answers turned out to be', async () => {
    const limits = { inputs: 100, tokens: 10_000, requestBytes: 100_000, answerBytes: 300_000 };
    const { ask, held, busy } = start({ limits });
    const end = await busy();
    // Four answers of the longest vectors would be too long; this one's are short.
    const first = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => ask(text));
    await end();
    await waitFor(() => held.length === 2);
    expect(held.map(({ request }) => inputsOf(request).length)).toEqual([4, 2]);
    const second = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => ask(text));
    for (const each of held.splice(0)) each.end();
    const array = await waitFor(() => held[0]);
    expect(inputsOf(array.request)).toHaveLength(6);
    array.end();
    await Promise.all([...first, ...second].map(({ outcome }) => outcome));
  });

  it('that nearly fill a call by themselves, cannot be read or are in a hurry, do not wait', async () => {
    const { ask, asked, held, busy } = start();
    await busy();
    const large = ask(Array.from({ length: 1_500 }, () => 'x'));
    const broken = ask('', { body: Buffer.from('{') });
    const hurried = ask('express', { priority: 'express' });
    expect(asked).toHaveLength(5);
    for (const each of held.splice(0)) each.end(success());
    await Promise.all([large.outcome, broken.outcome, hurried.outcome]);
  });

  it('do not wait for calls that hang', async () => {
    const { ask, held, busy } = start({ maxWaitMs: 30 });
    await busy();
    const [one, two] = [ask('a'), ask('b')];
    const array = await waitFor(() => held[2]);
    expect(inputsOf(array.request)).toEqual(['a', 'b']);
    for (const each of held.splice(0)) each.end();
    expect(await Promise.all([one.outcome, two.outcome])).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it('whose client leaves while they wait are not asked for', async () => {
    const { ask, held, busy } = start();
    const end = await busy();
    const [left, stays] = [ask('left'), ask('stays')];
    left.cancel();
    expect(await left.outcome).toMatchObject({ ok: false, error: { code: 'cancelled' }, upstreamCalls: 0 });
    await end();
    const array = await waitFor(() => held[0]);
    expect(inputsOf(array.request)).toEqual(['stays']);
    array.end();
    expect((await stays.outcome).ok).toBe(true);
  });

  it('whose client leaves during the call keep their share of it, and the call goes on for the others', async () => {
    const { ask, held, busy } = start();
    const end = await busy();
    const deadlineAtMs = Date.now() + 40;
    const requests = [ask('aaaa'), ask('bbbb'), ask('late', { deadlineAtMs })];
    await end();
    const array = await waitFor(() => held[0]);
    requests[0]?.cancel();
    expect(array.request.signal.aborted).toBe(false);
    expect(array.request.deadlineAtMs).toBeGreaterThan(Date.now() + 30_000);
    await waitFor(() => Date.now() >= deadlineAtMs);
    array.end();
    const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
    expect(outcomes).toMatchObject([
      { ok: false, error: { code: 'cancelled' }, usageSource: 'provider', usage: { freshInputTokens: 4 } },
      { ok: true, usage: { freshInputTokens: 4 } },
      { ok: false, error: { code: 'deadline_exceeded' }, usageSource: 'provider', usage: { freshInputTokens: 4 } },
    ]);
    expect(outcomes.map(({ upstreamCalls }) => upstreamCalls)).toEqual([1, 0, 0]);
  });

  it('end with the call when all their clients have left', async () => {
    const { ask, held, busy } = start();
    const end = await busy();
    const requests = [ask('a'), ask('b')];
    await end();
    const array = await waitFor(() => held[0]);
    for (const { cancel } of requests) cancel();
    expect(array.request.signal.aborted).toBe(true);
    array.end(failure({ error: new CostlaneError('cancelled', 'Gone.') }));
    const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
    expect(outcomes).toMatchObject([{ error: { code: 'cancelled' } }, { error: { code: 'cancelled' } }]);
  });

  it.each([
    ['upstream_rate_limited', 429],
    ['upstream_error', 500],
    ['upstream_auth_failed', 401],
  ] as const)('all hear of a failure that is nobody’s fault: %s', async (code, status) => {
    const { ask, asked, held, busy } = start();
    const end = await busy();
    const requests = [ask('a'), ask('b')];
    await end();
    const array = await waitFor(() => held[0]);
    const error = new CostlaneError(code, 'No.', { retryAfterMs: 500 });
    array.end(failure({ error, status, upstreamCalls: 2, retryAfterMs: 500 }));
    const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
    expect(outcomes).toMatchObject([
      { error: { code }, retryAfterMs: 500, upstreamCalls: 2 },
      { error: { code }, retryAfterMs: 500, upstreamCalls: 0 },
    ]);
    expect(asked).toHaveLength(3);
  });

  it('are not spoilt by one that the provider turns down', async () => {
    const { ask, asked, held, busy, counted } = start();
    const end = await busy();
    const texts = ['a', 'b', 'bad', 'd', 'e'];
    const requests = texts.map((text) => ask(text));
    await end();
    let isDone = false;
    const all = Promise.all(requests.map(({ outcome }) => outcome)).finally(() => (isDone = true));
    while (!isDone) {
      await waitFor(() => held.length > 0 || isDone);
      for (const { request, end: finish } of held.splice(0))
        finish(inputsOf(request).includes('bad') ? rejected() : answered(request));
    }
    const outcomes = await all;
    expect(outcomes.map((outcome) => (outcome.ok ? vectorsOf(outcome).texts[0] : outcome.error.code))).toEqual([
      ...['a', 'b', 'upstream_rejected', 'd', 'e'],
    ]);
    // Five, then three and two, two and one: a logarithm, not one call for each.
    expect(asked.slice(2).map((request) => inputsOf(request).length)).toEqual([5, 3, 2, 2, 1]);
    expect(outcomes.reduce((sum, { upstreamCalls }) => sum + upstreamCalls, 0)).toBe(5);
    expect(await counted('costlane_fallback_total')).toBeGreaterThanOrEqual(2);
  });

  it('are asked anew for what came without a vector for each, and pay for it all the same', async () => {
    const { ask, held, busy } = start();
    const end = await busy();
    const requests = [ask('aaaa'), ask('bbbb')];
    await end();
    const array = await waitFor(() => held[0]);
    const body = Buffer.from('{"data":[{"index":0,"embedding":[1]}]}');
    held.splice(0);
    array.end(success({ body, usage: { ...emptyUsage, freshInputTokens: 10 } }));
    await waitFor(() => held.length === 2);
    for (const each of held.splice(0)) each.end();
    const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
    const leg = { reason: 'retry', errorCode: 'upstream_malformed', usage: { freshInputTokens: 5 } };
    expect(outcomes).toMatchObject([
      { ok: true, upstreamCalls: 2, otherLegs: [leg] },
      { ok: true, upstreamCalls: 1, otherLegs: [leg] },
    ]);
  });

  it('share what retries of their call cost', async () => {
    const { ask, held, busy } = start();
    const end = await busy();
    const requests = [ask('aaaa'), ask('bbbb')];
    await end();
    const array = await waitFor(() => held[0]);
    const usage: TokenUsage = { ...emptyUsage, freshInputTokens: 3 };
    const otherLegs = [{ reason: 'retry' as const, usage, usageSource: 'estimated' as const, latencyMs: 1 }];
    array.end({ ...answered(array.request), upstreamCalls: 2, otherLegs });
    const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
    const paid = outcomes.flatMap((outcome) => outcome.otherLegs ?? []).flatMap((leg) => leg.usage ?? []);
    expect(paid.reduce((sum, each) => addUsage(sum, each))).toEqual(usage);
  });

  it('may have a slower service tier only where all of them said that they can wait, and go with the most urgent', async () => {
    const { ask, held, busy } = start();
    const end = await busy();
    const requests = [ask('a', { priority: 'batch', isDeadlineExplicit: true }), ask('b', { priority: 'standard' })];
    await end();
    const array = await waitFor(() => held[0]);
    expect([array.request.priority, array.request.isDeadlineExplicit]).toEqual(['standard', undefined]);
    array.end();
    await Promise.all(requests.map(({ outcome }) => outcome));
  });

  it('all end where the way to the provider throws', async () => {
    let isThrowing = false;
    const { ask, held, busy } = start({
      inner: (_header, adapter, request, sink) =>
        isThrowing ? Promise.reject(new Error('defect')) : adapter.execute(request, sink),
    });
    const end = await busy();
    const requests = [ask('a'), ask('b')];
    isThrowing = true;
    await end();
    const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
    expect(outcomes).toMatchObject([{ error: { code: 'internal' } }, { error: { code: 'internal' } }]);
    expect(held).toEqual([]);
  });
});
