import { decodePayload, type Job, type Priority, type StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { startOrphanWatch } from './claim-orphans';
import { ensureGroup, fieldValue, isMissingGroup, toEntries, type StreamEntry } from './consumer-group';

/** A job as a consumer gets it, with what is needed to end it. */
export interface ReceivedJob {
  entry: { stream: string; id: string };
  job: Job;
  deliveries: number;
}

export interface JobConsumer {
  /** Reads until it is stopped. */
  start(): void;
  /** Says that a place has become free: reading pauses while `freePlaces()` is 0. */
  wake(): void;
  /** Stops reading; what was handed out stays the caller's. */
  stop(): Promise<void>;
  isReading(): boolean;
}

export interface JobConsumerOptions {
  /** For commands, and a connection of its own for blocking reads. */
  redis: Redis;
  blockingRedis: Redis;
  names: StreamNames;
  /** In order of precedence: Redis answers streams in the order they are asked for. */
  streams: string[];
  group: string;
  consumer: string;
  logger: Logger;
  freePlaces: () => number;
  /** May get an entry again that it has or had: after a lost connection and after a crash. */
  onJob: (received: ReceivedJob, fields: Buffer[]) => void;
  /** An entry that is no job. It has to be ended, or it comes again. */
  onUnreadable: (entry: StreamEntry, error: unknown) => void;
}

const BLOCK_MS = 2_000;
const MAX_COUNT = 512;
const BACK_OFF_MS = 200;

/** Takes jobs from streams as member of a consumer group; entries of members that died are claimed. At least once. */
export function createJobConsumer(options: JobConsumerOptions): JobConsumer {
  const { redis, blockingRedis, streams, group, consumer, logger } = options;
  let isStopped = false;
  let isReading = false;
  let loop: Promise<void> = Promise.resolve();
  let wakeUp: (() => void) | undefined;

  const handOut = (entry: StreamEntry, deliveries: number): void => {
    try {
      options.onJob({ entry, job: readJob(entry.fields), deliveries }, entry.fields);
    } catch (error) {
      options.onUnreadable(entry, error);
    }
  };

  const readOnce = async (): Promise<void> => {
    const places = Math.min(options.freePlaces(), MAX_COUNT);
    if (places <= 0) {
      await new Promise<void>((resolve) => (wakeUp = resolve));
      return;
    }
    const ids = streams.map(() => '>');
    const reply = await blockingRedis.xreadgroupBuffer(
      'GROUP',
      group,
      consumer,
      'COUNT',
      places,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      ...streams,
      ...ids,
    );
    for (const entry of toEntries(reply)) handOut(entry, 1);
  };

  // What Redis had handed out when the connection broke, or whose end it forgot in a crash, is still this consumer's.
  const recoverOwn = async (stream: string): Promise<void> => {
    for (let from = '0'; !isStopped;) {
      const entries = toEntries(
        await redis.xreadgroupBuffer('GROUP', group, consumer, 'COUNT', MAX_COUNT, 'STREAMS', stream, from),
      );
      if (entries.length === 0) return;
      for (const entry of entries) handOut(entry, 2);
      from = entries.at(-1)?.id ?? from;
    }
  };

  const run = async (): Promise<void> => {
    let needsGroups = true;
    while (!isStopped) {
      try {
        if (needsGroups) {
          for (const stream of streams) {
            await ensureGroup(redis, stream, group);
            await recoverOwn(stream);
          }
          needsGroups = false;
        }
        isReading = true;
        await readOnce();
      } catch (error) {
        isReading = false;
        if (isStopped) return;
        needsGroups = true;
        if (!isMissingGroup(error)) logger.debug({ err: error }, 'reading jobs failed; trying again');
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
        onClaimed: (entries) => entries.forEach((entry) => handOut(entry, entry.deliveries)),
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
      blockingRedis.disconnect();
      await loop;
      isReading = false;
    },
    isReading: () => isReading,
  };
}

function readJob(fields: readonly Buffer[]): Job {
  const payload = fieldValue(fields, 'payload');
  if (!payload) throw new Error('the entry has no payload');
  const { header, body } = decodePayload(payload);
  return {
    taskType: 'inference.complete',
    priority: (fieldValue(fields, 'priority')?.toString() ?? 'standard') as Priority,
    idempotencyKey: fieldValue(fields, 'idempotency_key')?.toString() ?? header.requestId,
    createdAt: fieldValue(fields, 'created_at')?.toString() ?? '',
    header,
    body,
  };
}
