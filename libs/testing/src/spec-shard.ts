import { randomBytes } from 'node:crypto';
import { streamNames, type StreamNames } from '@costlane/contracts';
import type { createLogger, createRedis, Logger, Redis } from '@costlane/platform';
import { waitFor } from './wait-for';

/** One test's own corner of a shared Redis: stream names nobody else uses, and connections that are closed at its end. */
export interface SpecShard {
  shard: string;
  names: StreamNames;
  /** A silent logger. */
  logger: Logger;
  connect(options?: { blocking?: boolean; commandTimeoutMs?: number }): Promise<Redis>;
  /** Removes the shard's keys and closes its connections. */
  remove(): Promise<void>;
}

/** `platform` is handed in so that specs which need no Redis do not load it. */
export function createSpecShard(
  redisUrl: string,
  platform: { createRedis: typeof createRedis; createLogger: typeof createLogger },
): SpecShard {
  const shard = `spec-${randomBytes(6).toString('hex')}`;
  const logger = platform.createLogger({ service: shard, level: 'silent' });
  const connections: Redis[] = [];
  const connect: SpecShard['connect'] = async (options) => {
    const redis = platform.createRedis(redisUrl, { name: shard, logger, ...options });
    connections.push(redis);
    await waitFor(() => redis.status === 'ready');
    return redis;
  };
  return {
    shard,
    names: streamNames(shard),
    logger,
    connect,
    async remove() {
      const closeAll = (): void => connections.splice(0).forEach((redis) => redis.disconnect());
      closeAll();
      try {
        const redis = await connect();
        for (let cursor = '0', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
          const [next, keys] = await redis.scan(cursor, 'MATCH', `costlane:{${shard}}*`, 'COUNT', 1_000);
          if (keys.length > 0) await redis.unlink(...keys);
          cursor = next;
        }
      } finally {
        closeAll();
      }
    },
  };
}
