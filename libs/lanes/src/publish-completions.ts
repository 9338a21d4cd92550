import { completionFields, type Completion, type StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import type { CompletionSpool } from './completion-spool';
import { createTickQueue } from './tick-queue';

const COMPLETIONS_BOUND_ENTRIES = 2_000_000;
/** Records that come within this time of one another share a stream entry. */
const GATHER_MS = 10;
/** Redis with `appendfsync everysec` may forget its last second in a crash: what was published then is published again, which is harmless. */
const REPEAT_WINDOW_MS = 2_500;
/** Records kept in memory while Redis is away; beyond it the oldest are on disk only. */
const OWED_MAX = 100_000;
const RETRY_INTERVAL_MS = 250;

export interface CompletionPublisher {
  publish(completion: Completion): void;
  /** Records that Redis has not taken. */
  owed(): number;
  /** Tries once more and waits until nothing is under way. */
  drain(): Promise<void>;
}

/**
 * Publishes completions of requests that no worker saw (cache hits, joined calls), several an entry. What Redis does not take is kept
 * in memory and on disk until it does.
 */
export function createCompletionPublisher(options: {
  redis: Redis;
  names: StreamNames;
  spool: CompletionSpool;
  logger: Logger;
}): CompletionPublisher {
  const { redis, names, spool, logger } = options;
  const owed: Completion[] = [];
  let recent: { batch: Completion[]; atMs: number }[] = [];
  let retryTimer: NodeJS.Timeout | undefined;

  const write = async (batch: Completion[]): Promise<void> => {
    await redis.xadd(names.completions, 'MAXLEN', '~', COMPLETIONS_BOUND_ENTRIES, '*', ...completionFields(batch));
  };
  const owe = (batch: Completion[]): void => {
    owed.push(...batch);
    if (owed.length > OWED_MAX) owed.splice(0, owed.length - OWED_MAX);
    for (const { record } of batch)
      spool.add(record).catch((err: unknown) => logger.error({ err }, 'a completion could not be spooled'));
    retryTimer ??= setTimeout(() => void retry(), RETRY_INTERVAL_MS);
  };
  const retry = async (): Promise<void> => {
    retryTimer = undefined;
    while (owed.length > 0) {
      const batch = owed.slice(0, 500);
      try {
        await write(batch);
        owed.splice(0, batch.length);
      } catch {
        retryTimer ??= setTimeout(() => void retry(), RETRY_INTERVAL_MS);
        return;
      }
    }
    await spool.clear().catch(() => undefined);
  };
  const queue = createTickQueue<Completion>(async (batch) => {
    const nowMs = Date.now();
    recent.push({ batch, atMs: nowMs });
    if (recent.length > 1_000) recent = recent.filter(({ atMs }) => atMs > nowMs - 2 * REPEAT_WINDOW_MS);
    try {
      await write(batch);
    } catch {
      owe(batch);
    }
    // The next entry gathers for a moment: a record is nobody's answer, so fewer and larger entries are free.
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  }, 500);
  redis.on('close', () => {
    const sinceMs = Date.now() - REPEAT_WINDOW_MS;
    const repeated = recent.filter(({ atMs }) => atMs >= sinceMs).flatMap(({ batch }) => batch);
    recent = [];
    if (repeated.length > 0) owe(repeated);
  });
  return {
    publish: (completion) => queue.push(completion),
    owed: () => owed.length,
    async drain() {
      await queue.idle();
      await retry();
    },
  };
}
