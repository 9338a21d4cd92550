import {
  consumerGroups,
  decodeReply,
  encodeReply,
  parseCompletionFields,
  replyField,
  type ReplyPart,
} from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, sampleRecord, waitFor, type SpecShard } from '@costlane/testing';
import { createJobConsumer, type ReceivedJob } from './consume-jobs';
import { createJobFinisher, type FinishedJob, type JobFinisher, type ReplyItem } from './finish-jobs';
import { createJobPublisher } from './publish-jobs';
import { createReplyReader } from './read-replies';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('jobs from publication to their end', () => {
  let shard: SpecShard;
  let redis: Redis;
  let finisher: JobFinisher;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    finisher = createJobFinisher({ redis, names: shard.names, onLostParts: () => undefined });
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await shard.remove();
  });

  const dispatch = (): string => shard.names.dispatch('mock');

  async function consume(consumer: string): Promise<ReceivedJob[]> {
    const received: ReceivedJob[] = [];
    const jobs = createJobConsumer({
      redis,
      blockingRedis: await shard.connect({ blocking: true }),
      names: shard.names,
      streams: [dispatch()],
      group: consumerGroups.dispatch,
      consumer,
      logger: shard.logger,
      freePlaces: () => 100,
      onJob: (job) => received.push(job),
      onUnreadable: () => undefined,
    });
    jobs.start();
    stops.push(() => jobs.stop());
    return received;
  }

  async function readReplies(gatewayId: string): Promise<ReplyPart[]> {
    const parts: ReplyPart[] = [];
    const reader = createReplyReader({
      redis,
      blockingRedis: await shard.connect({ blocking: true }),
      names: shard.names,
      gatewayId,
      logger: shard.logger,
      onPart: (part) => parts.push(part),
    });
    reader.start();
    stops.push(() => reader.stop());
    return parts;
  }

  async function completionsOf(): Promise<ReturnType<typeof parseCompletionFields>> {
    const entries = (await redis.xrangeBuffer(shard.names.completions, '-', '+')) as [Buffer, Buffer[]][];
    return entries.flatMap(([, fields]) => parseCompletionFields(fields));
  }

  const reply = (requestId: string, replyTo = 'g1', body = `answer of ${requestId}`): ReplyItem => ({
    requestId,
    replyTo,
    field: replyField('r', 'a1', 0, requestId),
    value: encodeReply(
      {
        status: 200,
        contentType: 'application/json',
        provider: 'mock',
        modelUsed: 'm',
        paidNanoUsd: 0,
        baselineNanoUsd: 0,
        savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
        upstreamLatencyMs: 1,
        upstreamCalls: 1,
      },
      Buffer.from(body),
    ),
  });
  const end = (requestId: string, entry?: FinishedJob['entry'], replyTo = 'g1'): FinishedJob => ({
    entry,
    reply: reply(requestId, replyTo),
    record: sampleRecord({ requestId }),
  });

  it('a published job reaches a consumer as it was, and its end reaches the gateway, the ledger and the group in one step', async () => {
    const received = await consume('w1');
    const parts = await readReplies('g1');
    const job = sampleJob({ requestId: 'req_1' }, { priority: 'express', body: Buffer.from([0, 10, 255]) });
    await createJobPublisher({ redis, names: shard.names }).publish(job, { dispatch: 'mock' });
    const got = await waitFor(() => received[0]);
    expect(got.job).toEqual(job);
    expect(got.deliveries).toBe(1);

    expect(await finisher.finish(end('req_1', got.entry))).toBe(true);
    await waitFor(() => parts.length === 1);
    expect(parts[0]).toMatchObject({ kind: 'r', attempt: 'a1', seq: 0, requestId: 'req_1' });
    expect(decodeReply(parts[0]?.value ?? Buffer.alloc(0)).body.toString()).toBe('answer of req_1');
    expect((await completionsOf()).map(({ record }) => record.requestId)).toEqual(['req_1']);
    expect(await redis.xlen(dispatch())).toBe(0);
    expect((await redis.xpending(dispatch(), consumerGroups.dispatch))[0]).toBe(0);
  });

  it('a second end of the same entry is told so and adds nothing', async () => {
    const received = await consume('w1');
    await createJobPublisher({ redis, names: shard.names }).publish(sampleJob(), { dispatch: 'mock' });
    const { entry } = await waitFor(() => received[0]);
    const keepAs = { key: shard.names.idempotency('acme', 'f00'), ttlSeconds: 60, value: Buffer.from('first') };
    expect(await finisher.finish({ ...end('req_1', entry), keepAs })).toBe(true);
    const second = { ...end('req_1', entry), keepAs: { ...keepAs, value: Buffer.from('second') } };
    expect(await finisher.finish(second)).toBe(false);
    expect(await redis.xlen(shard.names.reply('g1'))).toBe(1);
    expect(await redis.xlen(shard.names.completions)).toBe(1);
    expect(await redis.get(keepAs.key)).toBe('first');
  });

  it('of two ends of one entry in one tick the first counts', async () => {
    const received = await consume('w1');
    await createJobPublisher({ redis, names: shard.names }).publish(sampleJob(), { dispatch: 'mock' });
    const { entry } = await waitFor(() => received[0]);
    const outcomes = await Promise.all([finisher.finish(end('req_1', entry)), finisher.finish(end('req_1', entry))]);
    expect(outcomes).toEqual([true, false]);
    expect((await completionsOf()).length).toBe(1);
  });

  it('many jobs for several gateways end in one tick, each gateway gets its own, the ended one is told apart', async () => {
    const received = await consume('w1');
    const publisher = createJobPublisher({ redis, names: shard.names });
    const ids = Array.from({ length: 30 }, (_, index) => `req_${index}`);
    await Promise.all(ids.map((requestId) => publisher.publish(sampleJob({ requestId }), { dispatch: 'mock' })));
    await waitFor(() => received.length === ids.length);
    expect(received.map(({ job }) => job.header.requestId)).toEqual(ids);
    const gatewayOf = (requestId: string): string => `g${Number(requestId.slice(4)) % 3}`;
    await finisher.finish(end('req_7', received[7]?.entry, 'g1'));
    const outcomes = await Promise.all(
      received.map(({ entry, job }) =>
        finisher.finish(end(job.header.requestId, entry, gatewayOf(job.header.requestId))),
      ),
    );
    expect(outcomes).toEqual(ids.map((id) => id !== 'req_7'));
    for (const gateway of ['g0', 'g1', 'g2']) {
      const parts = await readReplies(gateway);
      await waitFor(() => parts.length === 10);
      expect(new Set(parts.map(({ requestId }) => requestId))).toEqual(
        new Set(ids.filter((id) => gatewayOf(id) === gateway)),
      );
    }
    expect((await completionsOf()).map(({ record }) => record.requestId).sort()).toEqual([...ids].sort());
    expect(await redis.xlen(dispatch())).toBe(0);
  });

  it('parts of streams arrive in order within a tick and across ticks, the end last', async () => {
    const parts = await readReplies('g1');
    const part = (kind: 'h' | 'c', seq: number, requestId: string): ReplyItem => ({
      requestId,
      replyTo: 'g1',
      field: replyField(kind, 'a1', seq, requestId),
      value: Buffer.from(`${requestId} ${seq}`),
    });
    const streams = ['req_1', 'req_2'];
    for (let seq = 0; seq < 40; seq++) {
      for (const requestId of streams) finisher.part(part(seq === 0 ? 'h' : 'c', seq, requestId));
      if (seq % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const ends = streams.map((requestId) =>
      finisher.finish({
        reply: { ...reply(requestId), field: replyField('e', 'a1', 40, requestId) },
        record: sampleRecord({ requestId }),
      }),
    );
    expect(await Promise.all(ends)).toEqual([true, true]);
    await waitFor(() => parts.length === 82);
    for (const requestId of streams) {
      const own = parts.filter((each) => each.requestId === requestId);
      expect(own.map(({ seq }) => seq)).toEqual(Array.from({ length: 41 }, (_, index) => index));
      expect(own.at(-1)?.kind).toBe('e');
    }
    expect(finisher.backlog()).toBe(0);
  });

  it('carries the answer’s bytes to the cache only beside a fill', async () => {
    const fill = {
      tenantId: 'acme',
      fingerprint: 'f00',
      ttlSeconds: 60,
      entry: {
        v: 1 as const,
        form: 'json' as const,
        provider: 'mock',
        modelAsked: 'm',
        modelUsed: 'm',
        baselineNanoUsd: 0,
        askedAtMs: 1,
        createdAtMs: 2,
      },
    };
    const body = Buffer.from([1, 0, 255]);
    await finisher.finish({ ...end('req_1'), fill, body });
    await finisher.finish({ ...end('req_2'), body });
    const [first, second] = await completionsOf();
    expect([first?.fill, first?.body]).toEqual([fill, body]);
    expect([second?.fill, second?.body]).toEqual([undefined, undefined]);
  });

  it('lets the reply stream of a gateway that is gone expire', async () => {
    await finisher.finish(end('req_1'));
    expect(await redis.ttl(shard.names.reply('g1'))).toBeGreaterThan(0);
  });

  it('gives back the parts that Redis did not take, in order and before the end is rejected', async () => {
    const other = await shard.connect();
    const events: string[] = [];
    const broken = createJobFinisher({
      redis: other,
      names: shard.names,
      onLostParts: (lost) => events.push(...lost.map(({ field }) => field)),
    });
    other.disconnect();
    await waitFor(() => other.status === 'end');
    broken.part({ requestId: 'req_1', replyTo: 'g1', field: 'h', value: Buffer.alloc(0) });
    broken.part({ requestId: 'req_1', replyTo: 'g1', field: 'c', value: Buffer.alloc(0) });
    await broken.finish(end('req_1')).catch(() => events.push('rejected'));
    expect(events).toEqual(['h', 'c', 'rejected']);
  });

  it('a publication that Redis does not take is rejected as unavailable', async () => {
    const other = await shard.connect();
    other.disconnect();
    await waitFor(() => other.status === 'end');
    const publication = createJobPublisher({ redis: other, names: shard.names }).publish(sampleJob(), {
      lane: 'batch',
    });
    await expect(publication).rejects.toMatchObject({ code: 'unavailable' });
  });
});
