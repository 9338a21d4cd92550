import {
  consumerGroups,
  decodeReply,
  parseCompletionFields,
  type JobHeader,
  type ReplyHeader,
} from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { createJobFinisher, type FinishedJob } from '@costlane/lanes';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJobHeader, waitFor, type SpecShard } from '@costlane/testing';
import { failure, streamed, success } from '../testing/fakes';
import { createWorkerBench, heldCall, type WorkerBench } from '../testing/worker-bench';

const redisUrl = redisUrlForTests();

const follower = (requestId: string, header: Partial<JobHeader> = {}): JobHeader =>
  sampleJobHeader({ requestId, replyTo: `g-${requestId}`, ...header });

(redisUrl ? describe : describe.skip)('requests that another one’s answer serves', () => {
  let shard: SpecShard;
  let redis: Redis;
  let bench: WorkerBench;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    bench = createWorkerBench(shard, redis);
  });
  afterEach(async () => {
    await bench.end();
    await shard.remove();
  });

  const entriesLeft = (): Promise<number> => redis.xlen(shard.names.dispatch('mock'));
  const replyOf = (job: FinishedJob | undefined) => decodeReply(job?.reply?.value ?? Buffer.alloc(0));
  const jobOf = (finished: readonly FinishedJob[], requestId: string): FinishedJob | undefined =>
    finished.find(({ record }) => record.requestId === requestId);
  const withTwo = { requestId: 'lead', followers: [follower('f1'), follower('f2', { keyId: 'k2', featureName: 'x' })] };

  it('each get the answer in their own gateway’s stream and a record of their own, and one of them pays', async () => {
    const { worker, asked, finished, metrics } = bench.workerWith(async () => success());
    const received = await bench.dispatched({ ...withTwo, fingerprint: 'f', cacheTtlSeconds: 9 });
    worker.take(received);
    await waitFor(() => worker.inFlight() === 0);
    expect(asked.length).toBe(1);
    expect(finished.map(({ record }) => record.requestId)).toEqual(['f1', 'f2', 'lead']);
    const [first, second, lead] = finished;
    expect(lead).toMatchObject({ entry: received.entry, record: { cacheTier: 'miss', paidNanoUsd: 125_000 } });
    expect(lead?.fill).toBeDefined();
    const { baselineNanoUsd } = lead?.record ?? {};
    for (const shared of [first, second]) {
      expect(shared?.reply?.requestId).toBe(shared?.record.requestId);
      expect([shared?.entry, shared?.fill]).toEqual([undefined, undefined]);
      const saved = { cache: baselineNanoUsd, routing: 0, prefix: 0, batching: 0 };
      expect(shared?.record).toMatchObject({
        ...{ cacheTier: 'coalesced', attempt: 'coalesced', upstreamCalls: 0, httpStatus: 200 },
        ...{ paidNanoUsd: 0, baselineNanoUsd, savings: saved, priceVersion: 'p1', usage: lead?.record.usage },
      });
      const { header, body } = replyOf(shared);
      expect(header).toMatchObject({ status: 200, isShared: true, paidNanoUsd: 0, savings: saved, upstreamCalls: 0 });
      expect(header.isStored).toBeUndefined();
      expect(body.toString()).toBe('{"choices":[]}');
    }
    expect(first?.reply?.replyTo).toBe('g-f1');
    expect(second?.record).toMatchObject({ keyId: 'k2', featureName: 'x' });
    expect(await metrics.registry.metrics()).toMatch(/costlane_worker_coalesced_requests_total\{.*\} 2/);
  });

  it('count savings from the model that they would have been asked of', async () => {
    const cheap = { ...success(), usage: { ...(success().usage as NonNullable<ReplyHeader['usage']>) } };
    const { worker, finished } = bench.workerWith(async () => cheap);
    worker.take(await bench.dispatched({ ...withTwo, baselineModel: 'm' }));
    await waitFor(() => finished.length === 3);
    for (const { record } of finished) {
      const { cache, routing, prefix, batching } = record.savings;
      expect(cache + routing + prefix + batching).toBe(record.baselineNanoUsd - record.paidNanoUsd);
    }
  });

  it('all hear of a failure, which saved nobody anything', async () => {
    const error = new CostlaneError('upstream_rate_limited', 'Slow down.', { retryAfterMs: 700 });
    const { worker, finished } = bench.workerWith(async () => failure({ error, retryAfterMs: 700 }));
    worker.take(await bench.dispatched(withTwo));
    await waitFor(() => finished.length === 3);
    for (const job of finished) {
      expect(replyOf(job).header).toMatchObject({ errorCode: 'upstream_rate_limited', retryAfterMs: 700 });
      expect(replyOf(job).body.toString()).toContain('Slow down.');
      expect(job.record).toMatchObject({ errorCode: 'upstream_rate_limited', paidNanoUsd: 0, baselineNanoUsd: 0 });
    }
  });

  it('keep the provider’s call alive until the last of them has gone', async () => {
    const { worker, asked, finished } = bench.workerWith(heldCall().call);
    worker.take(await bench.dispatched(withTwo));
    await waitFor(() => asked.length === 1);
    worker.cancel('lead');
    worker.cancel('lead');
    worker.cancel('f1');
    expect(asked[0]?.signal.aborted).toBe(false);
    worker.cancel('f2');
    expect(asked[0]?.signal.aborted).toBe(true);
    await waitFor(() => finished.length === 3);
    expect(finished.map(({ record }) => record.errorCode)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  it('that have gone are put on record and not answered', async () => {
    const held = heldCall();
    const { worker, asked, finished } = bench.workerWith(held.call);
    worker.take(await bench.dispatched(withTwo));
    await waitFor(() => asked.length === 1);
    worker.cancel('f1');
    held.release();
    await waitFor(() => finished.length === 3);
    expect(jobOf(finished, 'f1')).toMatchObject({
      reply: undefined,
      record: { errorCode: 'cancelled', attempt: 'coalesced', paidNanoUsd: 0, baselineNanoUsd: 0, upstreamCalls: 0 },
    });
    expect(replyOf(jobOf(finished, 'f2')).header.status).toBe(200);
  });

  it('go on, with the next one paying, when the first had gone before the job was begun', async () => {
    const { worker, asked, finished } = bench.workerWith(async () => success());
    worker.cancel('lead');
    const received = await bench.dispatched(withTwo);
    worker.take(received);
    await waitFor(() => finished.length === 3);
    expect(asked.map(({ requestId }) => requestId)).toEqual(['f1']);
    expect(jobOf(finished, 'lead')).toMatchObject({ reply: undefined, record: { errorCode: 'cancelled' } });
    expect(jobOf(finished, 'f1')).toMatchObject({ entry: received.entry, record: { cacheTier: 'miss' } });
    expect(jobOf(finished, 'f1')?.record.paidNanoUsd).toBe(125_000);
    expect(replyOf(jobOf(finished, 'f1')).header.isShared).toBeUndefined();
    expect(jobOf(finished, 'f2')?.record).toMatchObject({ cacheTier: 'coalesced', paidNanoUsd: 0 });
  });

  it.each([
    ['the same words', 'f', true],
    ['other words', 'g', undefined],
  ])(
    'whose first had gone have the answer stored only where the next one asked in %s',
    async (_name, own, isStored) => {
      const { worker, finished } = bench.workerWith(async () => success());
      const kept = { fingerprint: 'f', cacheTtlSeconds: 60 };
      worker.cancel('lead');
      const followers = [follower('f1', { ...kept, fingerprint: own })];
      worker.take(await bench.dispatched({ requestId: 'lead', ...kept, followers }));
      await waitFor(() => finished.length === 2);
      expect(jobOf(finished, 'f1')?.fill?.fingerprint).toBe(isStored && 'f');
      expect(replyOf(jobOf(finished, 'f1')).header.isStored).toBe(isStored);
    },
  );

  it('are not asked for when all of them had gone before', async () => {
    const { worker, asked, finished } = bench.workerWith(async () => success());
    for (const requestId of ['lead', 'f1', 'f2']) worker.cancel(requestId);
    worker.take(await bench.dispatched(withTwo));
    await waitFor(() => finished.length === 3);
    expect(asked).toEqual([]);
    expect(new Set(finished.map(({ record }) => record.errorCode))).toEqual(new Set(['cancelled']));
  });

  it('are not cut off by a shorter deadline, and whose own is over hears so', async () => {
    const nowMs = Date.now();
    const { worker, asked, finished } = bench.workerWith(heldCall().call);
    const followers = [follower('f1', { deadlineAtMs: nowMs + 90_000 }), follower('f2', { deadlineAtMs: nowMs - 1 })];
    worker.take(await bench.dispatched({ requestId: 'lead', deadlineAtMs: nowMs + 5_000, followers }));
    await waitFor(() => asked.length === 1);
    expect(asked[0]).toMatchObject({ requestId: 'lead', deadlineAtMs: nowMs + 90_000 });
    for (const requestId of ['lead', 'f1', 'f2']) worker.cancel(requestId);
    await waitFor(() => finished.length === 3);
  });

  it('hear that their own time was over when the answer came', async () => {
    const { worker, finished } = bench.workerWith(async () => success());
    const followers = [follower('f1', { deadlineAtMs: Date.now() - 1 })];
    worker.take(await bench.dispatched({ requestId: 'lead', followers }));
    await waitFor(() => finished.length === 2);
    expect(replyOf(jobOf(finished, 'f1')).header).toMatchObject({ errorCode: 'deadline_exceeded', paidNanoUsd: 0 });
    expect(jobOf(finished, 'f1')?.record).toMatchObject({ errorCode: 'deadline_exceeded', attempt: 'coalesced' });
    expect(jobOf(finished, 'lead')?.record.httpStatus).toBe(200);
  });

  it.each([
    ['all of them said that they can wait about as long', 900_000, true, true],
    ['one of them has much less time', 60_000, true, undefined],
    ['one of them has not said so', 900_000, undefined, undefined],
  ] as const)('may have a slower service tier only where %s', async (_name, leftMs, isDeadlineExplicit, expected) => {
    const { worker, asked } = bench.workerWith(async () => success());
    const explicit = { deadlineAtMs: Date.now() + 1_000_000, isDeadlineExplicit: true } as const;
    const f1 = follower('f1', { deadlineAtMs: Date.now() + leftMs, isDeadlineExplicit });
    worker.take(await bench.dispatched({ requestId: 'lead', ...explicit, followers: [f1] }));
    await waitFor(() => asked.length === 1);
    expect(asked[0]?.isDeadlineExplicit).toBe(expected);
  });

  it('are all refused with a job that has ended its workers, and none of their words is kept', async () => {
    const { worker, asked, finished } = bench.workerWith(async () => success());
    const semantic = { text: 'a secret question', contextHash: 'c' };
    worker.take(await bench.dispatched({ requestId: 'lead', followers: [follower('f1', { semantic })] }, 5));
    await waitFor(() => finished.length === 2);
    expect(finished.map((job) => replyOf(job).header.errorCode)).toEqual(['internal', 'internal']);
    expect(asked).toEqual([]);
    const [entry] = await redis.xrange(shard.names.deadLetters, '-', '+');
    expect(entry?.[1].join(' ')).not.toContain('secret question');
  });

  it('are in hand while it runs and a while afterwards, and take one place together', async () => {
    const held = heldCall();
    const { worker, asked, finished } = bench.workerWith(held.call);
    worker.take(await bench.dispatched(withTwo));
    await waitFor(() => asked.length === 1);
    expect(['lead', 'f1', 'f2', 'f3'].map((requestId) => worker.hasInHand(requestId))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect([worker.inFlight(), worker.freePlaces()]).toEqual([1, 9]);
    held.release();
    await waitFor(() => finished.length === 3 && worker.inFlight() === 0);
    expect(['lead', 'f1', 'f2'].map((requestId) => worker.hasInHand(requestId))).toEqual([true, true, true]);
  });

  it('are served where their leader is known already and they are not', async () => {
    const { worker, asked, finished } = bench.workerWith(async () => success());
    worker.take(await bench.dispatched({ requestId: 'lead' }));
    await waitFor(() => finished.length === 1 && worker.inFlight() === 0);
    const again = await bench.dispatched(withTwo);
    worker.take(again);
    await waitFor(() => finished.length === 3);
    expect(asked.map(({ requestId }) => requestId)).toEqual(['lead', 'f1']);
    expect(jobOf(finished, 'f1')?.entry).toEqual(again.entry);
    expect(jobOf(finished, 'f2')?.record.cacheTier).toBe('coalesced');
  });

  it('are begun once when their entry comes again, and let go of with a second entry', async () => {
    const held = heldCall();
    const { worker, asked, finished } = bench.workerWith(held.call);
    const received = await bench.dispatched(withTwo);
    worker.take(received);
    worker.take({ ...received, deliveries: 2 });
    worker.take(await bench.dispatched(withTwo));
    await waitFor(async () => (await entriesLeft()) === 1);
    held.release();
    await waitFor(() => finished.length === 3 && worker.inFlight() === 0);
    expect(asked.length).toBe(1);
  });

  it('get a streamed answer as a whole, and of one that broke off the failure only', async () => {
    for (const ends of [streamed(), failure({ error: new CostlaneError('stream_interrupted', 'Gone.') })]) {
      const { worker, finished } = bench.workerWith(async (_, sink) => {
        sink.head({ status: 200, contentType: 'text/event-stream' });
        sink.chunk(Buffer.from('data: 1\n\n'));
        return ends;
      });
      worker.take(await bench.dispatched({ ...withTwo, stream: true }));
      await waitFor(() => finished.length === 3);
      const { header, body } = replyOf(jobOf(finished, 'f1'));
      expect(body.toString()).toBe(ends.ok ? 'data: 1\n\n' : '');
      expect(header).toMatchObject(
        ends.ok ? { contentType: 'text/event-stream' } : { errorCode: 'stream_interrupted' },
      );
    }
  });

  it('get a kept answer of their leader as well', async () => {
    const idempotency = { keyHash: 'k1', bodyHash: 'b1' };
    const { worker, asked, finished } = bench.workerWith(async () => success({ body: Buffer.from('first') }));
    worker.take(await bench.dispatched({ requestId: 'req_1', idempotency }));
    const { keepAs } = await waitFor(() => finished[0]);
    await redis.set(keepAs?.key ?? '', keepAs?.value ?? '', 'EX', 10);
    worker.take(await bench.dispatched({ ...withTwo, idempotency }));
    await waitFor(() => finished.length === 4);
    expect(asked.length).toBe(1);
    expect(replyOf(jobOf(finished, 'f1')).body.toString()).toBe('first');
  });

  it('have reply and record in Redis as soon as the entry is acknowledged', async () => {
    const stream = shard.names.dispatch('mock');
    const finisher = createJobFinisher({ redis, names: shard.names, onLostParts: () => undefined });
    let calls = 0;
    const { worker, outbox } = bench.workerWith(async () => success());
    outbox.finish = async (job) => {
      calls++;
      await finisher.finish(job);
    };
    worker.take(await bench.dispatched(withTwo));
    await waitFor(async () => (await redis.xlen(stream)) === 0);
    expect(calls).toBe(3);
    for (const requestId of ['lead', 'f1', 'f2']) {
      const gateway = requestId === 'lead' ? 'g1' : `g-${requestId}`;
      const [entry] = await redis.xrange(shard.names.reply(gateway), '-', '+');
      expect(entry?.[1][0]).toMatch(new RegExp(`^r.*:${requestId}$`));
    }
    // One entry: one script call.
    const completions = await redis.xrangeBuffer(shard.names.completions, '-', '+');
    expect(completions.length).toBe(1);
    const records = parseCompletionFields(completions[0]?.[1] ?? []).map(({ record }) => record.requestId);
    expect(records.sort()).toEqual(['f1', 'f2', 'lead']);
    expect(JSON.stringify(await redis.xpending(stream, consumerGroups.dispatch, '-', '+', 9))).toBe('[]');
  });
});
