import { randomUUID } from 'node:crypto';
import type { BatchJob, ItemEnd, JobRef, JobStore, LeasedItem, Submission } from '@costlane/ledger';
import type { BatchLane } from './batch-lane';
import { dispositionOf } from './item-outcome';
import type { TurnLimits } from './run-items';

export interface BatchPhaseDeps {
  store: JobStore;
  lane: BatchLane;
  limits: TurnLimits;
  now: () => number;
  onError: (error: unknown) => void;
}

interface OpenBatch {
  batchKey: string;
  items: number;
  sizeBytes: number;
}

/**
 * One look at what a job has with providers' Batch APIs: gathers items that may go there, hands batches over, and takes results of those
 * that have ended. Each step is written down before it is made; a batch whose sender died is looked for, never just sent again.
 * Resolves with the wait until the next look is worth while; undefined: there are no batches.
 */
export async function runBatches(deps: BatchPhaseDeps, job: BatchJob, isEnding: boolean): Promise<number | undefined> {
  const phase = new BatchPhase(deps, job, isEnding);
  return phase.run();
}

class BatchPhase {
  private readonly ref: JobRef;

  constructor(
    private readonly deps: BatchPhaseDeps,
    private readonly job: BatchJob,
    /** The job is cancelled or out of time: batches are ended, none begun. */
    private readonly isEnding: boolean,
  ) {
    this.ref = { tenantId: job.tenantId, jobId: job.jobId };
  }

  async run(): Promise<number | undefined> {
    const { store, lane, onError } = this.deps;
    if (!this.isEnding && lane.accepts(this.job)) await this.gather();
    for (const submission of await store.submissions(this.ref)) {
      if (submission.waitMs > 0 && !(this.isEnding && submission.state === 'collecting')) continue;
      await this.step(submission).catch(onError);
    }
    const left = await store.submissions(this.ref);
    return left.length === 0 ? undefined : Math.min(...left.map(({ waitMs }) => waitMs));
  }

  private async gather(): Promise<void> {
    const { store, limits } = this.deps;
    const { leaseItems, leaseBytes, leaseMs, maxAttempts } = limits;
    const owner = randomUUID();
    const open = new Map<string, OpenBatch>();
    const lease = { owner, limit: leaseItems, maxBytes: leaseBytes, leaseMs, maxAttempts, isDirect: false };
    for (;;) {
      const items = await store.lease(this.ref, lease);
      if (items.length === 0) return;
      const { batches, direct } = this.place(items, open);
      for (const { batchKey, group, indexes } of batches)
        await store.collect(
          this.ref,
          owner,
          { batchKey, group },
          indexes.map((index) => ({ index })),
        );
      const released = direct.map((index) => ({ index, delayMs: 0, isUncounted: true, isDirect: true }));
      await store.release(this.ref, owner, released);
    }
  }

  private place(items: readonly LeasedItem[], open: Map<string, OpenBatch>) {
    const { lane } = this.deps;
    const batches = new Map<string, { batchKey: string; group: string; indexes: number[] }>();
    const direct: number[] = [];
    for (const item of items) {
      const place = lane.placeOf(item, this.job);
      if (place === undefined || place.sizeBytes > lane.limits.maxBytes) {
        direct.push(item.index);
        continue;
      }
      const { group, sizeBytes } = place;
      const { batchKey } = this.roomIn(open, group, sizeBytes);
      const batch = batches.get(batchKey) ?? { batchKey, group, indexes: [] };
      batch.indexes.push(item.index);
      batches.set(batchKey, batch);
    }
    return { batches: [...batches.values()], direct };
  }

  /** The group's open batch, or a new one where it is full. */
  private roomIn(open: Map<string, OpenBatch>, group: string, sizeBytes: number): OpenBatch {
    const { maxItems, maxBytes } = this.deps.lane.limits;
    let batch = open.get(group);
    if (batch === undefined || batch.items >= maxItems || batch.sizeBytes + sizeBytes > maxBytes) {
      batch = { batchKey: `b_${randomUUID()}`, items: 0, sizeBytes: 0 };
      open.set(group, batch);
    }
    batch.items += 1;
    batch.sizeBytes += sizeBytes;
    return batch;
  }

