import { decodeReply } from '@costlane/contracts';
import { CostlaneError, type ErrorCode } from '@costlane/domain';
import { Cancellation } from '@costlane/resilience';
import { answering, event, runCalls, streaming, targetOf, textOf } from '../testing/fake-chain';
import { failure, sampleUsage, success, type FakeCall } from '../testing/fakes';

const failing =
  (code: ErrorCode, outcome = {}): FakeCall =>
  async () =>
    failure({ error: new CostlaneError(code, `it was ${code}`), ...outcome });

describe('a chain of fallbacks', () => {
  it.each([
    'upstream_error',
    'upstream_overloaded',
    'upstream_timeout',
    'upstream_unreachable',
    'upstream_malformed',
    'upstream_rate_limited',
    'rate_limited',
    'overloaded',
    'circuit_open',
    'upstream_auth_failed',
    'upstream_quota_exhausted',
    'unavailable',
    'model_not_found',
    'context_length_exceeded',
    'internal',
  ] as const)('asks the next model after %s', async (code) => {
    const { reply, asked, fallbacks, record } = await runCalls([failing(code), answering('four')]);
    expect(reply.header).toMatchObject({ status: 200, provider: 'p-m1', upstreamCalls: 2 });
    expect(reply.header.routeSteps).toEqual([{ model: 'm0', provider: 'p-m0', why: code }]);
    expect(record).toMatchObject({ provider: 'p-m1', priceVersion: 'v1', httpStatus: 200 });
    expect([asked.map(({ model }) => model), fallbacks]).toEqual([['m0', 'm1'], [code]]);
  });

  it.each([
    'invalid_request',
    'invalid_json',
    'upstream_rejected',
    'cancelled',
    'deadline_exceeded',
    'forbidden',
    'sensitive_data',
  ] as const)('asks nobody else after %s', async (code) => {
    const { reply, asked, fallbacks } = await runCalls([failing(code), answering('four')]);
    expect([reply.header.errorCode, asked.length, fallbacks]).toEqual([code, 1, []]);
    expect(reply.header.routeSteps).toBeUndefined();
  });

  it('passes on to the next where a provider is not configured here', async () => {
    const { reply } = await runCalls([failing('upstream_error'), answering('four')], {}, { adapter: undefined });
    expect(reply.header).toMatchObject({ status: 200, provider: 'p-m1', upstreamCalls: 1 });
  });

  it('writes the next model’s name into the body, and leaves every other field as it was', async () => {
    const body = Buffer.from(
      '{"model":"up-m0","messages":[{"role":"user","content":"hi"}],"x":{"y":[1,null]},"seed":7}',
    );
    const { asked } = await runCalls([failing('upstream_error'), answering('four')], {}, { body });
    expect(asked[0]?.request.body).toBe(body);
    expect(JSON.parse(String(asked[1]?.request.body))).toEqual({ ...JSON.parse(String(body)), model: 'up-m1' });
    expect(asked[1]?.request.upstreamModel).toBe('up-m1');
  });

  it('calls each model by way of the prefix tier, with the caller’s body and the model’s own provider and price', async () => {
    const called: unknown[] = [];
    await runCalls(
      [failing('upstream_error'), answering('four')],
      {},
      {
        callProvider: (header, adapter, request, sink, price) => {
          called.push([
            header.provider,
            header.upstreamModel,
            price?.priceVersion,
            String(request.body).includes('key'),
          ]);
          return adapter.execute({ ...request, body: Buffer.from('{"prompt_cache_key":"key"}') }, sink);
        },
      },
    );
    expect(called).toEqual([
      ['p-m0', 'up-m0', 'v0', false],
      ['p-m1', 'up-m1', 'v1', false],
    ]);
  });

  it('hands on the job’s priority', async () => {
    const { asked } = await runCalls([answering('four')]);
    expect(asked[0]?.request.priority).toBe('standard');
  });

  it('gives up after three models, and tells the client what the first one said', async () => {
    const calls = (['upstream_error', 'circuit_open', 'upstream_overloaded'] as const).map((code) => failing(code));
    const { reply, asked, record } = await runCalls([...calls, answering('four')]);
    expect(asked.length).toBe(3);
    expect(reply.header).toMatchObject({ errorCode: 'upstream_error', provider: 'p-m0' });
    expect(reply.header.routeSteps?.map(({ why }) => why)).toEqual([
      'upstream_error',
      'circuit_open',
      'upstream_overloaded',
    ]);
    expect(record).toMatchObject({ errorCode: 'upstream_error', paidNanoUsd: 0 });
  });

  describe('with models that are kept from being asked', () => {
    const refusing =
      (code: ErrorCode, then?: FakeCall): FakeCall =>
      async (request, sink) =>
        request.isLastResort && then
          ? then(request, sink)
          : failure({ error: new CostlaneError(code, 'not now'), upstreamCalls: 0 });

    it('does not count them among the three', async () => {
      const calls = [failing('upstream_error'), refusing('circuit_open'), refusing('circuit_open'), answering('four')];
      const { reply, asked } = await runCalls(calls);
      expect([reply.header.provider, asked.length]).toEqual(['p-m3', 4]);
    });

    it('asks them all the same when nobody else answers, in order, and says what came before', async () => {
      const calls = [
        failing('upstream_error'),
        refusing('circuit_open', failing('upstream_error')),
        refusing('overloaded', answering('four')),
      ];
      const { reply, asked } = await runCalls(calls);
      expect(reply.header.provider).toBe('p-m2');
      expect(asked.map(({ model, request }) => [model, request.othersLeft, request.isLastResort ?? false])).toEqual([
        ['m0', 2, false],
        ['m1', 1, false],
        ['m2', 1, false],
        ['m1', 1, true],
        ['m2', 0, true],
      ]);
      expect(reply.header.routeSteps?.map(({ why }) => why)).toEqual([
        'upstream_error',
        'circuit_open',
        'overloaded',
        'upstream_error',
      ]);
    });

    it('tells the first model’s error when they have no answer either, and asks nobody twice where the request is at fault', async () => {
      const { reply } = await runCalls([
        failing('upstream_error'),
        refusing('circuit_open', failing('upstream_error')),
      ]);
      expect(reply.header).toMatchObject({ errorCode: 'upstream_error', provider: 'p-m0' });
      const { asked } = await runCalls([refusing('circuit_open', answering('four')), failing('invalid_request')]);
      expect(asked.length).toBe(2);
    });

    it('leaves a model alone that has no others beside it', async () => {
      const { reply, asked } = await runCalls([refusing('circuit_open', answering('four'))]);
      expect([reply.header.errorCode, asked.length]).toEqual(['circuit_open', 1]);
    });
  });

  it('tells the first model’s error where a fallback cannot take the request at all', async () => {
    const { reply } = await runCalls([failing('upstream_overloaded'), failing('invalid_request')]);
    expect(reply.header.errorCode).toBe('upstream_overloaded');
  });

  it('asks nobody else once the client has seen a part of a stream', async () => {
    const broken: FakeCall = async (_, sink) => {
      sink.head({ status: 200, contentType: 'text/event-stream' });
      sink.chunk(event({ content: 'The' }));
      return failure({ error: new CostlaneError('upstream_error', 'cut'), hasDelivered: true, deliveredChars: 4 });
    };
    const { reply, asked, finished } = await runCalls([broken, answering('four')], { stream: true });
    expect([asked.length, finished.kind, reply.header.errorCode]).toEqual([1, 'e', 'upstream_error']);
  });

  it('streams the next model’s answer where the first broke off before its first word', async () => {
    const broken: FakeCall = async (_, sink) => {
      sink.head({ status: 200, contentType: 'text/event-stream' });
      sink.chunk(event({ role: 'assistant', content: '' }));
      return failure({ error: new CostlaneError('stream_interrupted', 'cut'), hasDelivered: true });
    };
    const { parts, reply } = await runCalls([broken, streaming('four it is')], { stream: true });
    expect(reply.header).toMatchObject({ provider: 'p-m1', routeSteps: [{ why: 'stream_interrupted' }] });
    expect(textOf(parts)).not.toContain('role');
  });

  it('streams the next model’s answer where the first failed before it began, and says so in the head', async () => {
    const { parts, finished } = await runCalls([failing('upstream_error'), streaming('four it is')], { stream: true });
    const head = decodeReply(parts[0]?.value ?? Buffer.alloc(0)).header;
    expect(head).toMatchObject({ provider: 'p-m1', modelUsed: 'up-m1', routeSteps: [{ why: 'upstream_error' }] });
    expect([finished.kind, finished.fill?.entry.provider]).toEqual(['e', 'p-m1']);
  });

  it('asks nobody else for a client that has gone', async () => {
    const signal = new Cancellation();
    const leaving: FakeCall = async () => {
      signal.abort();
      return failure({ error: new CostlaneError('upstream_error', 'broke as the client left') });
    };
    const { asked } = await runCalls([leaving, answering('four')], {}, { signal });
    expect(asked.length).toBe(1);
  });

  it('ends as cancelled when the client leaves while the second model is asked', async () => {
    const signal = new Cancellation();
    const held: FakeCall = (request) =>
      new Promise((resolve) => {
        request.signal.addEventListener('abort', () =>
          resolve(failure({ error: new CostlaneError('cancelled', 'gone') })),
        );
        signal.abort();
      });
    const { reply, record } = await runCalls([failing('upstream_error'), held], {}, { signal });
    expect([reply.header.errorCode, record.httpStatus]).toEqual(['cancelled', 499]);
  });

  it.each([
    [60_000, 59_600, false],
    [60_000, 59_400, true],
    [1_000, 850, true],
    [1_000, 950, false],
  ])('of %i ms that a request had, after %i another is asked: %s', async (hadMs, goneMs, isAsked) => {
    let nowMs = 1_000_000;
    const slow: FakeCall = async () => {
      nowMs += goneMs;
      return failure({ error: new CostlaneError('upstream_error', 'slow and broken') });
    };
    const { asked } = await runCalls(
      [slow, answering('four')],
      { deadlineAtMs: nowMs + hadMs, createdAtMs: nowMs },
      { now: () => nowMs },
    );
    expect(asked.length).toBe(isAsked ? 2 : 1);
  });

  it('pays what a failed call cost before the one that answered, at its own price', async () => {
    const partly = failing('upstream_error', { usage: sampleUsage, usageSource: 'provider', latencyMs: 7 });
    const { record } = await runCalls([partly, answering('four')]);
    // m0: 100 × 1,000 + 50 × 100 + 10 × 2,000; m1: 100 × 2,000 + 50 × 100 + 10 × 4,000
    expect(record.otherCalls).toEqual([
      {
        reason: 'fallback',
        provider: 'p-m0',
        model: 'up-m0',
        detail: 'upstream_error',
        usage: sampleUsage,
        usageSource: 'provider',
        latencyMs: 7,
        paidNanoUsd: 125_000,
      },
    ]);
    expect(record).toMatchObject({
      paidNanoUsd: 370_000,
      usage: sampleUsage,
      upstreamCalls: 2,
      latencyMs: expect.any(Number),
    });
    expect(record.savings.routing).toBe(-125_000);
  });

  it.each(['upstream_timeout', 'upstream_malformed', 'stream_interrupted'] as const)(
    'takes the prompt for charged that was given up after %s, as it does where the same model is asked again',
    async (code) => {
      const body = Buffer.from(JSON.stringify({ model: 'm0', messages: [], x: 'a'.repeat(365) }));
      const { record } = await runCalls([failing(code), answering('four')], {}, { body });
      expect(record.otherCalls).toMatchObject([
        { reason: 'fallback', provider: 'p-m0', detail: code, usageSource: 'estimated', paidNanoUsd: 100_000 },
      ]);
      const { routing, prefix, batching, cache } = record.savings;
      expect(record.baselineNanoUsd - record.paidNanoUsd).toBe(routing + prefix + batching + cache);
    },
  );

  it('takes nothing for charged where no provider was reached, or where it answered with an error', async () => {
    for (const outcome of [{ upstreamCalls: 0 }, { status: 504 }])
      expect(
        (await runCalls([failing('upstream_timeout', outcome), answering('four')])).record.otherCalls ?? [],
      ).toEqual([]);
  });

  it('puts a hedge’s other leg on record with what it cost', async () => {
    const leg = {
      reason: 'hedge' as const,
      deployment: 'eu',
      usage: sampleUsage,
      usageSource: 'estimated' as const,
      latencyMs: 3,
    };
    const { record } = await runCalls([answering('four', { otherLegs: [leg, { ...leg, usage: undefined }] })]);
    expect(record.otherCalls).toMatchObject([
      { reason: 'hedge', provider: 'p-m0', detail: 'eu', paidNanoUsd: 125_000 },
    ]);
    expect(record).toMatchObject({ paidNanoUsd: 250_000, savings: { routing: -125_000 } });
  });

  it('says on record how the model was chosen and what was tried', async () => {
    const route = {
      strategy: 'balanced',
      route: 'complexity',
      reason: 'easy',
      tier: 'economy' as const,
      candidates: [],
    };
    const { record } = await runCalls([failing('circuit_open'), answering('four')], { route, experimentVariant: 'b' });
    expect(record.route).toEqual({ ...route, steps: [{ model: 'm0', provider: 'p-m0', why: 'circuit_open' }] });
    expect(record.experimentVariant).toBe('b');
  });

  it('goes on with nobody where the worker knows no way to the fallbacks', async () => {
    const { reply } = await runCalls([failing('upstream_error'), answering('four')], {}, { meansOf: undefined });
    expect(reply.header.errorCode).toBe('upstream_error');
  });

  it('refuses a fallback for a body that it cannot rewrite', async () => {
    const { reply, asked } = await runCalls(
      [failing('upstream_error'), answering('four')],
      {},
      { body: Buffer.from('[1]') },
    );
    expect([reply.header.errorCode, asked.length]).toEqual(['upstream_error', 1]);
  });

  it('survives a fallback that throws', async () => {
    const throwing: FakeCall = () => Promise.reject(new Error('a secret'));
    const { reply } = await runCalls([failing('upstream_error'), throwing, async () => success()]);
    expect(reply.header).toMatchObject({ status: 200, provider: 'p-m2' });
  });

  it('takes models in the order that the job gives, stronger or not', async () => {
    const { reply } = await runCalls([failing('upstream_error'), failing('upstream_error'), answering('four')], {
      fallbacks: [targetOf('m2'), targetOf('m1', 'standard')],
    });
    expect(reply.header.provider).toBe('p-m2');
  });
});
