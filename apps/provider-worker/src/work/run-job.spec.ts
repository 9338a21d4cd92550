import { decodeReply, parseReplyField } from '@costlane/contracts';
import { CostlaneError, emptyUsage } from '@costlane/domain';
import { sampleJob } from '@costlane/testing';
import { failure, fakeAdapter, samplePrice, sampleUsage, streamed, success, type FakeCall } from '../testing/fakes';
import { refuseJob, runJob } from './run-job';

const MEBIBYTE = 1024 * 1024;
const cached = { fingerprint: 'f00', cacheTtlSeconds: 60 };

async function run(call: FakeCall | undefined, header = {}) {
  const parts: { field: string; value: Buffer }[] = [];
  const { adapter, asked } = fakeAdapter(call ?? (() => Promise.reject(new Error('not called'))));
  const finished = await runJob(sampleJob({ ...cached, ...header }), {
    attempt: 'a1',
    adapter: call && adapter,
    price: samplePrice,
    signal: new AbortController().signal,
    emit: (_, field, value) => {
      parts.push({ field, value });
      return true;
    },
    onResume: () => undefined,
    now: () => Date.now(),
  });
  return { finished, parts, asked, reply: decodeReply(finished.value) };
}
const stream =
  (pieces: (string | Buffer)[], outcome = streamed()): FakeCall =>
  async (_, sink) => {
    sink.head({ status: 200, contentType: 'text/event-stream' });
    for (const piece of pieces) sink.chunk(Buffer.from(piece));
    return outcome;
  };

