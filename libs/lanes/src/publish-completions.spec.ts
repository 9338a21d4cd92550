import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseCompletionFields } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import {
  createSpecShard,
  redisUrlForTests,
  sampleRecord,
  startOwnRedis,
  waitFor,
  type OwnRedis,
  type SpecShard,
} from '@costlane/testing';
import { createCompletionSpool } from './completion-spool';
import { createCompletionPublisher, type CompletionPublisher } from './publish-completions';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('createCompletionPublisher', () => {
  let own: OwnRedis | undefined;
  let shard: SpecShard;
  let folder: string;

  beforeAll(async () => {
    own = await startOwnRedis(redisUrl ?? '');
    if (!own) process.stderr.write('the Redis for tests runs elsewhere: it cannot be frozen or killed; skipping\n');
  });
  afterAll(() => own?.remove());
  beforeEach(async () => {
    shard = createSpecShard(own?.url ?? redisUrl ?? '', { createRedis, createLogger });
    folder = await mkdtemp(path.join(tmpdir(), 'costlane-spool-'));
  });
  afterEach(async () => {
    await shard.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function publisherOn(redis: Redis, owedMax?: number): Promise<CompletionPublisher> {
    const spool = createCompletionSpool(folder, shard.logger);
    return createCompletionPublisher({ redis, names: shard.names, spool, logger: shard.logger, owedMax });
  }
  async function delivered(): Promise<string[]> {
    const redis = await shard.connect();
    const entries = (await redis.xrangeBuffer(shard.names.completions, '-', '+')) as [Buffer, Buffer[]][];
    redis.disconnect();
    return entries.flatMap(([, fields]) => parseCompletionFields(fields)).map(({ record }) => record.requestId);
  }
  const publishAll = (publisher: CompletionPublisher, ids: readonly string[]): void =>
    ids.forEach((requestId) => publisher.publish({ record: sampleRecord({ requestId }) }));
  const range = (count: number, from = 0): string[] =>
    Array.from({ length: count }, (_, index) => String(from + index));
  const spooled = async (): Promise<number> => (await readdir(folder)).length;

  it('puts completions that come together into one entry, in order', async () => {
    const redis = await shard.connect();
    const publisher = await publisherOn(redis);
    publishAll(publisher, range(5));
    await publisher.drain();
    expect(await delivered()).toEqual(range(5));
    expect(await redis.xlen(shard.names.completions)).toBe(1);
    expect(publisher.owed()).toBe(0);
  });

  it('keeps nothing back and spools nothing when its connection is closed on purpose', async () => {
    const redis = await shard.connect();
    const publisher = await publisherOn(redis);
    publishAll(publisher, range(5));
    await publisher.drain();
    redis.disconnect();
    await waitFor(() => redis.status === 'end');
    expect([publisher.owed(), await spooled()]).toEqual([0, 0]);
  });

  it('publishes what an earlier process had left on disk', async () => {
    const line = `${JSON.stringify(sampleRecord({ requestId: 'left' }))}\n`;
    const file = path.join(folder, 'completions-dead.ndjson');
    await writeFile(file, line);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(file, longAgo, longAgo);
    await publisherOn(await shard.connect());
    await waitFor(async () => (await delivered()).length === 1);
    expect(await delivered()).toEqual(['left']);
    await waitFor(async () => (await spooled()) === 0);
  });

  it('keeps completions in memory and on disk while Redis is down, and delivers them when it is back', async () => {
    if (!own) return;
    const redis = await shard.connect();
    const publisher = await publisherOn(redis);
    publishAll(publisher, ['before']);
    await publisher.drain();
    await own.kill();
    await waitFor(() => redis.status !== 'ready');
    publishAll(publisher, range(1_200));
    await waitFor(() => publisher.owed() >= 1_200);
    await waitFor(async () => (await spooled()) === 1);
    await own.start();
    await waitFor(() => publisher.owed() === 0);
    await waitFor(async () => (await spooled()) === 0);
    // What went just before the loss is sent again: Redis might have forgotten it.
    const ids = await delivered();
    expect(ids[0]).toBe('before');
    expect(new Set(ids)).toEqual(new Set(['before', ...range(1_200)]));
  });

  it('loses none when it is asked to drain while it is delivering what it owes', async () => {
    if (!own) return;
    const redis = await shard.connect();
    const publisher = await publisherOn(redis);
    await own.kill();
    await waitFor(() => redis.status !== 'ready');
    publishAll(publisher, range(3_000));
    await waitFor(() => publisher.owed() === 3_000);
    await own.start();
    await waitFor(() => redis.status === 'ready');
    await Promise.all([publisher.drain(), publisher.drain(), publisher.drain()]);
    expect(publisher.owed()).toBe(0);
    expect(new Set(await delivered()).size).toBe(3_000);
  });

  it('keeps what it publishes to a frozen Redis, and delivers it when that thaws', async () => {
    if (!own) return;
    const publisher = await publisherOn(await shard.connect());
    own.freeze();
    publishAll(publisher, range(50));
    await waitFor(() => publisher.owed() === 50);
    await waitFor(async () => (await spooled()) === 1);
    own.thaw();
    await waitFor(() => publisher.owed() === 0);
    expect(new Set(await delivered())).toEqual(new Set(range(50)));
  });

  it('takes from the disk what was too much for its memory', async () => {
    if (!own) return;
    const redis = await shard.connect();
    const publisher = await publisherOn(redis, 100);
    await own.kill();
    await waitFor(() => redis.status !== 'ready');
    publishAll(publisher, range(1_000));
    await waitFor(() => publisher.owed() === 100);
    await own.start();
    await waitFor(async () => (await spooled()) === 0);
    await waitFor(async () => new Set(await delivered()).size === 1_000);
  });
});
