import { CostlaneError, PrefixTracker, type LeaderGateOptions } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import type { ProviderRequest, ProviderSink } from '@costlane/providers';
import { Cancellation } from '@costlane/resilience';
import { sampleJobHeader, waitFor } from '@costlane/testing';
import { failure, fakeAdapter, samplePrice, sampleUsage, streamed, success, type FakeCall } from '../testing/fakes';
import { createPrefixMetrics } from './prefix-metrics';
import { createPrefixTier, type MarkingRequest } from './prefix-tier';

const noSink: ProviderSink = { head: () => undefined, chunk: () => true };
const bodyOf = (question: string, systemBytes = 6_000, more = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      model: 'm',
      messages: [
        { role: 'system', content: 'rules '.repeat(systemBytes / 6) },
        { role: 'user', content: question },
      ],
      ...more,
    }),
  );
const keyOf = (request: ProviderRequest | undefined) =>
  (JSON.parse(String(request?.body)) as Record<string, unknown>)['prompt_cache_key'];

const price = {
  ...samplePrice,
  perMillion: { freshInput: '3', cacheRead: '0.3', cacheWriteShort: '3.75', cacheWriteLong: '6', output: '15' },
};

function tierWith(call: FakeCall = async () => success(), gate: LeaderGateOptions = {}, provider = 'openai') {
  const metrics = createMetrics({ service: 'spec' });
  const { adapter, asked } = fakeAdapter(call);
  const clock = { nowMs: Date.now() };
  const tier = createPrefixTier({
    traits: new Map([
      ['openai', { promptCacheKey: true }],
      ['vllm', { cacheSalt: true }],
      ['anthropic', { cacheControl: true }],
    ]),
    tracker: new PrefixTracker(),
    metrics: createPrefixMetrics(metrics),
    saltSecret: 's',
    gate,
    now: () => clock.nowMs,
  });
  const ask = (body: Buffer, header = {}, signal = new Cancellation(), sink = noSink) => {
    const job = sampleJobHeader({ provider, upstreamModel: 'm', ...header });
    const { requestId, dialect, upstreamModel, stream, deadlineAtMs } = job;
    return tier(job, adapter, { requestId, dialect, upstreamModel, stream, body, deadlineAtMs, signal }, sink, price);
  };
  const metric = async (name: string) =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));
  return { ask, asked, metric, clock };
}

/** Calls that end one by one, as the test says. */
function heldCalls() {
  const held: {
    end: (outcome?: ReturnType<typeof success> | ReturnType<typeof failure>) => void;
    sink: ProviderSink;
  }[] = [];
  const call: FakeCall = (_, sink) =>
    new Promise((resolve) => held.push({ end: (outcome = success()) => resolve(outcome), sink }));
  return { call, held };
}

