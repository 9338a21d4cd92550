import type { StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { createBlockingReads } from './blocking-read';
import { startOrphanWatch } from './claim-orphans';
import { ensureGroup, isMissingGroup, pendingIds, toEntries, type StreamEntry } from './consumer-group';

export interface EntryConsumer {
  /** Reads until it is stopped. */
  start(): void;
  /** Says that a place has become free: reading pauses while `freePlaces()` is 0. */
  wake(): void;
  /** Stops reading; what was handed out stays the caller's. */
  stop(): Promise<void>;
  isReading(): boolean;
}

export interface EntryConsumerOptions {
  /** For commands, and a connection of its own for blocking reads. */
  redis: Redis;
  blockingRedis: Redis;
  names: StreamNames;
  /** In order of precedence: while more waits than there are places for, a later stream is read when those before it are empty. */
  streams: string[];
  group: string;
  consumer: string;
  logger: Logger;
  freePlaces: () => number;
  /** May get an entry again that it has or had: after a lost connection and after a crash. It must not throw. */
  onEntry: (entry: StreamEntry, deliveries: number) => void;
}

const BLOCK_MS = 2_000;
const MAX_COUNT = 512;
const BACK_OFF_MS = 200;

/** Takes entries from streams as member of a consumer group; entries of members that died are claimed. At least once. */
export function createEntryConsumer(options: EntryConsumerOptions): EntryConsumer {
  const { redis, blockingRedis, streams, group, consumer, logger, onEntry } = options;
  const reads = createBlockingReads(blockingRedis);
  let isStopped = false;
  let isReading = false;
  let loop: Promise<void> = Promise.resolve();
  let wakeUp: (() => void) | undefined;
  // More may wait than there are places for: then the order of the streams counts.
  let isBacklogged = streams.length > 1;
  const placesNow = (): number => Math.min(options.freePlaces(), MAX_COUNT);

  const read = async (from: readonly string[], count: number, block: readonly ['BLOCK', number] | readonly []) =>
    toEntries(
      await reads.read(() =>
        blockingRedis.callBuffer(
          'XREADGROUP',
          ...['GROUP', group, consumer, 'COUNT', count, ...block, 'STREAMS', ...from, ...from.map(() => '>')],
        ),
      ),
    );

  const readOnce = async (): Promise<void> => {
    const places = placesNow();
    if (places <= 0) {
      if (!isStopped) await new Promise<void>((resolve) => (wakeUp = resolve));
      return;
    }
    if (isBacklogged) {
      isBacklogged = await readInOrder();
      return;
    }
    // The count holds for each stream: asking for a share keeps the sum within the places.
    const share = Math.max(1, Math.floor(places / streams.length));
    const entries = await read(streams, share, ['BLOCK', BLOCK_MS]);
    for (const entry of entries) onEntry(entry, 1);
    isBacklogged = streams.length > 1 && entries.length >= share;
  };

  /** One stream after the other, as long as there are places: what comes later waits. False when no more was in them than there were places for. */
  const readInOrder = async (): Promise<boolean> => {
    let isMoreLeft = false;
    for (const stream of streams) {
      const places = placesNow();
      if (places <= 0) return true;
      const entries = await read([stream], places, []);
      for (const entry of entries) onEntry(entry, 1);
      isMoreLeft ||= entries.length >= places;
    }
    return isMoreLeft;
  };

  // What Redis had handed out when the connection broke, or whose end it forgot in a crash, is still this consumer's.
  const recoverOwn = async (stream: string): Promise<void> => {
    for (let from = '0'; !isStopped;) {
      const reply = await redis.xreadgroupBuffer('GROUP', group, consumer, 'COUNT', MAX_COUNT, 'STREAMS', stream, from);
      const { last, gone } = pendingIds(reply);
      if (last === undefined) return;
      if (gone.length > 0) await redis.xack(stream, group, ...gone);
      for (const entry of toEntries(reply)) onEntry(entry, 2);
      from = last;
    }
  };

  let needsGroups = true;
  const prepare = async (): Promise<void> => {
    for (const stream of streams) {
      await ensureGroup(redis, stream, group);
      await recoverOwn(stream);
    }
    needsGroups = false;
  };
  // A read that was under way is sent again by itself; what its lost reply had handed out is not.
  blockingRedis.on('close', () => (needsGroups = true));
  blockingRedis.on('ready', () => {
    if (isReading && !isStopped) prepare().catch(() => (needsGroups = true));
  });

  const run = async (): Promise<void> => {
    while (!isStopped) {
      try {
        if (needsGroups) await prepare();
        isReading = true;
        await readOnce();
      } catch (error) {
        isReading = false;
        if (isStopped) return;
        needsGroups = true;
        if (!isMissingGroup(error)) logger.debug({ err: error }, 'reading a stream failed; trying again');
        await new Promise((resolve) => setTimeout(resolve, BACK_OFF_MS));
      }
    }
  };

  let watch: { stop(): void } | undefined;
  return {
    start() {
      loop = run();
      watch = startOrphanWatch({
        redis,
        names: options.names,
        streams: () => streams,
        group,
        consumer,
        logger,
        onClaimed: (entries) => entries.forEach((entry) => onEntry(entry, entry.deliveries)),
      });
    },
    wake() {
      wakeUp?.();
      wakeUp = undefined;
    },
    async stop() {
      isStopped = true;
      watch?.stop();
      this.wake();
      await reads.close(loop);
      isReading = false;
    },
    isReading: () => isReading,
  };
}