describe('runJob', () => {
  it('answers with the provider’s bytes and keeps them for the cache', async () => {
    const body = Buffer.from([123, 255, 0, 10]);
    const { finished, reply, parts } = await run(async () => success({ body }));
    expect(parts).toEqual([]);
    expect(parseReplyField(finished.field)).toEqual({ kind: 'r', attempt: 'a1', seq: 0, requestId: 'req_1' });
    expect(reply.body).toEqual(body);
    expect(reply.header).toMatchObject({ status: 200, isStored: true, paidNanoUsd: 125_000, modelUsed: 'm-2026' });
    expect([finished.body, finished.fill?.fingerprint]).toEqual([body, 'f00']);
  });

  it('hands the provider what the job says', async () => {
    const { asked } = await run(async () => success(), { deadlineAtMs: 123, upstreamModel: 'up', stream: true });
    expect(asked[0]).toMatchObject({ requestId: 'req_1', upstreamModel: 'up', deadlineAtMs: 123, stream: true });
  });

  it('numbers the parts of a stream without a gap, the end last, and keeps its bytes for the cache', async () => {
    const { finished, parts, reply } = await run(stream(['data: 1\n\n', 'data: 2\n\n']), { stream: true });
    const fields = [...parts.map(({ field }) => field), finished.field].map(parseReplyField);
    expect(fields.map((field) => `${field?.kind}${field?.seq}`)).toEqual(['h0', 'c1', 'c2', 'e3']);
    expect(new Set(fields.map((field) => field?.attempt))).toEqual(new Set(['a1']));
    expect(parts.slice(1).map(({ value }) => value.toString())).toEqual(['data: 1\n\n', 'data: 2\n\n']);
    expect(finished.body?.toString()).toBe('data: 1\n\ndata: 2\n\n');
    expect(reply.header.isStored).toBe(true);
    expect(reply.body.length).toBe(0);
  });

  it('passes on an answer that is too large, and does not store it', async () => {
    const whole = await run(async () => success({ body: Buffer.alloc(MEBIBYTE + 1) }));
    expect(whole.reply.body.length).toBe(MEBIBYTE + 1);
    const pieces = Array.from({ length: 5 }, () => Buffer.alloc(MEBIBYTE / 4));
    const inParts = await run(stream(pieces), { stream: true });
    expect(inParts.parts.length).toBe(6);
    for (const { finished, reply } of [whole, inParts])
      expect([finished.fill, finished.body, reply.header.isStored]).toEqual([undefined, undefined, undefined]);
  });

  it('stores an answer of exactly the bound', async () => {
    const { finished } = await run(async () => success({ body: Buffer.alloc(MEBIBYTE) }));
    expect(finished.body?.length).toBe(MEBIBYTE);
  });

  it('makes a provider’s failure the answer, with its hint when to come again', async () => {
    const error = new CostlaneError('upstream_rate_limited', 'slow down', { field: 'model' });
    const { finished, reply } = await run(async () => failure({ error, retryAfterMs: 900 }));
    expect(reply.header).toMatchObject({ status: 429, errorCode: 'upstream_rate_limited', retryAfterMs: 900 });
    expect(JSON.parse(reply.body.toString())).toMatchObject({ message: 'slow down' });
    expect(finished.record).toMatchObject({ paidNanoUsd: 0, usageSource: 'none' });
    expect(finished.fill).toBeUndefined();
  });

  it('ends a stream that broke off with an error and the cost of what was delivered, at the tier that answered', async () => {
    const error = new CostlaneError('stream_interrupted', 'cut');
    const outcome = failure({
      error,
      hasDelivered: true,
      deliveredChars: 40,
      serviceTier: 'flex',
      modelUsed: 'm-2026',
      timeToFirstTokenMs: 3,
    });
    const { finished, reply } = await run(
      async (_, sink) => {
        sink.head({ status: 200, contentType: 'text/event-stream' });
        sink.chunk(Buffer.from('data: 1\n\n'));
        return outcome;
      },
      { stream: true },
    );
    expect(parseReplyField(finished.field)).toMatchObject({ kind: 'e', seq: 2 });
    expect(reply.header).toMatchObject({
      errorCode: 'stream_interrupted',
      usageSource: 'estimated',
      modelUsed: 'm-2026',
    });
    expect(finished.record.timeToFirstTokenMs).toBe(3);
    expect(finished.record.paidNanoUsd).toBeGreaterThan(0);
    expect(finished.record.savings.batching).toBe(finished.record.paidNanoUsd);
    expect(finished.fill).toBeUndefined();
  });

  it('claims no saving for a tier that the caller asked for, and the whole of it for one that we chose', async () => {
    const savingOf = async (body: object) => {
      const { adapter } = fakeAdapter(async () => success({ serviceTier: 'flex' }));
      const { record } = await runJob(sampleJob(cached, { body: Buffer.from(JSON.stringify(body)) }), {
        attempt: 'a1',
        adapter,
        price: samplePrice,
        signal: new AbortController().signal,
        emit: () => true,
        onResume: () => undefined,
        now: Date.now,
      });
      const { cache, routing, prefix, batching } = record.savings;
      expect(record.baselineNanoUsd - record.paidNanoUsd).toBe(cache + routing + prefix + batching);
      return [record.paidNanoUsd, batching];
    };
    // At the standard tier 100 × 1,000 + 50 × 100 + 10 × 2,000.
    expect(await savingOf({ model: 'm', messages: [] })).toEqual([62_500, 62_500]);
    expect(await savingOf({ model: 'm', messages: [], service_tier: 'flex' })).toEqual([62_500, 0]);
    const mentioned = { model: 'm', messages: [{ role: 'user', content: '"service_tier":"flex"' }] };
    expect(await savingOf(mentioned)).toEqual([62_500, 62_500]);
  });

  it('counts by itself what a provider reported no usage for', async () => {
    const whole = await run(async () => success({ usage: undefined, usageSource: 'none', body: Buffer.alloc(400) }));
    const inParts = await run(
      stream(['data: 1\n\n'], streamed({ usage: undefined, usageSource: 'none', deliveredChars: 400 })),
      { stream: true },
    );
    for (const { finished } of [whole, inParts]) {
      expect(finished.record.usageSource).toBe('estimated');
      expect(finished.record.usage?.outputTokens).toBeGreaterThan(50);
      expect(finished.record.usage?.freshInputTokens).toBeGreaterThan(0);
      expect(finished.record.paidNanoUsd).toBeGreaterThan(0);
    }
  });

  it('makes an adapter’s exception the answer', async () => {
    const { finished, reply } = await run(() => Promise.reject(new Error('a secret of the inside')));
    expect(reply.header).toMatchObject({ status: 500, errorCode: 'internal' });
    expect(finished.value.toString()).not.toContain('secret');
    const synchronous = await run(() => {
      throw new CostlaneError('circuit_open', 'later');
    });
    expect(synchronous.reply.header.errorCode).toBe('circuit_open');
  });

  it('charges an estimate when an adapter throws after it has delivered', async () => {
    const { finished } = await run(
      async (_, sink) => {
        sink.head({ status: 200, contentType: 'text/event-stream' });
        sink.chunk(Buffer.from('data: a long piece of an answer\n\n'));
        throw new Error('broken');
      },
      { stream: true },
    );
    expect(finished.kind).toBe('e');
    expect(finished.record.usageSource).toBe('estimated');
    expect(finished.record.paidNanoUsd).toBeGreaterThan(0);
  });

  it('answers though the usage that a provider reports cannot be priced, and flags the cost as unknown', async () => {
    const usage = { ...emptyUsage, outputTokens: Number.NaN };
    const { finished, reply } = await run(async () => success({ usage }));
    expect(reply.header.status).toBe(200);
    expect([finished.record.priceVersion, finished.record.paidNanoUsd]).toEqual([undefined, 0]);
  });

  it('says which provider this worker does not serve', async () => {
    const { reply } = await run(undefined);
    expect(reply.header).toMatchObject({ errorCode: 'unavailable', upstreamCalls: 0 });
    expect(reply.body.toString()).toContain('mock');
  });
});

describe('refuseJob', () => {
  const error = new CostlaneError('stream_interrupted', 'gone');

  it('answers without a provider and without a cost', () => {
    const finished = refuseJob(sampleJob(cached), 'a1', error, 5, samplePrice);
    expect(decodeReply(finished.value).header).toMatchObject({ errorCode: 'stream_interrupted', usageSource: 'none' });
    expect(finished.record).toMatchObject({ paidNanoUsd: 0, upstreamCalls: 0 });
    expect(finished.fill).toBeUndefined();
  });

  it('charges what an earlier run had delivered, as an estimate', () => {
    const { record } = refuseJob(sampleJob(cached), 'a1', error, 5, samplePrice, 400);
    expect(record.usageSource).toBe('estimated');
    expect(record.usage?.outputTokens).toBeGreaterThan(50);
    expect(record.priceVersion).toBe('p1');
    expect(record.paidNanoUsd).toBeGreaterThan(sampleUsage.outputTokens * 2_000);
  });
});
