import { decodePart, decodeReply, encodeReply, type Job } from '@costlane/contracts';
import { CostlaneError, type PolicyModel } from '@costlane/domain';
import type { FinishedJob } from '@costlane/lanes';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, waitFor, type SpecShard } from '@costlane/testing';
import { failure, samplePrice, streamed, success, type FakeCall } from '../testing/fakes';
import { createWorkerBench, heldCall, sampleModel, type WorkerBench } from '../testing/worker-bench';
import type { Worker } from './worker';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('Worker', () => {
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

  const workerWith = (...options: Parameters<WorkerBench['workerWith']>) => bench.workerWith(...options);
  const dispatched = (...options: Parameters<WorkerBench['dispatched']>) => bench.dispatched(...options);
  const entriesLeft = (): Promise<number> => redis.xlen(shard.names.dispatch('mock'));
  const replyOf = (job: FinishedJob | undefined) => decodeReply(job?.reply?.value ?? Buffer.alloc(0));

  it('runs a job and ends it with reply, record and entry', async () => {
    const { worker, finished } = workerWith(async () => success());
    const received = await dispatched({ requestId: 'req_1', replyTo: 'g7' });
    worker.take(received);
    expect(worker.inFlight()).toBe(1);
    const job = await waitFor(() => finished[0]);
    expect(job).toMatchObject({ entry: received.entry, reply: { requestId: 'req_1', replyTo: 'g7' } });
    expect(job.record).toMatchObject({ requestId: 'req_1', paidNanoUsd: 125_000, priceVersion: 'p1' });
    await waitFor(() => worker.inFlight() === 0);
  });

  const chained: PolicyModel[] = ['m', 'n', 'big'].map((name, index) => ({
    ...sampleModel,
    name,
    upstreamModel: name,
    price: { ...samplePrice, priceVersion: `p-${name}`, perMillion: { freshInput: String(index + 1), output: '2' } },
  }));
  const n = { model: 'n', provider: 'mock', upstreamModel: 'n' };

  it('goes on with a job’s fallbacks, each at its own price, counted against the model it would have been', async () => {
    const call: FakeCall = async ({ upstreamModel }) =>
      upstreamModel === 'n' ? success() : failure({ error: new CostlaneError('upstream_error', 'no') });
    const { worker, asked, finished } = workerWith(call, 10, chained);
    worker.take(await dispatched({ fallbacks: [n], baselineModel: 'big' }));
    const { record, reply } = await waitFor(() => finished[0]);
    expect(asked.map(({ upstreamModel }) => upstreamModel)).toEqual(['m', 'n']);
    // 150 × 3,000 + 10 × 2,000 at the baseline; 150 × 2,000 + 10 × 2,000 with the one that answered
    expect(record).toMatchObject({
      baselineNanoUsd: 470_000,
      paidNanoUsd: 320_000,
      savings: { routing: 150_000 },
      priceVersion: 'p-n',
    });
    expect(decodeReply(reply?.value ?? Buffer.alloc(0)).header.routeSteps).toEqual([
      { model: 'm', provider: 'mock', why: 'upstream_error' },
    ]);
    expect(await entriesLeft()).toBe(1);
  });

  it('ends a chain in its middle when the client leaves', async () => {
    const held = heldCall();
    const call: FakeCall = (request, sink) =>
      request.upstreamModel === 'm'
        ? Promise.resolve(failure({ error: new CostlaneError('circuit_open', 'no') }))
        : held.call(request, sink);
    const { worker, asked, finished } = workerWith(call, 10, chained);
    worker.take(await dispatched({ fallbacks: [n, { ...n, model: 'big' }] }));
    await waitFor(() => asked.length === 2);
    worker.cancel('req_1');
    const { record } = await waitFor(() => finished[0]);
    expect([record.errorCode, record.usageSource, asked.length]).toEqual(['cancelled', 'estimated', 2]);
    // The provider had the prompt when the client left.
    expect(record.usage).toMatchObject({ outputTokens: 0 });
    expect(record.paidNanoUsd).toBeGreaterThan(0);
  });

  it('prices a dated version of a model that the policy knows without its date', async () => {
    const { worker, finished } = workerWith(async () => success());
    worker.take(await dispatched({ model: 'm-2026-01-31', upstreamModel: 'm-2026-01-31' }));
    expect((await waitFor(() => finished[0])).record).toMatchObject({ paidNanoUsd: 125_000, priceVersion: 'p1' });
  });

  it('runs a request that it gets twice once, while it runs and afterwards', async () => {
    const held = heldCall();
    const { worker, asked, finished } = workerWith(held.call);
    const received = await dispatched();
    worker.take(received);
    worker.take(received);
    await waitFor(() => asked.length === 1);
    worker.take({ ...received, deliveries: 2 });
    held.release();
    await waitFor(() => finished.length === 1);
    await waitFor(() => worker.inFlight() === 0);
    worker.take({ ...received, deliveries: 3 });
    await waitFor(async () => (await entriesLeft()) === 0);
    expect([asked.length, finished.length]).toEqual([1, 1]);
  });

  it('lets go of a second entry for a request that is running, and keeps the first', async () => {
    const held = heldCall();
    const { worker, asked, finished } = workerWith(held.call);
    const first = await dispatched();
    const second = await dispatched();
    worker.take(first);
    await waitFor(() => asked.length === 1);
    worker.take(second);
    await waitFor(async () => (await entriesLeft()) === 1);
    held.release();
    expect((await waitFor(() => finished[0])).entry).toEqual(first.entry);
  });

  it('does not run a request that was cancelled before it came', async () => {
    const { worker, asked, finished } = workerWith(async () => success());
    worker.cancel('req_1');
    worker.take(await dispatched());
    const job = await waitFor(() => finished[0]);
    expect(replyOf(job).header.errorCode).toBe('cancelled');
    expect(job.record).toMatchObject({ paidNanoUsd: 0, upstreamCalls: 0, errorCode: 'cancelled' });
    expect(asked).toEqual([]);
  });

  it('aborts the provider call of a request that is cancelled while it runs', async () => {
    const { worker, asked, finished } = workerWith(heldCall().call);
    worker.take(await dispatched());
    await waitFor(() => asked.length === 1);
    worker.cancel('req_1');
    expect(replyOf(await waitFor(() => finished[0])).header.errorCode).toBe('cancelled');
    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it('does not run a request whose deadline passed in the queue', async () => {
    const { worker, asked, finished } = workerWith(async () => success());
    worker.take(await dispatched({ deadlineAtMs: Date.now() - 1 }));
    expect(replyOf(await waitFor(() => finished[0])).header.errorCode).toBe('deadline_exceeded');
    expect(asked).toEqual([]);
  });

  it('puts a job aside that has ended its workers several times', async () => {
    const { worker, asked, finished } = workerWith(async () => success());
    worker.take(await dispatched({ requestId: 'req_fine' }, 4));
    await waitFor(() => finished.length === 1);
    expect(asked.length).toBe(1);
    const asks = { semantic: { text: 'a secret question', contextHash: 'c' } };
    worker.take(await dispatched({ requestId: 'req_poison', ...asks }, 5));
    await waitFor(() => finished.length === 2);
    expect(replyOf(finished[1]).header.errorCode).toBe('internal');
    expect(asked.length).toBe(1);
    const [entry] = await redis.xrange(shard.names.deadLetters, '-', '+');
    expect(entry?.[1].slice(0, 2)).toEqual(['request_id', 'req_poison']);
    expect(entry?.[1].join(' ')).not.toContain('secret question');
  });

  it('does not run a redelivered stream again that had begun, and charges what was delivered as an estimate', async () => {
    const first = workerWith((_, sink) => {
      sink.head({ status: 200, contentType: 'text/event-stream' });
      for (let i = 0; i < 50; i++) sink.chunk(Buffer.from('data: {}\n\n'));
      return new Promise((resolve) => (first.release = () => resolve(streamed())));
    }) as ReturnType<typeof workerWith> & { release?: () => void };
    const received = await dispatched({ stream: true });
    first.worker.take(received);
    await waitFor(async () => Number(await redis.get(shard.names.progress('req_1'))) > 0);

    const second = workerWith(async () => streamed());
    second.worker.take({ ...received, deliveries: 2 });
    const job = await waitFor(() => second.finished[0]);
    expect(second.asked).toEqual([]);
    expect(replyOf(job).header).toMatchObject({ errorCode: 'stream_interrupted', usageSource: 'estimated' });
    expect(job.record).toMatchObject({ usageSource: 'estimated', priceVersion: 'p1' });
    expect(job.record.usage?.outputTokens).toBeGreaterThanOrEqual(25);
    expect(job.record.paidNanoUsd).toBeGreaterThan(50_000);
    first.release?.();
  });

  it('runs a redelivered stream again of which nothing was delivered, and a redelivered whole answer', async () => {
    const { worker, asked, finished } = workerWith(async () => streamed());
    worker.take(await dispatched({ requestId: 'req_1', stream: true }, 2));
    worker.take(await dispatched({ requestId: 'req_2' }, 2));
    await waitFor(() => finished.length === 2);
    expect(asked.length).toBe(2);
  });

  describe('with a client’s idempotency key', () => {
    const idempotency = { keyHash: 'k1', bodyHash: 'b1' };
    const keep = (job: FinishedJob): Promise<unknown> =>
      redis.set(job.keepAs?.key ?? '', job.keepAs?.value ?? '', 'EX', job.keepAs?.ttlSeconds ?? 1);

    it('gives the first result again, and charges once', async () => {
      const { worker, asked, finished } = workerWith(async () => success({ body: Buffer.from('first') }));
      worker.take(await dispatched({ requestId: 'req_1', idempotency }));
      const first = await waitFor(() => finished[0]);
      expect(first.keepAs?.ttlSeconds).toBe(60);
      await keep(first);
      worker.take(await dispatched({ requestId: 'req_2', idempotency }));
      const second = await waitFor(() => finished[1]);
      expect(asked.length).toBe(1);
      expect(replyOf(second).body.toString()).toBe('first');
      expect(replyOf(second).header).toMatchObject({ status: 200, paidNanoUsd: 0 });
      expect(second.record).toMatchObject({
        requestId: 'req_2',
        paidNanoUsd: 0,
        httpStatus: 200,
        cacheTier: 'coalesced',
      });
    });

    it('leaves the first result kept as it is when it is given again', async () => {
      const { worker, asked, finished } = workerWith(async () => success({ body: Buffer.from('first') }));
      worker.take(await dispatched({ requestId: 'req_1', idempotency }));
      await keep(await waitFor(() => finished[0]));
      for (const requestId of ['req_2', 'req_3']) {
        worker.take(await dispatched({ requestId, idempotency }));
        const again = await waitFor(() => finished.find(({ record }) => record.requestId === requestId));
        if (again.keepAs) await keep(again);
        expect(replyOf(again).body.toString()).toBe('first');
      }
      expect(asked.length).toBe(1);
    });

    it('keeps a failure that may pass for a moment only, so that the client can try again', async () => {
      const error = new CostlaneError('upstream_error', 'no');
      const { worker, asked, finished } = workerWith(async () => failure({ error }));
      worker.take(await dispatched({ requestId: 'req_1', idempotency }));
      const first = await waitFor(() => finished[0]);
      expect(first.keepAs?.ttlSeconds).toBe(1);
      await keep(first);
      worker.take(await dispatched({ requestId: 'req_2', idempotency }));
      await waitFor(() => finished.length === 2);
      expect(asked.length).toBe(2);
    });

    it('keeps no result whose bytes it has not kept', async () => {
      const { worker, finished } = workerWith(async (_, sink) => {
        sink.head({ status: 200, contentType: 'text/event-stream' });
        for (let i = 0; i < 9; i++) sink.chunk(Buffer.alloc(1024 * 1024, 'data: x\n\n'));
        return streamed();
      });
      worker.take(await dispatched({ idempotency, stream: true }));
      const { keepAs } = await waitFor(() => finished[0]);
      expect(keepAs?.value.toString().startsWith('{"state":"failed"')).toBe(true);
    });
  });

  describe('over the degraded road', () => {
    const parts: string[] = [];
    const emit = (bytes: Buffer): void => void parts.push(String(decodePart(bytes)?.kind));
    const execute = (worker: Worker, job: Job) => worker.execute(job, emit);
    beforeEach(() => parts.splice(0));

    it('gives parts and result to the caller, and the record to the outbox', async () => {
      const { worker, finished } = workerWith(async (_, sink) => {
        sink.head({ status: 200, contentType: 'text/event-stream' });
        sink.chunk(Buffer.from('data: 1\n\n'));
        return streamed();
      });
      const last = decodePart(await execute(worker, sampleJob({ stream: true })));
      expect(parts).toEqual(['h', 'c']);
      expect([last?.kind, last?.seq]).toEqual(['e', 2]);
      expect(finished[0]).toMatchObject({ entry: undefined, reply: undefined, record: { paidNanoUsd: 125_000 } });
    });

    it('refuses a request that it has in hand or has answered, and one too many', async () => {
      const held = heldCall();
      const { worker, asked } = workerWith(held.call, 1);
      const first = execute(worker, sampleJob());
      await expect(execute(worker, sampleJob())).rejects.toMatchObject({ code: 'unavailable' });
      await expect(execute(worker, sampleJob({ requestId: 'req_2' }))).rejects.toMatchObject({ code: 'overloaded' });
      held.release();
      await first;
      await expect(execute(worker, sampleJob())).rejects.toMatchObject({ code: 'unavailable' });
      expect(asked.length).toBe(1);
    });

    it('ends the entry of a request that came over Redis, too, with the one run', async () => {
      const held = heldCall();
      const { worker, asked, finished } = workerWith(held.call);
      const running = execute(worker, sampleJob());
      const received = await dispatched();
      worker.take(received);
      held.release();
      await running;
      expect(asked.length).toBe(1);
      expect(finished[0]?.entry).toEqual(received.entry);
    });
  });

  it('lets go of an entry that comes while the end of its request, which came another way, is under way', async () => {
    const { worker, finished, outbox } = workerWith(async () => success());
    let release: () => void = () => undefined;
    outbox.finish = (job) => {
      finished.push(job);
      return new Promise((resolve) => (release = resolve));
    };
    const running = worker.execute(sampleJob(), () => undefined);
    await waitFor(() => finished.length === 1);
    worker.take(await dispatched());
    release();
    await running;
    await waitFor(async () => (await entriesLeft()) === 0);
  });

  it('waits for what runs when it drains, and lets paused streams go on', async () => {
    let isResumed = false;
    const { worker, asked } = workerWith(
      (_, sink) =>
        new Promise((resolve) => {
          sink.onResume?.(() => {
            isResumed = true;
            resolve(success());
          });
        }),
    );
    worker.take(await dispatched());
    await waitFor(() => asked.length === 1);
    await worker.drain(2_000);
    expect([isResumed, worker.inFlight()]).toEqual([true, 0]);
  });

  it('gives up waiting at the limit', async () => {
    const held = heldCall();
    const { worker, asked } = workerWith(held.call);
    worker.take(await dispatched());
    await waitFor(() => asked.length === 1);
    await worker.drain(50);
    expect(worker.inFlight()).toBe(1);
    held.release();
  });

  it('reads a kept result that it did not write itself', async () => {
    const value = Buffer.concat([
      Buffer.from('{"state":"done","bodyHash":"b1"}\n'),
      encodeReply(
        {
          status: 200,
          contentType: 'application/json',
          provider: 'mock',
          modelUsed: 'm',
          paidNanoUsd: 9,
          baselineNanoUsd: 9,
          savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
          upstreamLatencyMs: 1,
          upstreamCalls: 1,
        },
        Buffer.from('kept'),
      ),
    ]);
    await redis.set(shard.names.idempotency('acme', 'k9'), value, 'EX', 10);
    const { worker, asked, finished } = workerWith(async () => success());
    worker.take(await dispatched({ idempotency: { keyHash: 'k9', bodyHash: 'b1' } }));
    expect(replyOf(await waitFor(() => finished[0])).body.toString()).toBe('kept');
    expect(asked).toEqual([]);
  });
});
