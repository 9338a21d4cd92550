import { completionFields, type Completion, type CompletionRecord, type StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import type { CompletionSpool } from './completion-spool';
import { createRecentWindow } from './recent-window';
import { createTickQueue } from './tick-queue';

const COMPLETIONS_BOUND_ENTRIES = 2_000_000;
/** Records that come within this time of one another share a stream entry. */
const GATHER_MS = 20;
/** Redis with `appendfsync everysec` may forget its last second in a crash: what was published then is published again, which is harmless. */
const REPEAT_SPAN_MS = 1_500;
const REPEAT_MAX_BATCHES = 1_000;
/** Records kept in memory while Redis is away; beyond it the oldest are on disk only. */
const OWED_MAX = 100_000;
const RETRY_INTERVAL_MS = 250;
const RECOVER_INTERVAL_MS = 15_000;
const BATCH_MAX = 500;
/** A frozen Redis keeps its connections and answers nothing. */
const WRITE_TIMEOUT_MS = 1_000;

export interface CompletionPublisher {
  publish(completion: Completion): void;
  /** Records that Redis has not taken. */
  owed(): number;
  /** Tries once more and waits until nothing is under way. */
  drain(): Promise<void>;
}

/**
 * Publishes completions of requests that no worker saw (cache hits, joined calls), several an entry. What Redis does not take is kept
 * in memory and on disk until it does; what an earlier process left on disk is published with it. At least once.
 */
export function createCompletionPublisher(options: {
  redis: Redis;
  names: StreamNames;
  spool: CompletionSpool;
  logger: Logger;
  owedMax?: number;
}): CompletionPublisher {
  const owedMax = options.owedMax ?? OWED_MAX;
  const { redis, names, spool, logger } = options;
  let owed: Completion[] = [];
  let underWay = 0;
  /** More is owed than memory holds: the rest is on disk. */
  let isOnDiskOnly = false;
  const recent = createRecentWindow<Completion[]>(REPEAT_SPAN_MS, REPEAT_MAX_BATCHES);
  let retryTimer: NodeJS.Timeout | undefined;
  let retrying: Promise<void> | undefined;

  const write = (batch: Completion[]): Promise<unknown> =>
    within(
      WRITE_TIMEOUT_MS,
      redis.xadd(names.completions, 'MAXLEN', '~', COMPLETIONS_BOUND_ENTRIES, '*', ...completionFields(batch)),
    );
  const writeRecords = async (records: CompletionRecord[]): Promise<void> => {
    for (let start = 0; start < records.length; start += BATCH_MAX)
      await write(records.slice(start, start + BATCH_MAX).map((record) => ({ record })));
  };
  const retryLater = (): void => {
    if (redis.status === 'end') return;
    retryTimer ??= setTimeout(() => void retry(), RETRY_INTERVAL_MS).unref();
  };
  const owe = (batch: Completion[]): void => {
    owed.push(...batch);
    if (owed.length > owedMax) {
      owed = owed.slice(-owedMax);
      isOnDiskOnly = true;
    }
    for (const { record } of batch)
      spool.add(record).catch((err: unknown) => logger.error({ err }, 'a completion could not be spooled'));
    retryLater();
  };
  const deliver = async (): Promise<void> => {
    while (owed.length > 0) {
      const batch = owed.splice(0, BATCH_MAX);
      underWay = batch.length;
      try {
        await write(batch);
      } catch (error) {
        owed = [...batch, ...owed];
        throw error;
      } finally {
        underWay = 0;
      }
    }
    if (!isOnDiskOnly) return spool.clear();
    isOnDiskOnly = false;
    await spool.replay(writeRecords).catch((error: unknown) => {
      isOnDiskOnly = true;
      throw error;
    });
  };
  /** One at a time: two that deliver at once would take one another's records for delivered. */
  const retry = (): Promise<void> => {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    retrying ??= deliver()
      .catch(retryLater)
      .finally(() => (retrying = undefined));
    return retrying;
  };

  const queue = createTickQueue<Completion>(async (batch) => {
    try {
      await write(batch);
      recent.add(batch);
    } catch {
      owe(batch);
    }
    // The next entry gathers for a moment: a record is nobody's answer, so fewer and larger entries are free.
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  }, BATCH_MAX);
  redis.on('close', () => {
    const repeated = recent.items().flat();
    recent.clear();
    // Closed by ourselves, nothing was forgotten.
    if (repeated.length > 0 && redis.status !== 'end') owe(repeated);
  });
  const recover = (): void =>
    void spool
      .recover(writeRecords)
      .catch((err: unknown) => logger.warn({ err }, 'spooled completions could not be delivered yet'));
  redis.on('ready', recover);
  // What a process leaves behind that dies counts as left behind after a while only.
  const recoverTimer = setInterval(() => redis.status === 'ready' && recover(), RECOVER_INTERVAL_MS).unref();
  redis.on('end', () => clearInterval(recoverTimer));
  if (redis.status === 'ready') recover();
  return {
    publish: (completion) => queue.push(completion),
    owed: () => owed.length + underWay,
    async drain() {
      await queue.idle();
      await retry();
    },
  };
}

/** Rejects when an operation takes longer; it may still succeed, so what it wrote may be written twice. */
function within<T>(timeoutMs: number, operation: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    operation.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
