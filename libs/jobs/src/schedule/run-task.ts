import type { Logger } from '@costlane/platform';
import type { ScheduledTask } from './scheduled-task';
import type { TaskLock } from './task-lock';
import type { TaskMetrics, TaskResult } from './task-metrics';

export interface RunOptions {
  logger: Logger;
  metrics: TaskMetrics;
  lock: TaskLock;
  /** The service stops. */
  closing: AbortSignal;
  /** How long a run that was told to end is waited for. */
  graceMs: number;
}

/** One run of a task, to its end or to that of its time. Never rejects: what came of it is counted, and told where it is no success. */
export async function runTask(task: ScheduledTask, options: RunOptions): Promise<void> {
  const { logger, metrics, lock, closing } = options;
  const startedAt = performance.now();
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(new Error(`took longer than ${task.timeoutMs} ms`)), task.timeoutMs);
  const signal = AbortSignal.any([overdue.signal, lock.lost, closing]);
  let result: TaskResult = 'done';
  try {
    await untilGiven(task.run(signal), signal, options.graceMs);
    // One that comes to an end in spite of being told to stop has done what it had to.
  } catch (err) {
    result = overdue.signal.aborted ? 'timed_out' : signal.aborted ? 'interrupted' : 'failed';
    if (result !== 'interrupted') logger.error({ err, task: task.name, result }, 'a scheduled task failed');
  } finally {
    clearTimeout(timer);
    await lock.release();
  }
  metrics.ran(task.name, result, (performance.now() - startedAt) / 1_000);
}

/** A run that does not heed its signal is left alone in the end: it must keep neither the service from stopping nor other instances from trying. */
async function untilGiven(run: Promise<void>, signal: AbortSignal, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new AbortController();
  const givenUp = new Promise<never>((_resolve, reject) => {
    const waitGrace = (): void => {
      timer = setTimeout(() => reject(signal.reason as Error), graceMs);
    };
    if (signal.aborted) waitGrace();
    else signal.addEventListener('abort', waitGrace, { once: true, signal: over.signal });
  });
  try {
    await Promise.race([run, givenUp]);
  } finally {
    over.abort();
    clearTimeout(timer);
  }
}
