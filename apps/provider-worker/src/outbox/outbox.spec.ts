import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { consumerGroups, encodeReply, parseCompletionFields, parseReplyField, replyField } from '@costlane/contracts';
import { createCompletionSpool, createJobFinisher, type FinishedJob, type ReplyItem } from '@costlane/lanes';
import { createLogger, createMetrics, createRedis, type Redis } from '@costlane/platform';
import {
  createSpecShard,
  redisUrlForTests,
  sampleRecord,
  startOwnRedis,
  waitFor,
  type OwnRedis,
  type SpecShard,
} from '@costlane/testing';
import { createOutbox, type Outbox } from './outbox';

const redisUrl = redisUrlForTests();
const COMMAND_TIMEOUT_MS = 100;

(redisUrl ? describe : describe.skip)('createOutbox', () => {
  let own: OwnRedis | undefined;
  let shard: SpecShard;
  let redis: Redis;
  let folder: string;
  let outbox: Outbox;
  let doubled: string[];
  const direct: { kind: string; seq: number; requestId: string; atMs: number }[] = [];
  let hasRoad: boolean;

  beforeAll(async () => {
    own = await startOwnRedis(redisUrl ?? '');
    if (!own) process.stderr.write('the Redis for tests runs elsewhere: it cannot be frozen or killed; skipping\n');
  });
  afterAll(() => own?.remove());
  beforeEach(async () => {
    direct.splice(0);
    doubled = [];
    hasRoad = true;
    shard = createSpecShard(own?.url ?? redisUrl ?? '', { createRedis, createLogger });
    folder = await mkdtemp(path.join(tmpdir(), 'costlane-spool-'));
    redis = await shard.connect({ commandTimeoutMs: COMMAND_TIMEOUT_MS });
    outbox = outboxOn(redis);
  });
  afterEach(async () => {
    await shard.remove();
    await rm(folder, { recursive: true, force: true });
  });

  function outboxOn(connection: Redis, owedMax?: number): Outbox {
    const made = createOutbox({
      finisher: (onLostParts) => createJobFinisher({ redis: connection, names: shard.names, onLostParts }),
      directRoad: (_, field) => {
        const part = parseReplyField(field);
        if (hasRoad && part) direct.push({ ...part, atMs: performance.now() });
        return hasRoad;
      },
      spool: createCompletionSpool(folder, shard.logger),
      logger: shard.logger,
      metrics: createMetrics({ service: 'spec' }),
      onDoubled: (job) => doubled.push(job.record.requestId),
      owedMax,
    });
    connection.on('close', () => made.redisIsGone());
    connection.on('ready', () => made.redisIsBack());
    return made;
  }

  const HEADER = {
    status: 200,
    contentType: 'text/event-stream',
    provider: 'mock',
    modelUsed: 'm',
    paidNanoUsd: 0,
    baselineNanoUsd: 0,
    savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
    upstreamLatencyMs: 0,
    upstreamCalls: 1,
  };
  const item = (kind: 'r' | 'h' | 'c' | 'e', seq: number, requestId: string): ReplyItem => ({
    requestId,
    replyTo: 'g1',
    field: replyField(kind, 'a1', seq, requestId),
    value: encodeReply(HEADER),
  });
  const ended = (requestId: string, reply = item('r', 0, requestId), entry?: FinishedJob['entry']): FinishedJob => ({
    entry,
    reply,
    record: sampleRecord({ requestId }),
  });
  /** An entry in the dispatch stream that this worker has in hand. */
  async function entryInHand(): Promise<NonNullable<FinishedJob['entry']>> {
    const stream = shard.names.dispatch('mock');
    await redis.xgroup('CREATE', stream, consumerGroups.dispatch, '0', 'MKSTREAM').catch(() => undefined);
    const id = String(await redis.xadd(stream, '*', 'payload', ''));
    await redis.xreadgroup('GROUP', consumerGroups.dispatch, 'w1', 'COUNT', 1, 'STREAMS', stream, '>');
    return { stream, id };
  }
  async function overRedis(): Promise<{ replies: string[]; records: string[] }> {
    const reader = await shard.connect();
    const replies = await reader.xrange(shard.names.reply('g1'), '-', '+');
    const completions = (await reader.xrangeBuffer(shard.names.completions, '-', '+')) as [Buffer, Buffer[]][];
    reader.disconnect();
    return {
      replies: replies.flatMap(([, fields]) => fields.filter((_, index) => index % 2 === 0)),
      records: completions.flatMap(([, fields]) => parseCompletionFields(fields)).map(({ record }) => record.requestId),
    };
  }
  const spooled = async (): Promise<number> => (await readdir(folder)).length;
  const seqs = (requestId: string): string[] =>
    direct.filter((part) => part.requestId === requestId).map(({ kind, seq }) => `${kind}${seq}`);

  it('takes Redis while it answers', async () => {
    const entry = await entryInHand();
    outbox.part(item('h', 0, 'req_1'));
    outbox.part(item('c', 1, 'req_1'));
    await outbox.finish(ended('req_1', item('e', 2, 'req_1'), entry));
    const { replies, records } = await overRedis();
    expect(replies.map((field) => parseReplyField(field)?.kind)).toEqual(['h', 'c', 'e']);
    expect(records).toEqual(['req_1']);
    expect([direct.length, outbox.owed(), await spooled()]).toEqual([0, 0, 0]);
  });

  it('tells when somebody else had ended the job', async () => {
    const entry = await entryInHand();
    await outbox.finish(ended('req_1', item('r', 0, 'req_1'), entry));
    await outbox.finish(ended('req_1', item('r', 0, 'req_1'), entry));
    expect(doubled).toEqual(['req_1']);
    expect((await overRedis()).records).toEqual(['req_1']);
  });

  describe('while Redis is frozen', () => {
    beforeEach(() => own?.freeze());
    afterEach(() => own?.thaw());

    it('sends the reply straight to the gateway within the command’s limit, and the record when it thaws', async () => {
      if (!own) return;
      own.thaw();
      const entry = await entryInHand();
      own.freeze();
      const startedAtMs = performance.now();
      await outbox.finish(ended('req_1', item('r', 0, 'req_1'), entry));
      expect((direct[0]?.atMs ?? Infinity) - startedAtMs).toBeLessThan(COMMAND_TIMEOUT_MS + 80);
      expect(outbox.owed()).toBe(1);
      await waitFor(async () => (await spooled()) === 1);
      own.thaw();
      await waitFor(() => outbox.owed() === 0);
      await waitFor(async () => (await spooled()) === 0);
      // Whether Redis took it before it froze is not known, so it may be there twice: the ledger takes a record once.
      expect(new Set((await overRedis()).records)).toEqual(new Set(['req_1']));
      expect(await redis.xlen(entry.stream)).toBe(0);
    });

    it('keeps the parts of a stream in order, those under way, those behind them and those that come later', async () => {
      if (!own) return;
      let seq = 0;
      const parts = (count: number): void => {
        for (let i = 0; i < count; i++, seq++) outbox.part(item(seq === 0 ? 'h' : 'c', seq, 'req_1'));
      };
      parts(3);
      await new Promise((resolve) => setImmediate(resolve));
      parts(3);
      await waitFor(() => direct.length > 0, { intervalMs: 1 });
      parts(3);
      await waitFor(() => outbox.backlog() === 0);
      parts(1);
      await outbox.finish(ended('req_1', item('e', seq, 'req_1')));
      expect(seqs('req_1')).toEqual(['h0', ...Array.from({ length: 9 }, (_, index) => `c${index + 1}`), 'e10']);
    });

    it('sends an end that waits behind others on its way no later than they', async () => {
      if (!own) return;
      const first = outbox.finish(ended('req_1'));
      await new Promise((resolve) => setImmediate(resolve));
      const second = outbox.finish(ended('req_2'));
      const startedAtMs = performance.now();
      await Promise.all([first, second]);
      expect(performance.now() - startedAtMs).toBeLessThan(COMMAND_TIMEOUT_MS + 80);
    });

    it('owes many at once and delivers each when it thaws', async () => {
      if (!own) return;
      const ids = Array.from({ length: 500 }, (_, index) => `req_${index}`);
      await Promise.all(ids.map((requestId) => outbox.finish(ended(requestId))));
      expect(outbox.owed()).toBe(500);
      own.thaw();
      await waitFor(() => outbox.owed() === 0);
      expect(new Set((await overRedis()).records)).toEqual(new Set(ids));
    });
  });

  it('keeps the order of a stream when the connection breaks', async () => {
    if (!own) return;
    outbox.part(item('h', 0, 'req_1'));
    outbox.part(item('c', 1, 'req_1'));
    await own.kill();
    outbox.part(item('c', 2, 'req_1'));
    await waitFor(() => redis.status !== 'ready');
    outbox.part(item('c', 3, 'req_1'));
    await outbox.finish(ended('req_1', item('e', 4, 'req_1')));
    // What Redis took before it died went over Redis; all behind it goes the other road, in order.
    const sent = direct.map(({ seq }) => seq);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(sent.slice(-3)).toEqual([2, 3, 4]);
    await own.start();
    await waitFor(() => outbox.owed() === 0);
  });

  it('answers straight while Redis is down, at once, and delivers what is owed when it is back', async () => {
    if (!own) return;
    const entry = await entryInHand();
    await outbox.finish(ended('req_before'));
    await own.kill();
    await waitFor(() => redis.status !== 'ready');
    await outbox.finish(ended('req_1', item('r', 0, 'req_1'), entry));
    expect(seqs('req_1')).toEqual(['r0']);
    await waitFor(async () => (await spooled()) === 1);
    await own.start();
    await waitFor(() => outbox.owed() === 0);
    await waitFor(async () => (await spooled()) === 0);
    const { records } = await overRedis();
    // What went just before the loss is ended again: Redis might have forgotten it.
    expect(new Set(records)).toEqual(new Set(['req_before', 'req_1']));
    expect(await redis.xlen(entry.stream)).toBe(0);
  });

  it('keeps what no gateway could be told', async () => {
    if (!own) return;
    hasRoad = false;
    await own.kill();
    await waitFor(() => redis.status !== 'ready');
    await outbox.finish(ended('req_1'));
    expect(outbox.owed()).toBe(1);
    await own.start();
    await waitFor(() => outbox.owed() === 0);
    const { replies, records } = await overRedis();
    expect(records).toContain('req_1');
    // Its gateway goes on waiting for it.
    expect(replies.map((field) => parseReplyField(field)?.requestId)).toEqual(['req_1']);
  });

  it('holds no more in memory than it may, and delivers the rest from disk', async () => {
    if (!own) return;
    const bounded = outboxOn(redis, 50);
    await own.kill();
    await waitFor(() => redis.status !== 'ready');
    const ids = Array.from({ length: 400 }, (_, index) => `req_${index}`);
    for (const requestId of ids) await bounded.finish(ended(requestId));
    expect(bounded.owed()).toBe(50);
    await own.start();
    await waitFor(async () => new Set((await overRedis()).records).size === 400);
    await waitFor(async () => (await spooled()) === 0);
  });

  it('sends an end that is fresh in memory once more', async () => {
    await outbox.finish(ended('req_1'));
    expect(outbox.resend('req_1')).toBe(true);
    expect(seqs('req_1')).toEqual(['r0']);
    expect(outbox.resend('req_2')).toBe(false);
  });

  it('drains what it owes before it says so', async () => {
    if (!own) return;
    await own.kill();
    await waitFor(() => redis.status !== 'ready');
    await outbox.finish(ended('req_1'));
    await own.start();
    await waitFor(() => redis.status === 'ready');
    await outbox.drain();
    expect(outbox.owed()).toBe(0);
    expect((await overRedis()).records).toContain('req_1');
  });
});
