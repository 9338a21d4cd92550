import type { BatchJob, ItemEnd, JobRef, JobStore, Submission } from '@costlane/ledger';
import type { BatchLane, LanePatience, TakenBatch } from './batch-lane';
import { gatherBatches } from './gather-batches';
import { dispositionOf } from './item-outcome';
import type { TurnLimits } from './run-items';

export interface BatchPhaseDeps {
  store: JobStore;
  lane: BatchLane;
  limits: TurnLimits;
  now: () => number;
  /** False: it is others' turn, and no more items are gathered. */
  mayGoOn: () => boolean;
  owner: string;
  onError: (error: unknown) => void;
}

/** A step that failed is made again after so long, and not at once. */
const FAILED_AGAIN_MS = 2_000;

/**
 * One look at what a job has with providers' Batch APIs: gathers items that may go there, hands batches over, and takes results of those
 * that have ended. Each step is written down before it is made; a batch whose sender died is looked for, never just sent again.
 * Resolves with the wait until the next look is worth while; undefined: there are no batches. `isEnding`: the job is cancelled or out of
 * time, so that batches are ended and none begun.
 */
export async function runBatches(
  deps: BatchPhaseDeps,
  job: BatchJob,
  isEnding: boolean,
  signal: AbortSignal = new AbortController().signal,
): Promise<number | undefined> {
  const phase = new BatchPhase(deps, job, isEnding, signal);
  return phase.run();
}

class BatchPhase {
  private readonly ref: JobRef;
  private readonly patience: LanePatience;

  constructor(
    private readonly deps: BatchPhaseDeps,
    private readonly job: BatchJob,
    private readonly isEnding: boolean,
    private readonly signal: AbortSignal,
  ) {
    this.ref = { tenantId: job.tenantId, jobId: job.jobId };
    const patience = deps.lane.patience(job);
    this.patience = isEnding && patience === 'wait' ? 'cancel' : patience;
  }

  async run(): Promise<number | undefined> {
    const { store, lane } = this.deps;
    const { signal } = this;
    if (this.patience === 'wait' && lane.accepts(this.job)) await gatherBatches(this.deps, this.job, signal);
    for (const submission of await store.submissions(this.ref)) {
      if (signal.aborted) break;
      if (submission.waitMs > 0 && !(this.patience !== 'wait' && submission.state === 'collecting')) continue;
      await this.step(submission).catch((error: unknown) => this.putOff(submission, error));
    }
    const left = await store.submissions(this.ref);
    return left.length === 0 ? undefined : Math.min(...left.map(({ waitMs }) => waitMs));
  }

  private async step(submission: Submission): Promise<void> {
    const { store } = this.deps;
    const { batchKey, state, providerBatchId } = submission;
    if (state === 'collecting') {
      if (this.patience === 'wait') await this.send(submission);
      else await this.leave(batchKey);
    } else if (state === 'sending') {
      // Its sender has not said how it went: it may have been taken.
      await store.changeSubmission(this.ref, batchKey, { from: 'sending', state: 'lost', checkInMs: 0 });
    } else if (state === 'lost') {
      if (this.patience === 'leave') await this.leave(batchKey);
      else await this.find(submission);
    } else if (providerBatchId !== undefined) await this.look({ ...submission, providerBatchId });
  }

  private async look(batch: Submission & TakenBatch): Promise<void> {
    const { lane } = this.deps;
    let hasEnded = await lane.hasEnded(batch);
    if (!hasEnded && this.patience !== 'wait') {
      await lane.cancel(batch);
      hasEnded = await lane.hasEnded(batch);
    }
    if (hasEnded) return this.take(batch);
    if (this.patience !== 'leave') return this.lookAgain(batch, lane.pollMs(batch));
    lane.onLeft?.(batch);
    await this.leave(batch.batchKey);
  }

  private async putOff(submission: Submission, error: unknown): Promise<void> {
    const { store, onError } = this.deps;
    onError(error);
    const { batchKey, state } = submission;
    // When sending was begun stays as it was: by that it is looked for.
    if (state === 'sending') return;
    const change = { from: state, state, checkInMs: FAILED_AGAIN_MS };
    await store.changeSubmission(this.ref, batchKey, change).catch(onError);
  }

  private async send(submission: Submission): Promise<void> {
    const { store, lane } = this.deps;
    const { batchKey } = submission;
    const sending = { from: 'collecting', state: 'sending', checkInMs: lane.sendMs } as const;
    if (!(await store.changeSubmission(this.ref, batchKey, sending))) return;
    const items = () => store.submittedItems(this.ref, batchKey);
    const outcome = await lane.submit(submission, items, this.job).catch((error: unknown) => {
      this.deps.onError(error);
      return { kind: 'unknown' } as const;
    });
    const change = (state: Submission['state'], checkInMs: number, providerBatchId?: string): Promise<boolean> =>
      store.changeSubmission(this.ref, batchKey, { from: 'sending', state, checkInMs, providerBatchId });
    if (outcome.kind === 'submitted') {
      const { providerBatchId } = outcome;
      const pollMs = lane.pollMs({ ...submission, providerBatchId, sentAtMs: this.deps.now() });
      await change('submitted', pollMs, providerBatchId);
    } else if (outcome.kind === 'later') await change('collecting', outcome.waitMs);
    else if (outcome.kind === 'unknown') await change('lost', 0);
    else await this.leave(batchKey);
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

  private async take(batch: TakenBatch): Promise<void> {
    const { store, lane, limits } = this.deps;
    let ends: ItemEnd[] = [];
    let charges: { index: number; costNanoUsd: number }[] = [];
    let sizeBytes = 0;
    const stop = this.isEnding ? (this.job.state === 'cancelling' ? 'cancelled' : 'expired') : undefined;
    const write = async (): Promise<void> => {
      await store.charge(this.ref, batch.batchKey, charges);
      await store.end(this.ref, ends);
      charges = [];
      ends = [];
      sizeBytes = 0;
    };
    const itemsOf = (indexes: readonly number[]) => store.someSubmittedItems(this.ref, batch.batchKey, indexes);
    for await (const { index, outcome } of lane.results(batch, this.job, itemsOf)) {
      // What may succeed if it is asked again stays open, and is asked by itself.
      const disposition = dispositionOf({ index, attempt: 0 }, outcome, stop, { ...limits, maxAttempts: 1 });
      if (disposition.kind === 'end') {
        ends.push(disposition.end);
        sizeBytes += disposition.end.result?.length ?? 0;
      } else {
        const { costNanoUsd = 0 } = disposition.item;
        if (costNanoUsd > 0) charges.push({ index, costNanoUsd });
      }
      if (ends.length + charges.length >= limits.flushItems || sizeBytes >= limits.flushBytes) await write();
      if (this.signal.aborted) break;
    }
    await write();
    // The rest is there for the next one who looks.
    if (this.signal.aborted) return;
    await this.leave(batch.batchKey);
  }

  /** What it has not answered is asked item by item. */
  private async leave(batchKey: string): Promise<void> {
    const { store, lane, onError } = this.deps;
    await store.endSubmission(this.ref, batchKey);
    await lane.onDone?.(batchKey).catch(onError);
  }

  private async lookAgain({ batchKey }: Submission, checkInMs: number): Promise<void> {
    await this.deps.store.changeSubmission(this.ref, batchKey, { from: 'submitted', state: 'submitted', checkInMs });
  }
}