  private async step(submission: Submission): Promise<void> {
    const { store, lane } = this.deps;
    const { batchKey, state } = submission;
    if (state === 'collecting') {
      if (this.isEnding) await store.endSubmission(this.ref, batchKey);
      else await this.send(submission);
    } else if (state === 'sending') {
      // Its sender has not said how it went: it may have been taken.
      await store.changeSubmission(this.ref, batchKey, { from: 'sending', state: 'lost', checkInMs: 0 });
    } else if (state === 'lost') await this.find(submission);
    else if (submission.providerBatchId !== undefined) {
      const batch = { ...submission, providerBatchId: submission.providerBatchId };
      if (this.isEnding) await lane.cancel(batch);
      if (await lane.hasEnded(batch)) await this.take(batch);
      else await this.lookAgain(batch, lane.pollMs);
    }
  }

  private async send(submission: Submission): Promise<void> {
    const { store, lane } = this.deps;
    const { batchKey } = submission;
    const sending = { from: 'collecting', state: 'sending', checkInMs: lane.sendMs } as const;
    if (!(await store.changeSubmission(this.ref, batchKey, sending))) return;
    const items = store.submittedItems(this.ref, batchKey);
    const outcome = await lane.submit(submission, items, this.job).catch((error: unknown) => {
      this.deps.onError(error);
      return { kind: 'unknown' } as const;
    });
    const change = (state: Submission['state'], checkInMs: number, providerBatchId?: string): Promise<boolean> =>
      store.changeSubmission(this.ref, batchKey, { from: 'sending', state, checkInMs, providerBatchId });
    if (outcome.kind === 'submitted') await change('submitted', lane.pollMs, outcome.providerBatchId);
    else if (outcome.kind === 'later') await change('collecting', outcome.waitMs);
    else if (outcome.kind === 'unknown') await change('lost', 0);
    else await store.endSubmission(this.ref, batchKey);
  }

  private async find(submission: Submission): Promise<void> {
    const { store, lane, now } = this.deps;
    const { batchKey, startedAtMs = this.job.createdAtMs, sentAtMs = now() } = submission;
    const found = await lane.find({ ...submission, startedAtMs, endedAtMs: sentAtMs });
    const change = (state: Submission['state'], checkInMs: number, providerBatchId?: string): Promise<boolean> =>
      store.changeSubmission(this.ref, batchKey, { from: 'lost', state, checkInMs, providerBatchId });
    if (found.kind === 'found') await change('submitted', 0, found.providerBatchId);
    else if (found.kind === 'absent') await change('collecting', 0);
    else await change('lost', found.waitMs);
  }

  private async take(batch: Submission & { providerBatchId: string }): Promise<void> {
    const { store, lane, limits } = this.deps;
    let ends: ItemEnd[] = [];
    let sizeBytes = 0;
    const stop = this.isEnding ? (this.job.state === 'cancelling' ? 'cancelled' : 'expired') : undefined;
    const write = async (): Promise<void> => {
      await store.end(this.ref, ends);
      ends = [];
      sizeBytes = 0;
    };
    for await (const { index, outcome } of lane.results(batch)) {
      // What may succeed if it is asked again stays open, and is asked by itself.
      const disposition = dispositionOf({ index, attempt: 0 }, outcome, stop, { ...limits, maxAttempts: 1 });
      if (disposition.kind === 'release') continue;
      ends.push(disposition.end);
      sizeBytes += disposition.end.result?.length ?? 0;
      if (ends.length >= limits.flushItems || sizeBytes >= limits.flushBytes) await write();
    }
    await write();
    await store.endSubmission(this.ref, batch.batchKey);
  }

  private async lookAgain({ batchKey }: Submission, checkInMs: number): Promise<void> {
    await this.deps.store.changeSubmission(this.ref, batchKey, { from: 'submitted', state: 'submitted', checkInMs });
  }
}
