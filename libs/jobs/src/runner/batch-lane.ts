import type { BatchJob, CollectedItem, SubmittedItem } from '@costlane/ledger';
import type { BatchItem, ItemOutcome } from './item-outcome';

/** One result of a provider's batch. */
export interface LaneResult {
  index: number;
  /** One that may be tried again is: by itself. */
  outcome: ItemOutcome;
}

export type LaneSubmit =
  | { kind: 'submitted'; providerBatchId: string }
  /** Not taken; to be sent again after the wait. */
  | { kind: 'later'; waitMs: number }
  /** Perhaps taken: to be looked for before it is sent again. */
  | { kind: 'unknown' }
  /** Not taken and never will be: its items are asked one by one. */
  | { kind: 'refused' };

export type LaneFound =
  { kind: 'found'; providerBatchId: string } | { kind: 'absent' } | { kind: 'undecided'; waitMs: number };

export interface LaneBatch {
  /** Names this batch and no other; letters, digits, `_` and `-`; 38 of them. */
  batchKey: string;
  group: string;
}

/** A batch that its provider has taken. */
export interface TakenBatch extends LaneBatch {
  providerBatchId: string;
  /** When it had been handed over. Epoch milliseconds. */
  sentAtMs?: number;
}

/** Where an item goes. */
export type LanePlace =
  /** Into a batch of its group; `prepared` is kept with it and comes back in `submit` and `results`. */
  | ({ kind: 'batch'; group: string; sizeBytes: number; inputs?: number } & Pick<CollectedItem, 'prepared'>)
  /** It is to be asked by itself. */
  | { kind: 'direct' }
  /** That was its answer, or why it has none. */
  | { kind: 'ended'; outcome: ItemOutcome };

/** Of one batch. */
export interface LaneLimits {
  maxItems: number;
  maxBytes: number;
  maxInputs?: number;
}

/**
 * What is to be done with a job's batches that have not ended. `cancel`: its time runs short, so they are to end, and what they leave
 * unanswered is asked item by item. `leave`: it is so short that nobody waits for their end any more, though their answers may be paid.
 */
export type LanePatience = 'wait' | 'cancel' | 'leave';

/** Providers' Batch APIs as the runner sees them: answers for less, hours later. Whatever throws is tried again on a later turn. */
export interface BatchLane {
  limits(group: string): LaneLimits;
  /** Between two looks at a batch that is under way. */
  pollMs(batch: TakenBatch): number;
  /** How long handing a batch over may take; after it the sender counts as lost. */
  sendMs: number;
  /** Places that are looked for at a time. */
  placeConcurrency: number;
  /** Whether the job has the time for new batches. */
  accepts(job: BatchJob): boolean;
  patience(job: BatchJob): LanePatience;
  /** One that throws has failed for now. The signal: the job or this process ends. */
  placeOf(item: BatchItem, signal: AbortSignal): Promise<LanePlace>;
  /** Reads the items no faster than it sends them, from the beginning each time that they are called for. Their indexes come back in the results. */
  submit(batch: LaneBatch, items: () => AsyncIterable<SubmittedItem>, job: BatchJob): Promise<LaneSubmit>;
  find(batch: LaneBatch & { startedAtMs: number; endedAtMs: number; itemCount: number }): Promise<LaneFound>;
  /** Whether nothing more will come of it. */
  hasEnded(batch: TakenBatch): Promise<boolean>;
  /**
   * Of a batch that has ended; items without a result are asked by themselves. May be read again. `itemsOf` gives the named items, but for
   * those that have their end already.
   */
  results(
    batch: TakenBatch,
    job: BatchJob,
    itemsOf: (indexes: readonly number[]) => Promise<SubmittedItem[]>,
  ): AsyncIterable<LaneResult>;
  /** Asks for its end; results so far count. */
  cancel(batch: TakenBatch): Promise<void>;
  /** Told of a batch that is not waited for any more. */
  onLeft?(batch: TakenBatch): void;
  /** Told of a batch that is done with, however it was: nothing of it is put on record any more. Perhaps twice, and after a crash not at all. */
  onDone?(batchKey: string): Promise<void>;
}
