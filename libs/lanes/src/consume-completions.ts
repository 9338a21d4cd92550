import { parseCompletionFields, type Completion, type StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { createBlockingReads } from './blocking-read';
import { startOrphanWatch } from './claim-orphans';
import { ensureGroup, pendingIds, toEntries, type StreamEntry } from './consumer-group';
import { startHeartbeat } from './liveness';

const BLOCK_MS = 2_000;
/** Between two reads under load: nobody waits for a completion, and larger reads cost fewer wake-ups. */
const GATHER_MS = 40;
const COUNT = 500;
const FIRST_BACK_OFF_MS = 100;
const LAST_BACK_OFF_MS = 5_000;

export interface CompletionConsumer {
  start(): void;
  stop(): Promise<void>;
  /** Entries not yet read by the group, and read but not acknowledged. */
  lag(): Promise<{ entries: number; pending: number }>;
}

export interface CompletionConsumerOptions {
  redis: Redis;
  blockingRedis: Redis;
  names: StreamNames;
  group: string;
  consumer: string;
  logger: Logger;
  /** Takes a batch; an entry is acknowledged when it resolves, and handed over again when it rejects. */
  handle: (batch: Completion[]) => Promise<void>;
  /** Passes over completions without an answer to store, unread. */
  fillsOnly?: boolean;
  /** An entry that cannot be read: it is acknowledged after this. */
  onUnreadable?: (entry: StreamEntry, error: unknown) => void;
}

/** Reads completions as member of a group: at least once, in order per consumer, entries of dead members claimed. */
export function createCompletionConsumer(options: CompletionConsumerOptions): CompletionConsumer {
  const { redis, blockingRedis, names, group, consumer, logger } = options;
  const reads = createBlockingReads(blockingRedis);
  let isStopped = false;
  let loop: Promise<void> = Promise.resolve();
  const orphans: StreamEntry[] = [];
  // Entries that this consumer had read before it died or lost Redis come first.
  let ownPendingFrom: string | undefined = '0';
  // A read that was under way is sent again by itself; what its lost reply had handed out is not.
  blockingRedis.on('close', () => (ownPendingFrom = '0'));

  const nextEntries = async (): Promise<StreamEntry[]> => {
    if (orphans.length > 0) return orphans.splice(0);
    const from = ownPendingFrom ?? '>';
    const reply = await reads.read(() =>
      blockingRedis.xreadgroupBuffer(
        'GROUP',
        group,
        consumer,
        'COUNT',
        COUNT,
        'BLOCK',
        BLOCK_MS,
        'STREAMS',
        names.completions,
        from,
      ),
    );
    if (from !== '>') {
      const { last, gone } = pendingIds(reply);
      if (gone.length > 0) await redis.xack(names.completions, group, ...gone);
      ownPendingFrom = last;
    }
    return toEntries(reply);
  };

  const handle = async (entries: StreamEntry[]): Promise<void> => {
    const completions = entries.flatMap((entry) => readCompletions(entry, options));
    for (
      let backOffMs = FIRST_BACK_OFF_MS;
      completions.length > 0;
      backOffMs = Math.min(backOffMs * 2, LAST_BACK_OFF_MS)
    ) {
      try {
        await options.handle(completions);
        break;
      } catch (error) {
        logger.warn(
          { err: error, completions: completions.length, retryInMs: backOffMs },
          'completions were not taken; trying again',
        );
        if (isStopped) throw error;
        await new Promise((resolve) => setTimeout(resolve, backOffMs));
        if (isStopped) throw error;
      }
    }
    if (entries.length > 0) await redis.xack(names.completions, group, ...entries.map((entry) => entry.id));
  };

  const run = async (): Promise<void> => {
    let needsGroup = true;
    while (!isStopped) {
      try {
        if (needsGroup) await ensureGroup(redis, names.completions, group);
        needsGroup = false;
        const entries = await nextEntries();
        await handle(entries);
        if (entries.length > 0) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      } catch (error) {
        if (isStopped) return;
        needsGroup = true;
        ownPendingFrom = '0';
        logger.debug({ err: error }, 'reading completions failed; trying again');
        await new Promise((resolve) => setTimeout(resolve, FIRST_BACK_OFF_MS));
      }
    }
  };

  let watch: { stop(): void } | undefined;
  let heartbeat: { stop(): Promise<void> } | undefined;
  return {
    start() {
      loop = run();
      heartbeat = startHeartbeat({ redis, names, consumer, logger, state: () => ({ concurrency: 1, inFlight: 0 }) });
      watch = startOrphanWatch({
        redis,
        names,
        streams: () => [names.completions],
        group,
        consumer,
        logger,
        onClaimed: (entries) => orphans.push(...entries),
      });
    },
    async stop() {
      isStopped = true;
      watch?.stop();
      await reads.close(loop);
      await heartbeat?.stop();
    },
    lag: () => groupLag(redis, names.completions, group),
  };
}

function readCompletions(entry: StreamEntry, options: CompletionConsumerOptions): Completion[] {
  try {
    return parseCompletionFields(entry.fields, { fillsOnly: options.fillsOnly });
  } catch (error) {
    options.logger.error({ err: error, id: entry.id }, 'a completions entry cannot be read and is passed over');
    options.onUnreadable?.(entry, error);
    return [];
  }
}

/** Entries of a stream that a group has not read, and those that it has read and not acknowledged. */
export async function groupLag(
  redis: Redis,
  stream: string,
  group: string,
): Promise<{ entries: number; pending: number }> {
  const groups = (await redis.xinfo('GROUPS', stream).catch(() => [])) as (string | number | null)[][];
  for (const row of groups) {
    const info = new Map<string, string | number | null>();
    for (let i = 0; i + 1 < row.length; i += 2) info.set(String(row[i]), row[i + 1] ?? null);
    if (info.get('name') !== group) continue;
    const pending = Number(info.get('pending') ?? 0);
    // `lag` came with Redis 7; before, the stream's length less what is pending is an upper bound.
    const lag = info.get('lag');
    return {
      entries: lag === null || lag === undefined ? Math.max(0, (await redis.xlen(stream)) - pending) : Number(lag),
      pending,
    };
  }
  return { entries: await redis.xlen(stream), pending: 0 };
}
