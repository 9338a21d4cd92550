import { encodeItemTask, type ItemTask, type StreamNames } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { bindScript, type Redis } from '@costlane/platform';
import source from './publish-items.lua';
import { createTickQueue } from './tick-queue';

export interface ItemPublisher {
  /**
   * Resolves with the id of the task's entry when Redis has it. Rejects with `unavailable` when it could not be written, which does not prove
   * that it was not, and when too many wait.
   */
  publish(task: ItemTask): Promise<string>;
  /** Takes an entry back, as far as Redis listens: nobody begins it any more. */
  withdraw(entryId: string): void;
}

interface Waiting {
  task: ItemTask;
  resolve: (entryId: string) => void;
  reject: (error: CostlaneError) => void;
}

const TASK_TYPE = 'batch.item';
/** Runners ask for a bounded number at a time: so many wait only where no gateway takes any. */
const MAX_WAITING_TASKS = 50_000;
const FULL_RETRY_AFTER_MS = 5_000;
const AWAY_RETRY_AFTER_MS = 1_000;
/** A script call blocks Redis for everybody: more tasks wait for the next one. */
const MAX_BATCH_TASKS = 128;

/** Puts tasks before the gateways, one script call a tick for all that gathered in it. */
export function createItemPublisher(options: {
  redis: Redis;
  names: StreamNames;
  /** Default 50,000. */
  maxWaiting?: number;
}): ItemPublisher {
  const { redis, names, maxWaiting = MAX_WAITING_TASKS } = options;
  const run = bindScript(redis, source);
  const queue = createTickQueue<Waiting>(async (batch) => {
    const createdAt = new Date().toISOString();
    const args: (string | number | Buffer)[] = [maxWaiting];
    for (const { task } of batch) args.push(TASK_TYPE, encodeItemTask(task), 'batch', task.taskId, createdAt);
    try {
      const ids = (await run([names.items], args)) as string[];
      batch.forEach((waiting, index) => {
        const id = ids[index] ?? '';
        if (id === '') waiting.reject(full());
        else waiting.resolve(id);
      });
    } catch (cause) {
      const error = new CostlaneError('unavailable', 'The queue of items cannot be reached.', {
        cause,
        retryAfterMs: AWAY_RETRY_AFTER_MS,
      });
      for (const waiting of batch) waiting.reject(error);
    }
  }, MAX_BATCH_TASKS);
  return {
    publish: (task) => new Promise((resolve, reject) => queue.push({ task, resolve, reject })),
    withdraw: (entryId) => void redis.xdel(names.items, entryId).catch(() => undefined),
  };
}

const full = (): CostlaneError =>
  new CostlaneError('unavailable', 'Too many items wait for a gateway.', { retryAfterMs: FULL_RETRY_AFTER_MS });
