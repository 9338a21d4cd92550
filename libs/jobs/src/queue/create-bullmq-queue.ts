import { DelayedError, Queue, Worker, type Job } from 'bullmq';
import { createRedis, type Logger, type Redis } from '@costlane/platform';
import { jitteredDelayMs } from '@costlane/resilience';
import type { JobQueue, QueueTask, QueueWorker, Schedule, TaskHandler, TaskOutcome, WorkOptions } from './job-queue';

export interface BullmqQueueOptions {
  redisUrl: string;
  /** Letters, digits, `-` and `_`. */
  name: string;
  logger: Logger;
  /** Beginning of all keys; the hash tag keeps a queue in one slot. Default `costlane:{jobs}`. */
  prefix?: string;
  /** A worker that has not been heard of for so long has lost its task; default 30,000. */
  lockMs?: number;
  /** How often lost tasks are looked for; default 15,000. */
  stalledCheckMs?: number;
  /** First wait after a handler threw; doubles up to a minute. Default 1,000. */
  retryBaseMs?: number;
  /** Told of each handler that threw and each failure of the queue itself. */
  onError?: (error: unknown) => void;
}

/** Redis is sometimes away: adding fails after this instead of waiting for ever. */
const COMMAND_TIMEOUT_MS = 5_000;
const RETRY_MAX_MS = 60_000;
/** Once no task is in hand any more, what BullMQ may take to say goodbye to Redis. */
const CLOSE_MS = 1_000;
/** A task that stalls is only told once more; the truth about it is in the database, so it may be so often. */
const MAX_STALLED = 1_000;
/** Nobody reads them; BullMQ writes them all the same. */
const MAX_EVENTS = 100;
/** What is done leaves nothing behind. */
const leaveNothing = { removeOnComplete: true, removeOnFail: true } as const;
const TASK_NAME = 'task';
/** Before ids that callers gave; a schedule's tasks have others. */
const OURS = 't-';

/** {@link JobQueue} on BullMQ. Connects in the background; works again when Redis is back. */
export function createBullmqQueue<Payload>(options: BullmqQueueOptions): JobQueue<Payload> {
  return new BullmqQueue<Payload>(options);
}

class BullmqQueue<Payload> implements JobQueue<Payload> {
  private readonly queue: Queue<unknown, void, string>;
  private readonly redis: Redis;
  private readonly workers = new Set<QueueWorker>();
  private readonly prefix: string;

  constructor(private readonly options: BullmqQueueOptions) {
    const { redisUrl, name, logger, prefix = 'costlane:{jobs}' } = options;
    this.prefix = prefix;
    this.redis = createRedis(redisUrl, { name: `jobs-${name}`, logger, commandTimeoutMs: COMMAND_TIMEOUT_MS });
    this.queue = new Queue<unknown, void, string>(name, {
      connection: this.redis,
      prefix,
      defaultJobOptions: leaveNothing,
      streams: { events: { maxLen: MAX_EVENTS } },
      skipWaitingForReady: true,
      // It would ask once, perhaps while Redis is away, and then fail for ever.
      skipVersionCheck: true,
    });
    this.queue.on('error', (error) => this.failed(error));
  }

  async enqueue(tasks: readonly QueueTask<Payload>[]): Promise<void> {
    if (tasks.length === 0) return;
    const jobs = tasks.map(({ id, payload, delayMs = 0 }) => ({
      name: TASK_NAME,
      data: payload,
      opts: { jobId: safeId(id), delay: delayMs },
    }));
    await this.queue.addBulk(jobs);
  }

  async schedule(name: string, schedule: Schedule, payload: Payload): Promise<void> {
    const repeat =
      'everyMs' in schedule ? { every: schedule.everyMs } : { pattern: schedule.cron, tz: schedule.timeZone ?? 'UTC' };
    const template = { name: TASK_NAME, data: payload, opts: leaveNothing };
    await this.queue.upsertJobScheduler(name, repeat, template);
  }

  async unschedule(name: string): Promise<void> {
    await this.queue.removeJobScheduler(name);
  }

