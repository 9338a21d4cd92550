import type { BatchJob, LeasedItem, SubmittedItem } from '@costlane/ledger';
import type { ItemOutcome } from './item-outcome';

/** One result of a provider's batch. */
export interface LaneResult {
  index: number;
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
  /** Names this batch and no other; letters, digits, `_` and `-`. */
  batchKey: string;
  group: string;
}

/** Items of one group may share a batch. */
export interface LaneItem {
  group: string;
  sizeBytes: number;
}

/** Providers' Batch APIs as the runner sees them: answers for less, hours later. Whatever throws is tried again on a later turn. */
export interface BatchLane {
  /** Of one batch. */
  limits: { maxItems: number; maxBytes: number };
  /** Between two looks at a batch that is under way. */
  pollMs: number;
  /** How long handing a batch over may take; after it the sender counts as lost. */
  sendMs: number;
  /** Whether the job has the time for it. */
  accepts(job: BatchJob): boolean;
  /** Undefined: this item is to be asked by itself. */
  placeOf(item: LeasedItem, job: BatchJob): LaneItem | undefined;
  /** Reads the items once, no faster than it sends them. Their indexes come back in the results. */
  submit(batch: LaneBatch, items: AsyncIterable<SubmittedItem>, job: BatchJob): Promise<LaneSubmit>;
  find(batch: LaneBatch & { startedAtMs: number; endedAtMs: number; itemCount: number }): Promise<LaneFound>;
  /** Whether nothing more will come of it. */
  hasEnded(batch: LaneBatch & { providerBatchId: string }): Promise<boolean>;
  /** Of a batch that has ended; items without a result are asked by themselves. May be read again. */
  results(batch: LaneBatch & { providerBatchId: string }): AsyncIterable<LaneResult>;
  /** Asks for its end; results so far count. */
  cancel(batch: LaneBatch & { providerBatchId: string }): Promise<void>;
}
