import { createLogger, createRedis, type Redis } from '@costlane/platform';
import {
  createSpecShard,
  redisUrlForTests,
  startOwnRedis,
  waitFor,
  type OwnRedis,
  type SpecShard,
} from '@costlane/testing';
import { createCompletionConsumer } from './consume-completions';
import { createJobConsumer } from './consume-jobs';
import { createReplyReader } from './read-replies';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('readers that are stopped while Redis is away', () => {
  let own: OwnRedis | undefined;
  let shard: SpecShard;
  let redis: Redis;
  let blockingRedis: Redis;

  beforeAll(async () => {
    own = await startOwnRedis(redisUrl ?? '');
    if (!own) process.stderr.write('the Redis for tests runs elsewhere: it cannot be frozen or killed; skipping\n');
  });
  afterAll(() => own?.remove());
  beforeEach(async () => {
    shard = createSpecShard(own?.url ?? redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    blockingRedis = await shard.connect({ blocking: true });
  });
  afterEach(async () => {
    await own?.start().catch(() => undefined);
    await shard.remove();
  });

  const readers: [string, () => { start(): void; stop(): Promise<void> }][] = [
    [
      'jobs',
      () =>
        createJobConsumer({
          ...{ redis, blockingRedis, names: shard.names, logger: shard.logger, group: 'g', consumer: 'c' },
          streams: [shard.names.dispatch('mock')],
          freePlaces: () => 1,
          onJob: () => undefined,
          onUnreadable: () => undefined,
        }),
    ],
    [
      'completions',
      () =>
        createCompletionConsumer({
          ...{ redis, blockingRedis, names: shard.names, logger: shard.logger, group: 'g', consumer: 'c' },
          handle: () => Promise.resolve(),
        }),
    ],
    [
      'replies',
      () =>
        createReplyReader({
          ...{ redis, blockingRedis, names: shard.names, logger: shard.logger },
          gatewayId: 'g1',
          onPart: () => undefined,
        }),
    ],
  ];

  it.each(readers)('a reader of %s stops at once', async (_, create) => {
    if (!own) return;
    const reader = create();
    reader.start();
    await waitFor(async () => String(await redis.client('LIST')).includes('cmd=xread'));
    await own.kill();
    await waitFor(() => blockingRedis.status === 'reconnecting');
    await expect(Promise.race([reader.stop().then(() => 'stopped'), after(2_000)])).resolves.toBe('stopped');
  });
});

const after = (ms: number): Promise<string> =>
  new Promise((resolve) => setTimeout(() => resolve('too late'), ms).unref());