  work(handler: TaskHandler<Payload>, { concurrency }: WorkOptions): QueueWorker {
    const { redisUrl, name, logger, lockMs = 30_000, stalledCheckMs = 15_000 } = this.options;
    const connections = rememberDuplicates(
      createRedis(redisUrl, { name: `jobs-${name}-worker`, logger, blocking: true }),
    );
    const inHand = new Set<Promise<void>>();
    const ending = new AbortController();
    const worker = new Worker<Payload, void, string>(
      name,
      (job, token) => {
        const handled = this.handle(handler, job, token, ending.signal);
        const settled = handled.then(nothing, nothing).finally(() => inHand.delete(settled));
        inHand.add(settled);
        return handled;
      },
      {
        connection: connections[0],
        prefix: this.prefix,
        concurrency,
        lockDuration: lockMs,
        stalledInterval: stalledCheckMs,
        maxStalledCount: MAX_STALLED,
        ...removeAll,
      },
    );
    worker.on('error', (error) => this.failed(error));
    let closing: Promise<void> | undefined;
    const handle: QueueWorker = {
      close: () =>
        (closing ??= (async () => {
          ending.abort();
          const closed = worker.close().catch((error: unknown) => this.failed(error));
          await Promise.all(inHand);
          await within(CLOSE_MS, closed);
          for (const connection of connections) end(connection);
          this.workers.delete(handle);
        })()),
    };
    this.workers.add(handle);
    return handle;
  }

  async size(): Promise<{ waiting: number; active: number; delayed: number }> {
    const counts = await this.queue.getJobCounts('waiting', 'active', 'delayed');
    return { waiting: counts['waiting'] ?? 0, active: counts['active'] ?? 0, delayed: counts['delayed'] ?? 0 };
  }

  async waiting(most: number): Promise<string[]> {
    const ends = [true, false].map((isOldestFirst) => this.queue.getRanges(['wait'], 0, most - 1, isOldestFirst));
    const ids = new Set((await Promise.all(ends)).flat());
    return [...ids].filter((id) => id.startsWith(OURS)).map((id) => decodeURIComponent(id.slice(OURS.length)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.close()));
    await this.queue.close();
    this.redis.disconnect();
  }

  private async handle(
    handler: TaskHandler<Payload>,
    job: Job<Payload>,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const outcome = await this.outcomeOf(handler, job, signal);
    if (outcome === 'done') return;
    await job.moveToDelayed(Date.now() + outcome.againInMs, token);
    throw new DelayedError();
  }

  private async outcomeOf(handler: TaskHandler<Payload>, job: Job<Payload>, signal: AbortSignal): Promise<TaskOutcome> {
    try {
      return await handler(job.data, signal);
    } catch (error) {
      this.failed(error);
      // A schedule's own next time comes anyway, and its tasks cannot be moved.
      if (job.repeatJobKey !== undefined) return 'done';
      const { retryBaseMs = 1_000 } = this.options;
      return { againInMs: jitteredDelayMs(Math.min(job.attemptsStarted, 10), retryBaseMs, RETRY_MAX_MS) };
    }
  }

  private failed(error: unknown): void {
    this.options.logger.warn({ queue: this.options.name, reason: reasonOf(error) }, 'job queue failed');
    this.options.onError?.(error);
  }
}

/** A connection and those that are made like it, BullMQ's own for waiting: where Redis is away it would hold on to that until it has said goodbye. */
function rememberDuplicates(redis: Redis): [Redis, ...Redis[]] {
  const all: [Redis, ...Redis[]] = [redis];
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (...args) => {
    const another = duplicate(...args);
    all.push(another);
    return another;
  };
  return all;
}

/** One that waits for its next try cannot be told to end before that: it would keep its commands, and whoever waits for these, for ever. */
function end(redis: Redis): void {
  if (redis.status === 'reconnecting') redis.once('connecting', () => redis.disconnect());
  else redis.disconnect();
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

const nothing = (): void => undefined;

const removeAll = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** BullMQ takes no colon and no plain number as an id. */
const safeId = (id: string): string => OURS + encodeURIComponent(id);
