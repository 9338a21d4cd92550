import type { StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';

/** What one replica of the cache tells the others. */
export type SemanticEvent =
  /** `by`: the replica that stored them and knows them already. */
  | { kind: 'fill'; tenantId: string; fingerprints: string[]; by?: string }
  | { kind: 'audit'; tenantId: string; probability: number; isWrong: boolean }
  | { kind: 'limit'; tenantId: string; limit: number | null };

export interface SemanticLog {
  publish(events: readonly SemanticEvent[]): Promise<void>;
  /** Hands over what is published from now on, in order; `onGap` when some may have been missed. */
  follow(handlers: { onEvent: (event: SemanticEvent) => void; onGap: () => void }): Promise<void>;
  stop(): Promise<void>;
}

/** Enough for a replica that is away for minutes; after that it has to read its tenants again in any case. */
const MAX_ENTRIES = 20_000;
const BLOCK_MS = 2_000;
const COUNT = 500;
const BACK_OFF_MS = 100;

/** A stream that every replica reads by itself, from its own start on: what is missed is found in the exact tier. */
export function createSemanticLog(options: {
  redis: Redis;
  blockingRedis: Redis;
  names: StreamNames;
  logger: Logger;
}): SemanticLog {
  const { redis, blockingRedis, names, logger } = options;
  const stream = names.semantic;
  let isStopped = false;
  let loop: Promise<void> = Promise.resolve();

  const hand = (text: string, onEvent: (event: SemanticEvent) => void): void => {
    try {
      for (const event of JSON.parse(text) as SemanticEvent[]) onEvent(event);
    } catch (err) {
      logger.error({ err }, 'an event of the semantic cache cannot be taken and is passed over');
    }
  };
  const read = async (from: string, onEvent: (event: SemanticEvent) => void): Promise<string> => {
    const reply = await blockingRedis.xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', stream, from);
    let last = from;
    for (const [id, fields] of reply?.[0]?.[1] ?? []) {
      last = id;
      hand(fields?.[1] ?? '[]', onEvent);
    }
    return last;
  };

  return {
    async publish(events) {
      if (events.length > 0) await redis.xadd(stream, 'MAXLEN', '~', MAX_ENTRIES, '*', 'e', JSON.stringify(events));
    },
    async follow({ onEvent, onGap }) {
      let last = await lastId(redis, stream).catch(() => undefined);
      const run = async (): Promise<void> => {
        while (!isStopped) {
          try {
            if (last === undefined) {
              // Not from the beginning: audits that were read back from Redis would count a second time.
              last = await lastId(redis, stream);
              onGap();
            }
            last = await read(last, onEvent);
          } catch (error) {
            if (isStopped) return;
            logger.debug({ err: error }, 'reading events of the semantic cache failed; trying again');
            await new Promise((resolve) => setTimeout(resolve, BACK_OFF_MS));
          }
        }
      };
      let wasReady = blockingRedis.status === 'ready';
      // A Redis that comes back may have forgotten what came last.
      blockingRedis.on('ready', () => {
        if (wasReady) onGap();
        wasReady = true;
      });
      loop = run();
    },
    async stop() {
      isStopped = true;
      // A read that waits for a Redis that is away never settles: nobody may wait for it then.
      const isLost = blockingRedis.status !== 'ready';
      blockingRedis.disconnect();
      if (!isLost) await loop;
    },
  };
}

async function lastId(redis: Redis, stream: string): Promise<string> {
  const newest = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  return newest[0]?.[0] ?? '0-0';
}
