import type { Dialect } from '@costlane/contracts';
import type { CostlaneError } from '@costlane/domain';
import type { ProviderFailure, ProviderSuccess } from '../provider';

/** One request of a batch. */
export interface BatchItem {
  /** 1 to 64 letters, digits, `_` and `-`; unique in its batch, and best among all that were ever sent (it tells batches apart, too). */
  readonly customId: string;
  /** Of the body and of the answer. */
  readonly dialect: Dialect;
  /** A request that is not streamed, with its model in it; never changed, never logged. */
  readonly body: Buffer;
}

/** What has to be known of an item to pack it. */
export interface MeasuredItem {
  readonly customId: string;
  /** Items of different groups cannot go into one batch. */
  readonly group: string;
  /** As it is written into the batch. */
  readonly sizeBytes: number;
  /** Texts to be embedded; 1 for everything else. */
  readonly inputs: number;
}

/** What a provider takes in one batch. */
export interface BatchLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly maxInputs: number;
}

export type BatchState =
  'validating' | 'in_progress' | 'finalizing' | 'completed' | 'expired' | 'cancelling' | 'cancelled' | 'failed';

export interface BatchStatus {
  readonly providerBatchId: string;
  readonly state: BatchState;
  /** Anthropic counts when all is over, and the others while they go. `failed` has what was rejected, cancelled or came too late. */
  readonly counts: { readonly total: number; readonly completed: number; readonly failed: number };
  /** Epoch milliseconds, as the others. What has not been answered by then will not be. */
  readonly expiresAtMs?: number;
  readonly createdAtMs?: number;
  readonly endedAtMs?: number;
  /** There is something for `results`: of a batch that expired or was cancelled, what had been answered by then, and is to be paid. */
  readonly hasResults: boolean;
  /** Why it failed as a whole: nothing of it was answered, and nothing is to be paid. */
  readonly error?: CostlaneError;
}

export interface CallOptions {
  /** Epoch milliseconds; by default what is usual for the call. */
  readonly deadlineAtMs?: number;
  readonly signal?: AbortSignal;
}

export interface SubmitOptions extends CallOptions {
  /** Names this batch of ours, and no other: written down by the caller before, so that the batch can be found again. As a `customId`. */
  readonly batchKey: string;
}

export type SubmitOutcome =
  | {
      readonly ok: true;
      readonly providerBatchId: string;
      /** Its answer was lost, and it was found again. */
      readonly wasFound: boolean;
    }
  | {
      readonly ok: false;
      /** Its message may be shown to the client. */
      readonly error: CostlaneError;
      readonly retryAfterMs?: number;
      /** The same batch may be taken later. Never true where it has perhaps been taken already. */
      readonly isRetryable: boolean;
      /** It may have been taken: not to be sent again before `find` has said that it is absent, or it is paid twice. */
      readonly isPerhapsSubmitted: boolean;
    };

/** What the caller knows of a batch whose fate it does not know. */
export interface LostBatch {
  readonly batchKey: string;
  /** When `submit` was called, and when it had ended at the latest (of a process that died: when it was last seen). */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly itemCount: number;
  /** Whether an item belongs to it. */
  readonly hasItem: (customId: string) => boolean;
  /** Batches of the same account that are known to be others. */
  readonly otherBatchIds?: ReadonlySet<string>;
}

export type FoundBatch =
  | { readonly state: 'found'; readonly providerBatchId: string }
  /** It was not taken: it may be sent again. */
  | { readonly state: 'absent' }
  /** Nobody can tell yet; to be asked again after the wait. */
  | { readonly state: 'undecided'; readonly retryAfterMs: number };

export type BatchItemSuccess = Pick<
  ProviderSuccess,
  'ok' | 'status' | 'contentType' | 'modelUsed' | 'usage' | 'usageSource' | 'finishReason' | 'isCacheable'
> & {
  /** In the item's dialect. */
  readonly body: Buffer;
  /** What is to be paid is the price of this tier, whatever the answer itself says (OpenAI's says `default`). */
  readonly serviceTier: 'batch';
};

export type BatchItemFailure = Pick<
  ProviderFailure,
  'ok' | 'error' | 'retryAfterMs' | 'status' | 'body' | 'usage' | 'usageSource' | 'modelUsed'
> & {
  /** `expired` and `cancelled`: it was not answered and is not to be paid. */
  readonly reason: 'rejected' | 'expired' | 'cancelled';
  /** The same request may succeed if it is sent again. */
  readonly isRetryable: boolean;
  readonly serviceTier: 'batch';
};

export interface BatchItemResult {
  readonly customId: string;
  readonly outcome: BatchItemSuccess | BatchItemFailure;
}

export interface ResultOptions extends CallOptions {
  /** Of the batch's items: answers come back in it. */
  readonly dialect: Dialect;
  /** The request of an item, where it is still at hand: tells how long what it wrote into a cache lives, and how long it is where the answer does not say what it used. */
  readonly requestBodyOf?: (customId: string) => Buffer | undefined;
  /** Called for each line that is no result; its item is among those that have none in the end. */
  readonly onUnreadableLine?: (lineNumber: number) => void;
}

/**
 * A provider's Batch API: answers within 24 hours for half the price. What goes wrong is thrown as a `CostlaneError`, but for `submit`,
 * whose failures are an outcome that the caller has to look at: what may have been taken must not be sent again.
 */
export interface ProviderBatches {
  readonly name: string;
  readonly limits: BatchLimits;
  /**
   * What an item comes to in a batch.
   * @throws CostlaneError `invalid_request` or `body_too_large` for one that cannot be sent this way: it would make its whole batch fail.
   */
  measure(item: BatchItem): MeasuredItem;
  /**
   * Sends the items as they come; they are of one group and within the limits (`packBatches`), and are read once.
   * @throws CostlaneError `invalid_request` for a `batchKey` that is none; nothing else.
   */
  submit(items: Iterable<BatchItem> | AsyncIterable<BatchItem>, options: SubmitOptions): Promise<SubmitOutcome>;
  /** Looks for a batch that has perhaps been taken. */
  find(lost: LostBatch, options?: CallOptions): Promise<FoundBatch>;
  /** @throws CostlaneError `not_found` for a batch that the provider does not know. */
  status(providerBatchId: string, options?: CallOptions): Promise<BatchStatus>;
  /**
   * The results, in no order, read no faster than they are taken. One that comes twice is the caller's to notice, as are items without any:
   * of a batch that has ended, they were not answered. May be read again, also after an error in the middle.
   * @throws CostlaneError `not_found` when there are none (yet).
   */
  results(providerBatchId: string, options: ResultOptions): AsyncIterable<BatchItemResult>;
  /** Asks for the end of a batch, and tells how it stands; one that has ended already stays as it is. */
  cancel(providerBatchId: string, options?: CallOptions): Promise<BatchStatus>;
  close(): Promise<void>;
}

/** States that do not change any more. */
const lastStates: ReadonlySet<BatchState> = new Set(['completed', 'expired', 'cancelled', 'failed']);

export const hasEnded = ({ state }: Pick<BatchStatus, 'state'>): boolean => lastStates.has(state);
