import type { Metrics } from '@costlane/platform';

/** `elsewhere`: another instance was still at it. `interrupted`: the service stopped, or another instance began. */
export type TaskResult = 'done' | 'failed' | 'timed_out' | 'interrupted' | 'elsewhere';

export interface TaskMetrics {
  ran(task: string, result: TaskResult, seconds: number): void;
  skipped(task: string): void;
}

/** Whole runs, from tenths of a second to ten minutes. */
const buckets = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

export function createTaskMetrics(metrics: Metrics, tasks: readonly string[]): TaskMetrics {
  const runs = metrics.counter({
    name: 'costlane_task_runs_total',
    help: 'Runs of scheduled tasks by result: done, failed, timed_out, interrupted, or elsewhere where another instance was at it',
    labelNames: ['task', 'result'],
  });
  const latency = metrics.histogram({
    name: 'costlane_task_latency_seconds',
    help: 'Duration of runs of scheduled tasks',
    labelNames: ['task'],
    buckets,
  });
  const lastSuccess = metrics.gauge({
    name: 'costlane_task_last_success_timestamp_seconds',
    help: 'When a scheduled task was last done, by this instance; the highest of all instances counts',
    labelNames: ['task'],
  });
  // There from the start, so that an alert on failures sees the first one.
  for (const task of tasks) for (const result of ['done', 'failed', 'timed_out']) runs.inc({ task, result }, 0);
  return {
    ran(task, result, seconds) {
      runs.inc({ task, result });
      latency.observe({ task }, seconds);
      if (result === 'done') lastSuccess.set({ task }, Date.now() / 1_000);
    },
    skipped: (task) => runs.inc({ task, result: 'elsewhere' }),
  };
}
