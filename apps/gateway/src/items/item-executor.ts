import { randomBytes } from 'node:crypto';
import type { ItemMode, ItemReply, ItemTask } from '@costlane/contracts';
import { failedItem } from './item-answer';
import type { ItemDoors } from './item-doors';
import type { ItemRun, ItemRuns } from './item-runs';

/** The doors of a mode, and who is at them. */
export interface ItemMeans {
  doors: ItemDoors;
  runs: ItemRuns;
}

export interface ItemExecutor {
  /**
   * Does what is asked. Never rejects; `undefined`: it was cancelled, nobody waits. Asked for an item that is at its door already, it waits for
   * the same answer.
   */
  run(task: ItemTask): Promise<ItemReply | undefined>;
  /** Nobody waits for this task any more. */
  cancel(taskId: string): void;
  /** Items at their doors. */
  inFlight(): number;
  stop(): void;
}

interface Running extends ItemRun {
  readonly key: string;
  readonly mode: ItemMode;
  readonly endsAtMs: number;
  /** By the task that asks. */
  readonly waiting: Map<string, (reply: ItemReply | undefined) => void>;
}

/** Every call ends at its deadline: what is still at its door then will not come. */
const GRACE_MS = 10_000;
const SWEEP_INTERVAL_MS = 1_000;

/** @param attemptMaxMs how long one try takes at the most, whatever time the job has */
export function createItemExecutor(options: {
  means: Record<ItemMode, ItemMeans>;
  attemptMaxMs: number;
  /** Default 10 s. */
  graceMs?: number;
}): ItemExecutor {
  const { means, attemptMaxMs, graceMs = GRACE_MS } = options;
  const running = new Map<string, Running>();
  const byTask = new Map<string, Running>();

  const end = (run: Running, reply: ItemReply | undefined): void => {
    if (running.get(run.key) !== run) return;
    running.delete(run.key);
    means[run.mode].runs.remove(run.requestId);
    for (const [taskId, tell] of run.waiting) {
      byTask.delete(taskId);
      tell(reply);
    }
  };
  const begin = (key: string, task: ItemTask): Running => {
    const { requestId } = task;
    // A plan is no call yet.
    const callId = task.mode === 'execute' ? `${requestId}~${randomBytes(4).toString('hex')}` : undefined;
    const endsAtMs = Math.min(task.deadlineAtMs, Date.now() + attemptMaxMs) + graceMs;
    const run: Running = {
      task,
      requestId,
      callId,
      key,
      mode: task.mode,
      endsAtMs,
      waiting: new Map(),
      settle: (reply) => end(run, reply),
    };
    running.set(key, run);
    means[task.mode].runs.add(run);
    return run;
  };
  const sweep = (): void => {
    const nowMs = Date.now();
    for (const run of running.values()) {
      if (run.endsAtMs > nowMs) continue;
      run.leave?.();
      end(run, failedItem('internal', 500, 'The door did not answer this item.'));
    }
  };
  const timer = setInterval(sweep, Math.min(SWEEP_INTERVAL_MS, graceMs));

  return {
    run: (task) =>
      new Promise((resolve) => {
        const key = `${task.mode}:${task.requestId}`;
        const known = running.get(key);
        const run = known ?? begin(key, task);
        run.waiting.set(task.taskId, resolve);
        byTask.set(task.taskId, run);
        if (!known) means[task.mode].doors.put(run);
      }),
    cancel(taskId) {
      const run = byTask.get(taskId);
      if (!run) return;
      const tell = run.waiting.get(taskId);
      run.waiting.delete(taskId);
      byTask.delete(taskId);
      tell?.(undefined);
      if (run.waiting.size > 0) return;
      // The door hears no more of it: what it would write is read by nobody.
      run.leave?.();
      end(run, undefined);
    },
    inFlight: () => byTask.size,
    stop: () => clearInterval(timer),
  };
}
