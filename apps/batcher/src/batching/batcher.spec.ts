import {
  consumerGroups,
  decodePayload,
  decodeReply,
  jobFields,
  parseCompletionFields,
  priorities,
  type CompletionRecord,
  type JobHeader,
  type Priority,
  type ReplyHeader,
} from '@costlane/contracts';
import { ensureGroup, fieldValue } from '@costlane/lanes';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, waitFor, type SpecShard } from '@costlane/testing';
import { free, startBatcher, type RunningBatcher } from '../testing/start-batcher';
import type { BatcherOptions } from './batcher-options';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('the batcher', () => {
  let shard: SpecShard;
  let redis: Redis;
  let running: RunningBatcher[];

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop()));
    await shard.remove();
  });

  async function start(measured = free(1_000), options: Partial<BatcherOptions> = {}): Promise<RunningBatcher> {
    const one = await startBatcher(shard, measured, options);
    running.push(one);
    return one;
  }
  const add = (lane: Priority, header: Partial<JobHeader>, body?: string): Promise<unknown> =>
    redis.xadd(
      shard.names.lane(lane),
      '*',
      ...jobFields(sampleJob(header, { priority: lane, ...(body === undefined ? {} : { body: Buffer.from(body) }) })),
    );
  async function dispatched(provider = 'mock'): Promise<JobHeader[]> {
    const entries = (await redis.xrangeBuffer(shard.names.dispatch(provider), '-', '+')) as [Buffer, Buffer[]][];
    return entries.map(([, fields]) => decodePayload(fieldValue(fields, 'payload') ?? Buffer.alloc(0)).header);
  }
  async function replies(gateway = 'g1'): Promise<Map<string, ReplyHeader>> {
    const entries = (await redis.xrangeBuffer(shard.names.reply(gateway), '-', '+')) as [Buffer, Buffer[]][];
    const found = new Map<string, ReplyHeader>();
    for (const [, fields] of entries)
      for (let at = 0; at < fields.length; at += 2) {
        const name = fields[at]?.toString() ?? '';
        found.set(name.slice(name.indexOf(':') + 1), decodeReply(fields[at + 1] as Buffer).header);
      }
    return found;
  }
  async function records(): Promise<CompletionRecord[]> {
    const entries = (await redis.xrangeBuffer(shard.names.completions, '-', '+')) as [Buffer, Buffer[]][];
    return entries.flatMap(([, fields]) => parseCompletionFields(fields).map(({ record }) => record));
  }
  async function leftInLanes(): Promise<number> {
    const lanes = await Promise.all(priorities.map((lane) => redis.xlen(shard.names.lane(lane))));
    return lanes.reduce((sum, length) => sum + length, 0);
  }

  it('moves jobs to their providers, in the order in which they came', async () => {
    await start({
      ...free(100),
      providers: ['mock', 'openai'].map((provider) => ({ provider, places: 100, jobs: 0 })),
    });
    await add('express', { requestId: '1' });
    await add('express', { requestId: '2', provider: 'openai' });
    await add('express', { requestId: '3' });
    await waitFor(async () => (await dispatched()).length === 2 && (await dispatched('openai')).length === 1);
    expect((await dispatched()).map(({ requestId }) => requestId)).toEqual(['1', '3']);
    expect(await leftInLanes()).toBe(0);
  });

  it('keeps what has no place in its lane, express work first when one becomes free', async () => {
    const { places, batcher } = await start(free(2, 2));
    await add('batch', { requestId: 'b' });
    await add('standard', { requestId: 's' });
    await add('express', { requestId: 'e' });
    await waitFor(() => batcher.inHand() === 3);
    expect([await leftInLanes(), (await dispatched()).length]).toEqual([3, 0]);
    await redis.xadd(shard.names.dispatch('mock'), '*', ...jobFields(sampleJob({ requestId: 'begun' })));
    places.measured(free(2, 1));
    batcher.wake();
    await waitFor(async () => (await dispatched()).length === 2);
    expect((await dispatched()).map(({ requestId }) => requestId)).toEqual(['begun', 'e']);
    expect(batcher.waiting()).toEqual({ express: 0, standard: 1, batch: 1 });
  });

  it('never gives a place away twice, though the measure is old', async () => {
    const { batcher } = await start(free(5));
    for (let at = 0; at < 50; at++) await add('standard', { requestId: `r${at}`, tenantId: `t${at}` });
    await waitFor(() => batcher.inHand() >= 45 && batcher.waiting().standard === 45);
    expect(await redis.xlen(shard.names.dispatch('mock'))).toBe(5);
  });

  it('asks once for identical requests of a tenant, never for those of two', async () => {
    const { places, batcher, metrics } = await start(free(9, 9));
    for (const [requestId, tenantId] of [
      ['1', 'acme'],
      ['2', 'acme'],
      ['3', 'other'],
      ['4', 'acme'],
    ] as const)
      await add('standard', { requestId, tenantId, fingerprint: 'f', cacheTtlSeconds: 60, replyTo: `g${requestId}` });
    await add('standard', { requestId: '5', fingerprint: 'f', cacheTtlSeconds: 60, stream: true });
    await add('standard', { requestId: '6' });
    await waitFor(() => batcher.waiting().standard === 6);
    places.measured(free(9));
    batcher.wake();
    await waitFor(async () => (await leftInLanes()) === 0);
    const calls = (await dispatched()).map(({ requestId, tenantId, followers }) => [
      requestId,
      tenantId,
      ...(followers ?? []).map((follower) => `${follower.requestId} ${follower.tenantId} ${follower.replyTo}`),
    ]);
    expect(calls.sort()).toEqual([
      ['1', 'acme', '2 acme g2', '4 acme g4'],
      ['3', 'other'],
      ['5', 'acme'],
      ['6', 'acme'],
    ]);
    expect(await metrics.registry.metrics()).toMatch(/costlane_batcher_coalesced_total\{kind="identical".*\} 2/);
  });

  it('asks for each by itself while a worker is there that would answer one of them only', async () => {
    const { places, batcher } = await start(free(9, 9));
    for (const requestId of ['1', '2', '3'])
      await add('standard', { requestId, fingerprint: 'f', cacheTtlSeconds: 60 });
    await waitFor(() => batcher.waiting().standard === 3);
    places.measured({ ...free(9), providers: [{ provider: 'mock', places: 9, jobs: 0, asksAlone: true }] });
    batcher.wake();
    await waitFor(async () => (await leftInLanes()) === 0);
    expect((await dispatched()).map(({ requestId, followers }) => [requestId, followers])).toEqual([
      ['1', undefined],
      ['2', undefined],
      ['3', undefined],
    ]);
  });

  it('an entry that is read twice, or published twice, is moved once', async () => {
    const one = await start(free(9, 9));
    await add('standard', { requestId: '1' });
    await waitFor(() => one.batcher.waiting().standard === 1);
    await add('standard', { requestId: '1' });
    await waitFor(async () => (await leftInLanes()) === 1);
    one.places.measured(free(9));
    one.batcher.wake();
    await waitFor(async () => (await leftInLanes()) === 0);
    expect((await dispatched()).map(({ requestId }) => requestId)).toEqual(['1']);
  });

  it('work whose deadline passes while it waits is told so, on record without cost', async () => {
    await start(free(1, 1));
    await add('standard', {
      requestId: '1',
      deadlineAtMs: Date.now() + 60,
      usageSource: undefined,
    } as Partial<JobHeader>);
    await waitFor(async () => (await replies()).has('1'));
    expect((await replies()).get('1')).toMatchObject({ status: 504, errorCode: 'deadline_exceeded', upstreamCalls: 0 });
    expect(await records()).toMatchObject([
      {
        requestId: '1',
        errorCode: 'deadline_exceeded',
        cacheTier: 'miss',
        paidNanoUsd: 0,
        upstreamCalls: 0,
        usageSource: 'none',
      },
    ]);
    expect([await leftInLanes(), (await dispatched()).length]).toEqual([0, 0]);
  });

  it('a request that nobody waits for any more is taken out, whether the word comes before it or after', async () => {
    const { batcher } = await start(free(1, 1));
    await add('standard', { requestId: '1' });
    await waitFor(() => batcher.waiting().standard === 1);
    batcher.cancel('1');
    batcher.cancel('2');
    await add('standard', { requestId: '2' });
    await waitFor(async () => (await records()).length === 2);
    expect((await records()).map(({ requestId, errorCode }) => [requestId, errorCode])).toEqual([
      ['1', 'cancelled'],
      ['2', 'cancelled'],
    ]);
    expect(await leftInLanes()).toBe(0);
  });

  it('refuses with 429 within 50 ms what there is no room for', async () => {
    const { batcher } = await start(free(1, 1), { maxWaiting: 10 });
    for (let at = 0; at < 5; at++) await add('standard', { requestId: `w${at}` });
    await waitFor(() => batcher.waiting().standard === 5);
    const took: number[] = [];
    for (let at = 0; at < 20; at++) {
      const sinceMs = performance.now();
      await add('standard', { requestId: `r${at}` });
      await waitFor(async () => (await replies()).has(`r${at}`), { intervalMs: 1 });
      took.push(performance.now() - sinceMs);
    }
    const header = (await replies()).get('r0');
    expect(header).toMatchObject({ status: 429, errorCode: 'overloaded' });
    expect(header?.retryAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(took.sort((a, b) => a - b)[Math.floor(took.length / 2)]).toBeLessThan(50);
    expect(batcher.waiting().standard).toBe(5);
  });

  it('refuses and sheds once more is offered than is served, and what is new within 50 ms', async () => {
    const { batcher } = await start(free(1, 1), { intervalMs: 50, settings: { targetLatencyP95Ms: 20 } });
    let at = 0;
    await waitFor(
      async () => {
        await add('standard', { requestId: `r${at++}` });
        return [...(await replies()).values()].some(({ errorCode }) => errorCode === 'overloaded');
      },
      { timeoutMs: 8_000 },
    );
    const sinceMs = performance.now();
    await add('standard', { requestId: 'late' });
    await waitFor(async () => (await replies()).has('late'), { intervalMs: 1 });
    expect(performance.now() - sinceMs).toBeLessThan(50);
    expect(batcher.waiting().standard).toBeGreaterThan(0);
  });

  it('puts an entry aside that ends whoever reads it', async () => {
    const lane = shard.names.lane('standard');
    await ensureGroup(redis, lane, consumerGroups.lanes);
    await add('standard', { requestId: 'bad' });
    await redis.xreadgroup('GROUP', consumerGroups.lanes, 'dead', 'STREAMS', lane, '>');
    const [[id] = ['']] = (await redis.xpending(lane, consumerGroups.lanes, '-', '+', 1)) as [string][];
    await redis.xclaim(lane, consumerGroups.lanes, 'dead', 0, id, 'IDLE', 60_000, 'RETRYCOUNT', 4);
    await start();
    await waitFor(async () => (await replies()).has('bad'), { timeoutMs: 8_000 });
    expect((await replies()).get('bad')?.errorCode).toBe('internal');
    expect(await redis.xlen(shard.names.deadLetters)).toBe(1);
    expect([await leftInLanes(), (await dispatched()).length]).toEqual([0, 0]);
  }, 10_000);

  it('does not hold earlier batchers’ ends against what it has had in hand for a while', async () => {
    const lane = shard.names.lane('standard');
    await ensureGroup(redis, lane, consumerGroups.lanes);
    await add('standard', { requestId: 'good' });
    await redis.xreadgroup('GROUP', consumerGroups.lanes, 'dead', 'STREAMS', lane, '>');
    const deliveries = async () =>
      ((await redis.xpending(lane, consumerGroups.lanes, '-', '+', 1)) as [string, string, number, number][])[0];
    const [id = ''] = (await deliveries()) ?? [];
    await redis.xclaim(lane, consumerGroups.lanes, 'dead', 0, id, 'IDLE', 60_000, 'RETRYCOUNT', 3);
    const { batcher } = await start(free(1, 1), { clearAfterMs: 20 });
    await waitFor(() => batcher.waiting().standard === 1);
    await waitFor(async () => (await deliveries())?.[3] === 1);
    expect((await deliveries())?.[1]).not.toBe('dead');
  });

  it('gives what waits back when it stops, so that another one moves it at once and in order', async () => {
    const first = await start(free(1, 1));
    const ids = Array.from({ length: 300 }, (_, at) => `r${String(at).padStart(3, '0')}`);
    for (const requestId of ids) await add('standard', { requestId });
    await waitFor(() => first.batcher.waiting().standard === 300);
    await start();
    const sinceMs = performance.now();
    await first.stop();
    await waitFor(async () => (await redis.xlen(shard.names.dispatch('mock'))) === 300);
    expect(performance.now() - sinceMs).toBeLessThan(1_000);
    expect((await dispatched()).map(({ requestId }) => requestId)).toEqual(ids);
  });

  it('what a killed one held is moved by another, once', async () => {
    const first = await start(free(1, 1));
    for (let at = 0; at < 50; at++)
      await add('standard', { requestId: `r${at}`, fingerprint: `f${at % 20}`, cacheTtlSeconds: 60 });
    await waitFor(() => first.batcher.waiting().standard === 50);
    first.kill();
    await start();
    await waitFor(async () => (await leftInLanes()) === 0, { timeoutMs: 9_000 });
    const headers = await dispatched();
    const all = headers.flatMap(({ requestId, followers }) => [
      requestId,
      ...(followers ?? []).map((each) => each.requestId),
    ]);
    expect(all.length).toBe(50);
    expect(new Set(all).size).toBe(50);
  }, 15_000);
});
