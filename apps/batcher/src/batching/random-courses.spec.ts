import { consumerGroups, jobFields, parseCompletionFields, priorities } from '@costlane/contracts';
import { createJobConsumer, ensureGroup } from '@costlane/lanes';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, waitFor, type SpecShard } from '@costlane/testing';
import { free, startBatcher, type RunningBatcher } from '../testing/start-batcher';

const redisUrl = redisUrlForTests();
const JOBS = 600;
const PLACES = 20;

/** Numbers from 0 to below 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Works off the dispatch stream, and notes who was answered. */
async function startWorker(redis: Redis, shard: SpecShard) {
  const { names, logger } = shard;
  const answered: string[] = [];
  let followed = 0;
  const consumer = createJobConsumer({
    redis,
    blockingRedis: await shard.connect({ blocking: true }),
    names,
    streams: [names.dispatch('mock')],
    group: consumerGroups.dispatch,
    consumer: 'w',
    logger,
    freePlaces: () => 10,
    onJob({ entry: { stream, id }, job: { header } }) {
      const followers = header.followers ?? [];
      for (const follower of followers) expect(follower.tenantId).toBe(header.tenantId);
      followed += followers.length;
      answered.push(header.requestId, ...followers.map(({ requestId }) => requestId));
      void redis.multi().xack(stream, consumerGroups.dispatch, id).xdel(stream, id).exec();
    },
    onUnreadable: (_, error) => {
      throw error;
    },
  });
  consumer.start();
  return { answered, followed: () => followed, stop: () => consumer.stop() };
}

(redisUrl ? describe : describe.skip)('batchers under random courses', () => {
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

  const start = async (): Promise<void> => void running.push(await startBatcher(shard, free(PLACES)));
  /** As the watch of the flow does it: what is in the stream, and places for all batchers. */
  async function measure(): Promise<void> {
    const jobs = await redis.xlen(shard.names.dispatch('mock'));
    for (const { places, batcher } of running) {
      places.measured({ ...free(PLACES, jobs), batchers: running.length });
      batcher.wake();
    }
  }

  it.each([1, 2, 3])(
    'every job is answered once or refused once, whoever is killed, stopped or started (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const stream = shard.names.dispatch('mock');
      await ensureGroup(redis, stream, consumerGroups.dispatch);
      const worker = await startWorker(redis, shard);
      await Promise.all([start(), start()]);
      const events = [
        async () => {
          const [victim] = running.splice(Math.floor(random() * running.length), 1);
          victim?.kill();
          await start();
        },
        async () => {
          const [leaving] = running.splice(Math.floor(random() * running.length), 1);
          await start();
          await leaving?.stop();
        },
        async () => running[0]?.batcher.cancel(`r${Math.floor(random() * JOBS)}`),
      ];
      for (let at = 0; at < JOBS; at++) {
        const lane = priorities[Math.floor(random() * 3)] ?? 'standard';
        const header = {
          requestId: `r${at}`,
          tenantId: `t${Math.floor(random() * 3)}`,
          fingerprint: `f${Math.floor(random() * 40)}`,
          cacheTtlSeconds: 60,
          deadlineAtMs: Date.now() + (random() < 0.05 ? 20 : 60_000),
        };
        void redis.xadd(shard.names.lane(lane), '*', ...jobFields(sampleJob(header, { priority: lane })));
        if (at % 10 === 0) await measure();
        if (random() < 0.02) await events[Math.floor(random() * events.length)]?.();
      }
      await waitFor(
        async () => {
          await measure();
          const left = await Promise.all(
            [...priorities.map((lane) => shard.names.lane(lane)), stream].map((name) => redis.xlen(name)),
          );
          return left.every((length) => length === 0);
        },
        { timeoutMs: 15_000 },
      );
      await worker.stop();
      const entries = (await redis.xrangeBuffer(shard.names.completions, '-', '+')) as [Buffer, Buffer[]][];
      const refused = entries.flatMap(([, fields]) =>
        parseCompletionFields(fields).map(({ record }) => record.requestId),
      );
      const ended = [...worker.answered, ...refused];
      expect(worker.followed()).toBeGreaterThan(0);
      expect({ seed, ended: ended.length, distinct: new Set(ended).size }).toEqual({
        seed,
        ended: JOBS,
        distinct: JOBS,
      });
    },
    25_000,
  );
});