describe('the prefix tier', () => {
  it('gives long prompts of one application one cache key, by tenant', async () => {
    const { ask, asked } = tierWith();
    await ask(bodyOf('a'));
    await ask(bodyOf('b'));
    await ask(bodyOf('a'), { tenantId: 'other' });
    const [a, b, other] = asked.map(keyOf);
    expect(a).toMatch(/^[\w-]{22}$/);
    expect([b, other === a]).toEqual([a, false]);
  });

  it('leaves short prompts, a caller’s own key, and providers that it knows nothing of untouched', async () => {
    const { ask, asked } = tierWith();
    const bodies = [bodyOf('a', 600), bodyOf('a', 6_000, { prompt_cache_key: 'mine' }), Buffer.from('x'.repeat(9_000))];
    for (const body of bodies) await ask(body);
    await ask(bodies[1] ?? Buffer.alloc(0), { provider: 'elsewhere' });
    expect(asked.map(({ body }) => body)).toEqual([...bodies, bodies[1]]);
    asked.forEach(({ body }, i) => expect(body).toBe(i < 3 ? bodies[i] : bodies[1]));
  });

  it('salts every prompt for vLLM by tenant', async () => {
    const { ask, asked } = tierWith(undefined, undefined, 'vllm');
    await ask(bodyOf('a', 60));
    await ask(bodyOf('a'), { tenantId: 'other' });
    await ask(bodyOf('b'));
    const salts = asked.map(({ body }) => (JSON.parse(body.toString()) as { cache_salt: string }).cache_salt);
    expect(salts[0]).toMatch(/^[\w-]{22}$/);
    expect([salts[2] === salts[0], salts[1] === salts[0]]).toEqual([true, false]);
  });

  it('leaves what is held out as it came, but for the salt that keeps tenants apart', async () => {
    const { call, held } = heldCalls();
    const { ask, asked } = tierWith(call);
    // Nobody leads, and nobody waits.
    const calls = ['a', 'b'].map((question) => ask(bodyOf(question), { isHoldout: true }));
    expect(asked.map(keyOf)).toEqual([undefined, undefined]);
    held.forEach(({ end }) => end());
    await Promise.all(calls);
    const marking = tierWith(undefined, undefined, 'anthropic');
    await marking.ask(bodyOf('a'), { isHoldout: true });
    expect(marking.asked[0]).not.toHaveProperty('markPrompt');
    const salted = tierWith(undefined, undefined, 'vllm');
    await salted.ask(bodyOf('a'), { isHoldout: true });
    expect(salted.asked[0]?.body.toString()).toContain('"cache_salt"');
  });

  it('sends the first of a cold prefix alone, and the others when a stream begins', async () => {
    const { call, held } = heldCalls();
    const { ask, asked, metric } = tierWith(call);
    const all = ['a', 'b', 'c'].map((question) => ask(bodyOf(question), { stream: true }));
    await waitFor(() => held.length === 1);
    held[0]?.sink.head({ status: 200, contentType: 'text/event-stream' });
    await waitFor(() => held.length === 3);
    held.forEach(({ end }) => end(streamed()));
    await Promise.all(all);
    expect(asked.length).toBe(3);
    expect(await metric('costlane_prefix_leaders_total')).toEqual([expect.stringMatching(/ 1$/)]);
    expect(await metric('costlane_prefix_follower_wait_latency_seconds_count')).toEqual([expect.stringMatching(/ 2$/)]);
    // It is cached now: nobody waits any more.
    const later = [ask(bodyOf('d')), ask(bodyOf('e'))];
    await waitFor(() => held.length === 5);
    held.forEach(({ end }) => end());
    await Promise.all(later);
  });

  it('lets the next one lead when the leader fails', async () => {
    const { call, held } = heldCalls();
    const { ask } = tierWith(call);
    const all = ['a', 'b', 'c'].map((question) => ask(bodyOf(question)));
    await waitFor(() => held.length === 1);
    held[0]?.end(failure({ error: new CostlaneError('upstream_error', 'no') }));
    await waitFor(() => held.length === 2);
    held[1]?.end();
    await waitFor(() => held.length === 3);
    held[2]?.end();
    expect((await Promise.all(all)).map(({ ok }) => ok)).toEqual([false, true, true]);
  });

  it('has a leader again after one that failed alone', async () => {
    const { call, held } = heldCalls();
    const { ask } = tierWith(call);
    const failed = ask(bodyOf('a'));
    held[0]?.end(failure({ error: new CostlaneError('upstream_error', 'no') }));
    await failed;
    const all = ['b', 'c'].map((question) => ask(bodyOf(question)));
    expect(held.length).toBe(2);
    held[1]?.end();
    await waitFor(() => held.length === 3);
    held[2]?.end();
    await Promise.all(all);
  });

  it('makes followers wait no longer than the bound, and not at all once they are cancelled', async () => {
    const { call, held } = heldCalls();
    const { ask } = tierWith(call, { maxWaitMs: 30 });
    const first = ask(bodyOf('a'));
    const follower = ask(bodyOf('b'));
    await waitFor(() => held.length === 2);
    held.forEach(({ end }) => end());
    await Promise.all([first, follower]);

    const slow = tierWith(call, { maxWaitMs: 60_000 });
    const leader = slow.ask(bodyOf('a'));
    const cancellation = new Cancellation();
    const gone = slow.ask(bodyOf('b'), { deadlineAtMs: Date.now() + 6_000_000 }, cancellation);
    cancellation.abort();
    await waitFor(() => held.length === 4);
    held.forEach(({ end }) => end());
    await Promise.all([leader, gone]);
  });

  it('asks once more without the key where a server turns it down, and gives it no more for an hour', async () => {
    const body = Buffer.from('{"error":{"message":"Unknown field: prompt_cache_key"}}');
    const error = new CostlaneError('upstream_rejected', 'no');
    const { ask, asked, metric, clock } = tierWith(async (request) =>
      keyOf(request) === undefined ? success() : failure({ error, status: 400, body }),
    );
    expect(await ask(bodyOf('a'))).toMatchObject({ ok: true, upstreamCalls: 2 });
    expect(await ask(bodyOf('b'))).toMatchObject({ ok: true, upstreamCalls: 1 });
    clock.nowMs += 3_600_001;
    await ask(bodyOf('c'));
    expect(asked.map((request) => keyOf(request) !== undefined)).toEqual([true, false, false, true, false]);
    expect(await metric('costlane_fallback_total')).toEqual([expect.stringMatching(/prompt_cache_key.* 2$/)]);
  });

  it('lets a transport mark Anthropic’s body, once for each request, where that is expected to pay', async () => {
    const native = { system: 'rules '.repeat(1_500), messages: [{ role: 'user', content: 'q' }] };
    const sent: string[] = [];
    const { ask, metric, clock } = tierWith(
      async (request) => {
        const { markPrompt } = request as MarkingRequest;
        const marked = markPrompt(native, 9_000);
        expect(markPrompt(native, 9_000)).toBe(marked);
        sent.push(JSON.stringify(marked));
        return success();
      },
      {},
      'anthropic',
    );
    for (let i = 0; i < 5; i++) {
      clock.nowMs += 20_000;
      await ask(bodyOf('q'));
    }
    expect(sent.map((body) => body.includes('cache_control'))).toEqual([false, true, true, true, true]);
    expect(await metric('costlane_prefix_marked_requests_total')).toEqual([expect.stringMatching(/ 4$/)]);
    expect(await metric('costlane_prefix_tokens_total{provider="anthropic",kind="read"')).toHaveLength(1);
  });

  it('counts what providers say of their cache', async () => {
    const { ask, metric } = tierWith(async () => success({ usage: { ...sampleUsage, cacheWriteShortTokens: 7 } }));
    await ask(bodyOf('a'));
    const counts = (await metric('costlane_prefix_tokens_total')).map((line) =>
      line.replace(/.*kind="(\w+)".* /, '$1 '),
    );
    expect(counts.sort()).toEqual(['prompt 157', 'read 50', 'written 7']);
    expect(await metric('costlane_prefix_marked_requests_total')).toEqual([expect.stringMatching(/ 1$/)]);
  });
});
