import { createRedis, type Logger, type Metrics } from '@costlane/platform';
import { createBullmqQueue } from '../queue/create-bullmq-queue';
import type { JobQueue, QueueWorker } from '../queue/job-queue';
import { runTask } from './run-task';
import type { ScheduledTask } from './scheduled-task';
import { takeLock } from './task-lock';
import { createTaskMetrics } from './task-metrics';

export interface SchedulesOptions {
  redisUrl: string;
  /** Of the service whose tasks these are: instances that share it share the runs. Letters, digits, `-` and `_`. */
  name: string;
  tasks: readonly ScheduledTask[];
  logger: Logger;
  metrics: Metrics;
  /** Beginning of all keys; default `costlane:{jobs}`. */
  prefix?: string;
  /** How often schedules are put back that Redis may have lost; default 30,000. */
  restoreMs?: number;
  /** For how long a task cannot be run by others after its instance died; default 30,000. */
  lockMs?: number;
  /** How long a run that has been told to end may take for it, before nobody waits for it any more; default 10,000. */
  graceMs?: number;
}

export interface Schedules {
  /** Puts the schedules into Redis, now or as soon as it is there, and takes part in the runs. */
  start(): void;
  /** Takes no more runs, ends those that go on, and resolves when they have ended or their grace is over. */
  stop(): Promise<void>;
}

interface TaskRef {
  task: string;
}

const PREFIX = 'costlane:{jobs}';
const RETRY_MS = 500;
const CLOSE_MS = 2_000;
/** Of the failures in a row, the first few seconds' are those of a connection that is being made. */
const TOLD_AT = 6;

/**
 * Runs tasks at their times, each by one of all instances at a time. A run that fails is not repeated: the next one comes at its time. Schedules are put into
 * Redis again and again, which changes nothing where they are, so that they outlive the loss of all its memory; while it is away nothing runs.
 * Throws where two tasks have one name.
 */
export function createSchedules(options: SchedulesOptions): Schedules {
  const { tasks, logger, prefix = PREFIX, graceMs = 10_000 } = options;
  const byName = new Map(tasks.map((task) => [task.name, task]));
  if (byName.size < tasks.length)
    throw new Error(`two tasks have one name: ${tasks.map(({ name }) => name).join(', ')}`);
  const metrics = createTaskMetrics(options.metrics, [...byName.keys()]);
  const redis = createRedis(options.redisUrl, { name: `schedules-${options.name}`, logger, commandTimeoutMs: 5_000 });
  const queue: JobQueue<TaskRef> = createBullmqQueue({
    redisUrl: options.redisUrl,
    name: options.name,
    logger,
    prefix,
  });
  const restoring = keepRestoring(async () => {
    for (const { name, schedule } of tasks) await queue.schedule(name, schedule, { task: name });
  }, options);
  let worker: QueueWorker | undefined;
  const handle = async ({ task: name }: TaskRef, closing: AbortSignal): Promise<'done'> => {
    const task = byName.get(name);
    // Of a version before or after this one: its instances run it.
    if (!task) return 'done';
    const lock = await takeLock(redis, `${prefix}:${options.name}:lock:${name}`, options.lockMs ?? 30_000);
    if (!lock) metrics.skipped(name);
    else await runTask(task, { ...options, metrics, lock, closing, graceMs });
    return 'done';
  };
  return {
    start() {
      if (tasks.length === 0) return;
      worker = queue.work(handle, { concurrency: tasks.length });
      restoring.start();
    },
    async stop() {
      restoring.stop();
      // Where Redis is away BullMQ waits for it to say goodbye.
      await within(
        graceMs + CLOSE_MS,
        (async () => {
          await worker?.close();
          await queue.close();
        })(),
      );
      redis.disconnect();
    },
  };
}

/** At first Redis may not be connected yet, and later it may be away: tried again soon, told once. */
function keepRestoring(restore: () => Promise<void>, { logger, restoreMs = 30_000 }: SchedulesOptions) {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let failures = 0;
  const run = async (): Promise<void> => {
    try {
      await restore();
      if (failures >= TOLD_AT) logger.info('schedules are in Redis again');
      failures = 0;
    } catch (err) {
      if (++failures === TOLD_AT)
        logger.warn({ err }, 'schedules cannot be put into Redis; tried again until they are');
    }
    if (!isStopped) timer = setTimeout(() => void run(), failures > 0 ? Math.min(RETRY_MS, restoreMs) : restoreMs);
  };
  return {
    start: () => void run(),
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
