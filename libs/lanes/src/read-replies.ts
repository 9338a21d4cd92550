import { parseReplyField, type ReplyPart, type StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { createBlockingReads } from './blocking-read';
import { toEntries } from './consumer-group';

const BLOCK_MS = 5_000;
const COUNT = 1_000;
const BACK_OFF_MS = 100;
/** Replies of a gateway that is gone are kept no longer than this. */
const STREAM_LIFETIME_SECONDS = 120;
const HOUSEKEEPING_INTERVAL_MS = 5_000;

/** Reads a gateway's reply stream from its beginning, in order, each part once. */
export function createReplyReader(options: {
  redis: Redis;
  blockingRedis: Redis;
  names: StreamNames;
  gatewayId: string;
  logger: Logger;
  onPart: (part: ReplyPart) => void;
}): { start(): void; stop(): Promise<void> } {
  const { redis, blockingRedis, logger } = options;
  const stream = options.names.reply(options.gatewayId);
  const reads = createBlockingReads(blockingRedis);
  let lastId = '0-0';
  let isStopped = false;
  let loop: Promise<void> = Promise.resolve();

  // Requests share entries: a part that cannot be taken is its own request's trouble only.
  const hand = (part: ReplyPart): void => {
    try {
      options.onPart(part);
    } catch (err) {
      logger.error({ err, requestId: part.requestId, kind: part.kind }, 'a part of a reply could not be taken');
    }
  };
  const readOnce = async (): Promise<void> => {
    const reply = await reads.read(() =>
      blockingRedis.xreadBuffer('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', stream, lastId),
    );
    for (const { id, fields } of toEntries(reply)) {
      lastId = id;
      for (let i = 0; i + 1 < fields.length; i += 2) {
        const name = parseReplyField(String(fields[i]));
        if (name) hand({ ...name, value: fields[i + 1] as Buffer });
      }
    }
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      try {
        await readOnce();
      } catch (error) {
        if (isStopped) return;
        logger.debug({ err: error }, 'reading replies failed; trying again');
        await new Promise((resolve) => setTimeout(resolve, BACK_OFF_MS));
      }
    }
  };
  // What has been read is trimmed apart from the reads: a trim a read would double the commands on this connection.
  const keepHouse = (): void => {
    if (redis.status !== 'ready') return;
    const tidy = redis.pipeline().expire(stream, STREAM_LIFETIME_SECONDS);
    if (lastId !== '0-0') tidy.xtrim(stream, 'MINID', lastId);
    tidy.exec().catch(() => undefined);
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    start() {
      loop = run();
      timer = setInterval(keepHouse, HOUSEKEEPING_INTERVAL_MS);
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await reads.close(loop);
      await redis.del(stream).catch(() => undefined);
    },
  };
}
