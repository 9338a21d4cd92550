import {
  createLedger,
  createMigratedDatabase,
  type BatchJob,
  type JobRef,
  type JobStore,
  type NewJob,
  type StoredItem,
} from '@costlane/ledger';
import { createLogger } from '@costlane/platform';
import { databaseUrlForTests } from '@costlane/testing';
import type { JobQueue, QueueTask } from '../queue/job-queue';
import { createBatchRunner, type BatchRunner, type BatchRunnerOptions } from '../runner/create-batch-runner';
import type { ItemOutcome } from '../runner/item-outcome';
import type { ExecuteItem } from '../runner/run-items';

const databaseUrl = databaseUrlForTests();
export const quiet = createLogger({ service: 'test', level: 'silent' });

/** `describe` where there is a Postgres, else `describe.skip`. */
export const describeWithPostgres = databaseUrl ? describe : describe.skip;

/** Remembers what was announced; nothing comes of it by itself. */
export function createFakeQueue(): JobQueue<JobRef> & { tasks: QueueTask<JobRef>[] } {
  const tasks: QueueTask<JobRef>[] = [];
  const nothing = async (): Promise<void> => undefined;
  return {
    tasks,
    enqueue: async (added) => void tasks.push(...added),
    schedule: nothing,
    unschedule: nothing,
    work: () => ({ close: nothing }),
    waiting: async () => [],
    size: async () => ({ waiting: tasks.length, active: 0, delayed: 0 }),
    close: nothing,
  };
}

export const answerOf = (index: number): ItemOutcome => ({
  kind: 'succeeded',
  status: 200,
  result: Buffer.from(`answer ${index}`),
  costNanoUsd: 1,
});

const smallLimits = { concurrency: 4, leaseItems: 8, flushItems: 5, flushMs: 5, retryBaseMs: 1, retryMaxMs: 2 };

export interface JobFixture {
  databaseUrl: string;
  store: JobStore;
  /** An accepted job of so many items, whose requests are their indexes. */
  newJob(count: number, changes?: Partial<NewJob>): Promise<JobRef>;
  runner(execute: ExecuteItem, options?: Partial<BatchRunnerOptions>): BatchRunner;
  /** All its items that have ended. */
  all(ref: JobRef): Promise<StoredItem[]>;
  /** Turns until the job is done, as a queue would bring it round. */
  runToEnd(batches: BatchRunner, ref: JobRef): Promise<BatchJob>;
  end(): Promise<void>;
}

/** A store on a database of its own. */
export async function startJobFixture(): Promise<JobFixture> {
  const scratch = await createMigratedDatabase(databaseUrl ?? '');
  const ledger = createLedger({ databaseUrl: scratch.url, logger: quiet });
  const store = ledger.jobs;
  let next = 0;
  return {
    databaseUrl: scratch.url,
    store,
    async newJob(count, changes = {}) {
      const ref = { tenantId: changes.tenantId ?? 'acme', jobId: `job_${(next += 1)}` };
      await store.create({ ...ref, kind: 'batch', ...changes });
      const items = Array.from({ length: count }, (_, i) => ({ request: Buffer.from(String(i)) }));
      await store.addItems(ref, items);
      await store.seal(ref, count);
      return ref;
    },
    runner: (execute, options = {}) =>
      createBatchRunner({
        store,
        queue: createFakeQueue(),
        logger: quiet,
        execute,
        ...options,
        limits: { ...smallLimits, ...options.limits },
      }),
    async all(ref) {
      const found: StoredItem[] = [];
      for await (const page of store.stream(ref)) found.push(...page);
      return found;
    },
    async runToEnd(batches, ref) {
      for (let turn = 0; turn < 300; turn += 1) {
        const outcome = await batches.runTurn(ref);
        if (outcome === 'done') return (await store.get(ref)) as BatchJob;
        await new Promise((resolve) => setTimeout(resolve, Math.min(outcome.againInMs, 5)));
      }
      throw new Error('the job does not end');
    },
    async end() {
      await ledger.close();
      await scratch.drop();
    },
  };
}
