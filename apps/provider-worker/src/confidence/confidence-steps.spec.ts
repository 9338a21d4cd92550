import { decodeReply, type ConfidenceCheck } from '@costlane/contracts';
import { CostlaneError, type ErrorCode } from '@costlane/domain';
import { Cancellation } from '@costlane/resilience';
import { waitFor } from '@costlane/testing';
import { answering, completion, event, lastEvents, runCalls, streaming, targetOf, textOf } from '../testing/fake-chain';
import { failure, sampleUsage, streamed, success, type FakeCall } from '../testing/fakes';

const refusal = "I'm sorry, but I can't help with that.";
const confidence: ConfidenceCheck = { minTokenProbability: 0.5 };
const failing =
  (code: ErrorCode): FakeCall =>
  async () =>
    failure({ error: new CostlaneError(code, 'no') });
const headOf = (value: Buffer | undefined) => decodeReply(value ?? Buffer.alloc(0)).header;

describe('a doubtful answer', () => {
  it('is asked once of the next stronger model, and both calls are on one record', async () => {
    const { reply, record, finished, metric } = await runCalls([answering(refusal), answering('four')], { confidence });
    expect(reply.body.toString()).toContain('four');
    expect(reply.header).toMatchObject({ status: 200, provider: 'p-m1', upstreamCalls: 2 });
    expect(reply.header.routeSteps).toEqual([{ model: 'm0', provider: 'p-m0', why: 'low_confidence:refusal' }]);
    expect(record).toMatchObject({ provider: 'p-m1', usage: sampleUsage, usageSource: 'provider', priceVersion: 'v1' });
    // 125,000 for m0's answer; 245,000 for m1's: 100 × 2,000 + 50 × 100 + 10 × 4,000
    expect(record.otherCalls).toMatchObject([
      { reason: 'low_confidence', provider: 'p-m0', model: 'm-2026', detail: 'refusal', paidNanoUsd: 125_000 },
    ]);
    expect([record.paidNanoUsd, record.savings.routing]).toEqual([370_000, -125_000]);
    expect(reply.header.paidNanoUsd).toBe(370_000);
    expect(finished.fill?.entry).toMatchObject({ provider: 'p-m1', baselineNanoUsd: 340_000 });
    expect(await metric('costlane_confidence_steps_total')).toEqual([expect.stringMatching(/refusal.*taken.* 1$/)]);
  });

  it('is counted against what the caller would have used without us', async () => {
    const { record, finished } = await runCalls([answering('four')], {}, { baselinePrice: { ...priceOf3 } });
    // 150 × 3,000 + 10 × 6,000 at the baseline; 170,000 at the list price of the one that answered
    expect(record).toMatchObject({
      baselineNanoUsd: 510_000,
      paidNanoUsd: 125_000,
      savings: { routing: 340_000, prefix: 45_000, cache: 0, batching: 0 },
    });
    expect(finished.fill?.entry).toMatchObject({ baselineNanoUsd: 510_000, askAgainNanoUsd: 170_000 });
  });

  it('passes over models that are not stronger', async () => {
    const fallbacks = [targetOf('m1'), targetOf('m2', 'standard')];
    const { asked } = await runCalls([answering(''), answering('no'), answering('four')], { confidence, fallbacks });
    expect(asked.map(({ model }) => model)).toEqual(['m0', 'm2']);
  });

  it.each<[string, FakeCall[], object]>([
    ['nobody wants it looked at', [answering(refusal), answering('four')], {}],
    ['no model is stronger', [answering(refusal), answering('four')], { confidence, fallbacks: [targetOf('m1')] }],
    ['none is left', [answering(refusal)], { confidence }],
    [
      'its dialect is not one that can be read',
      [answering(refusal), answering('four')],
      { confidence, dialect: 'anthropic.messages' },
    ],
  ])('is given where %s', async (_, calls, header) => {
    const { reply, asked } = await runCalls(calls, header);
    expect([asked.length, reply.body.toString()]).toEqual([1, expect.stringContaining(refusal)]);
  });

  it('is not given to the cache when it is given in the end', async () => {
    const { finished } = await runCalls([answering(refusal)], { confidence });
    expect([finished.fill, finished.reply.isStored]).toEqual([undefined, undefined]);
    const stronger = await runCalls([answering(refusal), answering('')], { confidence });
    expect([stronger.reply.header.provider, stronger.finished.fill]).toEqual(['p-m1', undefined]);
  });

  it('is asked of no third model', async () => {
    const { reply, asked } = await runCalls([answering(refusal), answering(refusal), answering('four')], {
      confidence,
    });
    expect([asked.length, reply.header.provider]).toEqual([2, 'p-m1']);
  });

  it.each<ErrorCode>(['upstream_error', 'upstream_rejected', 'deadline_exceeded'])(
    'is given after all when the stronger model fails with %s',
    async (code) => {
      const { reply, record, finished } = await runCalls([answering(refusal), failing(code)], { confidence });
      expect(reply.body.toString()).toContain(refusal);
      expect(reply.header).toMatchObject({ status: 200, provider: 'p-m0', routeSteps: [{ model: 'm1', why: code }] });
      expect([record.provider, record.paidNanoUsd, record.otherCalls]).toEqual(['p-m0', 125_000, undefined]);
      expect(finished.fill).toBeUndefined();
    },
  );

  it('never goes to a weaker model than the one that gave it', async () => {
    const fallbacks = [targetOf('m1', 'premium'), targetOf('m2', 'standard')];
    const calls = [failing('upstream_error'), answering(refusal), answering('four')];
    const { reply, asked } = await runCalls(calls, { confidence, fallbacks });
    expect([asked.length, reply.header.provider]).toEqual([2, 'p-m1']);
  });

  it('is stepped up where a fallback gave it', async () => {
    const { reply, asked } = await runCalls([failing('upstream_error'), answering(''), answering('four')], {
      confidence,
    });
    expect([asked.length, reply.header.provider]).toEqual([3, 'p-m2']);
    expect(reply.header.routeSteps?.map(({ why }) => why)).toEqual(['upstream_error', 'low_confidence:empty']);
  });

  it('is given when the budget for second calls is used up, which is counted', async () => {
    const { reply, asked, metric } = await runCalls(
      [answering(refusal), answering('four')],
      { confidence },
      { maxShare: 0 },
    );
    expect([asked.length, reply.header.provider]).toEqual([1, 'p-m0']);
    expect(await metric('costlane_confidence_steps_total')).toEqual([expect.stringMatching(/refusal.*no_budget.* 1$/)]);
  });

  it.each([
    [3_000, 900, 2],
    [3_000, 1_100, 1],
    [20_000, 6_000, 2],
    [20_000, 7_000, 1],
    [1_000, 5, 1],
  ])('of %i ms, after a call of %i, is asked of %i models', async (hadMs, tookMs, calls) => {
    let nowMs = 1_000_000;
    const first: FakeCall = async () => {
      nowMs += tookMs;
      return success({ ...completion(refusal), latencyMs: tookMs });
    };
    const { asked } = await runCalls(
      [first, answering('four')],
      { confidence, createdAtMs: nowMs, deadlineAtMs: nowMs + hadMs },
      { now: () => nowMs },
    );
    expect(asked.length).toBe(calls);
  });

  it('ends as cancelled, with what it cost, when the client leaves while the stronger model is asked', async () => {
    const signal = new Cancellation();
    const held: FakeCall = (request) =>
      new Promise((resolve) => {
        request.signal.addEventListener('abort', () =>
          resolve(failure({ error: new CostlaneError('cancelled', 'gone') })),
        );
        signal.abort();
      });
    const { record } = await runCalls([answering(refusal), held], { confidence }, { signal });
    // The doubtful answer, and the prompt that the stronger model had when the client left.
    const promptNanoUsd = record.paidNanoUsd - 125_000;
    expect(record).toMatchObject({ errorCode: 'cancelled', usageSource: 'estimated', baselineNanoUsd: promptNanoUsd });
    expect(promptNanoUsd).toBeGreaterThan(0);
    expect(record.savings.routing).toBe(-125_000);
  });
});

