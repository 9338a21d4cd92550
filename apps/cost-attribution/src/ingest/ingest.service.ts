import { consumerGroups, type Completion, type StreamNames } from '@costlane/contracts';
import type { CompletionConsumer, CompletionConsumerOptions, StreamEntry } from '@costlane/lanes';
import type { Ledger } from '@costlane/ledger';
import type { Logger, Redis, Tracing } from '@costlane/platform';
import { factsOfEntry } from './facts-of-entry';
import type { IngestMetrics } from './ingest-metrics';
import { measureLag } from './measure-lag';
import { readGroups } from './stream-groups';
import { traceRecords } from './trace-records';
import { trimCompletions } from './trim-completions';

export interface IngestOptions {
  ledger: Pick<Ledger, 'record'>;
  redis: Redis;
  names: StreamNames;
  metrics: IngestMetrics;
  tracing: Tracing;
  logger: Logger;
  createConsumer: (options: Pick<CompletionConsumerOptions, 'handle' | 'onUnreadable'>) => CompletionConsumer;
  /** How often what all have read is taken off the stream; default 3,000. */
  housekeepingIntervalMs?: number;
}

export interface Ingest {
  start(): void;
  /** Finishes the batch in hand; what is not on record by then comes again. */
  stop(): Promise<void>;
  /** Measures the lag and trims the stream, once. */
  keepHouse(): Promise<void>;
}

const HOUSEKEEPING_INTERVAL_MS = 3_000;
const DEAD_LETTERS_BOUND = 10_000;
/** The ledger and the cache read the stream, whether they have come up yet or not. */
const readers = [consumerGroups.ledger, consumerGroups.cacheFill];

/**
 * Brings the completions stream into the ledger. While Postgres is away the consumer holds its batch and tries again with back-off;
 * the rest waits in the stream. An entry is acknowledged when its records are stored, and not before.
 */
export function createIngest(options: IngestOptions): Ingest {
  const { ledger, redis, names, metrics, logger } = options;
  const handle = async (batch: Completion[]): Promise<void> => {
    const startedAt = performance.now();
    const startTimeMs = Date.now();
    try {
      const records = batch.map(({ record }) => record);
      const outcome = await ledger.record(records);
      metrics.recorded(outcome, (performance.now() - startedAt) / 1_000);
      traceRecords(options.tracing, records, startTimeMs);
    } catch (error) {
      metrics.failed();
      throw error;
    }
  };
  const consumer = options.createConsumer({
    handle,
    onUnreadable: (entry) => {
      metrics.unreadable();
      keepUnreadable(redis, names, entry).catch((err: unknown) =>
        logger.error({ err, id: entry.id }, 'an unreadable completions entry could not be kept'),
      );
    },
  });
  const keepHouse = async (): Promise<void> => {
    if (redis.status !== 'ready') return;
    try {
      const groups = await readGroups(redis, names.completions);
      metrics.trimmed(await trimCompletions(redis, names.completions, groups, readers));
      metrics.lag(await measureLag(redis, names.completions, groups, consumerGroups.ledger));
    } catch (err) {
      logger.debug({ err }, 'housekeeping of the completions stream failed; the next round tries again');
    }
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    start() {
      consumer.start();
      timer = setInterval(() => void keepHouse(), options.housekeepingIntervalMs ?? HOUSEKEEPING_INTERVAL_MS);
    },
    async stop() {
      clearInterval(timer);
      await consumer.stop();
    },
    keepHouse,
  };
}

/** The records of an entry of another version are somebody's money: kept for repair, without the answers beside them and without anybody's words. */
async function keepUnreadable(redis: Redis, names: StreamNames, entry: StreamEntry): Promise<void> {
  const place = ['stream', entry.stream, 'id', entry.id];
  await redis.xadd(names.deadLetters, 'MAXLEN', '~', DEAD_LETTERS_BOUND, '*', ...place, ...factsOfEntry(entry.fields));
}
