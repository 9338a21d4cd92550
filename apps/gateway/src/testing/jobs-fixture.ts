import { createLedger, createMigratedDatabase, type JobRef, type JobStore } from '@costlane/ledger';
import { databaseUrlForTests } from '@costlane/testing';
import { createJobService, type JobServiceOptions } from '../jobs/create-job-service';
import type { JobService } from '../jobs/job-service';
import { silent } from './test-gateway';

const databaseUrl = databaseUrlForTests();

/** `describe` where there is a Postgres, else `describe.skip`. */
export const describeWithPostgres = databaseUrl ? describe : describe.skip;

export interface JobsFixture {
  store: JobStore;
  jobs: JobService;
  /** All that were ever begun. */
  begun: JobRef[];
  /** What a runner would do: items end with these bodies (status 200, or 400 where the state is `failed`), then the job where it can. */
  end(ref: JobRef, results: Record<number, string>, over?: { state?: 'failed'; isDead?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Jobs on a database of their own; nothing runs them but `end`. */
export async function startJobsFixture(options: Partial<JobServiceOptions> = {}): Promise<JobsFixture> {
  const scratch = await createMigratedDatabase(databaseUrl ?? '');
  const ledger = createLedger({ databaseUrl: scratch.url, logger: silent });
  const begun: JobRef[] = [];
  const store: JobStore = {
    ...ledger.jobs,
    create: (job) => {
      begun.push(job);
      return ledger.jobs.create(job);
    },
  };
  const jobs = createJobService({
    store,
    announce: async () => undefined,
    maxItems: 5_000,
    webhookSigningSecret: 'a-secret-for-specs',
    watch: { firstMs: 5, maxMs: 20 },
    ...options,
  });
  return {
    store,
    jobs,
    begun,
    async end(ref, results, { state, isDead } = {}) {
      await store.advance(ref, 'start');
      const ends = Object.entries(results).map(([index, body]) => ({
        index: Number(index),
        state: state ?? ('succeeded' as const),
        status: state ? 400 : 200,
        errorCode: state && 'invalid_request',
        isDead,
        costNanoUsd: 1_000,
        result: body === '' ? undefined : Buffer.from(body),
      }));
      await store.end(ref, ends);
      await store.advance(ref, 'items_ended');
      await store.advance(ref, 'finish');
    },
    async close() {
      jobs.close();
      await ledger.close();
      await scratch.drop();
    },
  };
}