const priceOf3 = {
  provider: 'p',
  model: 'big',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'v3',
  perMillion: { freshInput: '3', cacheRead: '0.3', output: '6' },
} as const;

describe('a doubtful stream', () => {
  const stream = true;

  it.each(['', refusal])('is replaced by the stronger model’s before the client saw any of it: %j', async (text) => {
    const { parts, record, finished } = await runCalls([streaming(text), streaming('four it is')], {
      stream,
      confidence,
    });
    expect(headOf(parts[0]?.value)).toMatchObject({ provider: 'p-m1', routeSteps: [{ model: 'm0' }] });
    expect(parts.filter(({ field }) => field.startsWith('h')).length).toBe(1);
    expect(textOf(parts)).toBe(
      [...['four ', 'it ', 'is'].map((content) => event({ content })), ...lastEvents()].join(''),
    );
    expect(record.otherCalls).toMatchObject([{ reason: 'low_confidence', provider: 'p-m0' }]);
    expect(finished.body?.toString()).toBe(textOf(parts));
  });

  it('is given whole when the stronger model fails', async () => {
    const { parts, finished, record } = await runCalls([streaming(refusal), failing('upstream_error')], {
      stream,
      confidence,
    });
    expect(textOf(parts)).toContain('[DONE]');
    expect(headOf(parts[0]?.value)).toMatchObject({ provider: 'p-m0' });
    expect([finished.kind, finished.fill, record.errorCode]).toEqual(['e', undefined, undefined]);
  });

  it('passes with its first word where it does not begin like a refusal', async () => {
    const events: string[] = [];
    const call: FakeCall = async (_, sink) => {
      sink.head({ status: 200, contentType: 'text/event-stream' });
      events.push('sent');
      sink.chunk(event({ role: 'assistant', content: '' }));
      sink.chunk(event({ content: 'Four' }));
      events.push('next');
      for (const bytes of lastEvents()) sink.chunk(bytes);
      return streamed();
    };
    const emit = (kind: string): boolean => events.push(kind) > 0;
    const { asked } = await runCalls([call, answering('no')], { stream, confidence }, { emit });
    expect([events, asked.length]).toEqual([['sent', 'h', 'c', 'next', 'c', 'c'], 1]);
  });

  it('is not stepped up any more once a part of it was shown, and not kept', async () => {
    const long = `${refusal} ${'And so on. '.repeat(30)}`;
    const { asked, parts, finished } = await runCalls([streaming(long), streaming('four')], { stream, confidence });
    expect(asked.length).toBe(1);
    expect(textOf(parts)).toContain('And ');
    expect(finished.record.provider).toBe('p-m0');
    const form = { ...confidence, json: {} };
    const half = await runCalls([streaming('{"a": 1'), streaming('four')], { stream, confidence: form });
    expect([half.asked.length, half.finished.fill]).toEqual([1, undefined]);
    const well = await runCalls([streaming('{"a": 1}'), streaming('four')], { stream, confidence: form });
    expect([well.asked.length, well.finished.fill?.fingerprint]).toEqual([1, 'f00']);
  });

  it('is let go of after a second and a half, empty or not', async () => {
    jest.useFakeTimers();
    try {
      const seen: string[] = [];
      let end: () => void = () => undefined;
      const slow: FakeCall = (_, sink) =>
        new Promise((resolve) => {
          sink.head({ status: 200, contentType: 'text/event-stream' });
          sink.chunk(event({ role: 'assistant', content: '' }));
          end = () => resolve(streamed());
        });
      const emit = (kind: string): boolean => seen.push(kind) > 0;
      const running = runCalls([slow, streaming('four')], { stream, confidence }, { emit });
      await jest.advanceTimersByTimeAsync(1_499);
      expect(seen).toEqual([]);
      await jest.advanceTimersByTimeAsync(1);
      expect(seen).toEqual(['h', 'c']);
      end();
      expect((await running).asked.length).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('that breaks off while it is held back is asked of the next model, and paid', async () => {
    const broken: FakeCall = async (_, sink) => {
      sink.head({ status: 200, contentType: 'text/event-stream' });
      sink.chunk(event({ content: "I'm" }));
      const error = new CostlaneError('stream_interrupted', 'cut');
      return failure({ error, hasDelivered: true, deliveredChars: 3, usage: sampleUsage, usageSource: 'estimated' });
    };
    const { parts, record } = await runCalls([broken, streaming('four')], { stream, confidence });
    expect(textOf(parts)).not.toContain("I'm");
    expect(record).toMatchObject({
      provider: 'p-m1',
      otherCalls: [{ reason: 'fallback', detail: 'stream_interrupted' }],
    });
    const alone = await runCalls([broken, failing('upstream_error')], { stream, confidence });
    expect([alone.finished.kind, alone.reply.header.errorCode]).toEqual(['r', 'stream_interrupted']);
    expect(alone.record.paidNanoUsd).toBe(125_000);
  });

  it('asks for a pause, and goes on, through the gate as it does without', async () => {
    let resume: (() => void) | undefined;
    const paused: boolean[] = [];
    const call: FakeCall = async (_, sink) => {
      sink.head({ status: 200, contentType: 'text/event-stream' });
      paused.push(sink.chunk(event({ content: 'Sorry' })), sink.chunk(event({ content: ' about Four' })));
      await new Promise<void>((resolve) => sink.onResume?.(resolve));
      for (const bytes of lastEvents()) sink.chunk(bytes);
      return streamed();
    };
    const context = { emit: () => false, onResume: (callback: () => void) => void (resume = callback) };
    const running = runCalls([call, streaming('four')], { stream, confidence }, context);
    (await waitFor(() => resume))();
    expect((await running).finished.kind).toBe('e');
    expect(paused).toEqual([true, false]);
  });
});
