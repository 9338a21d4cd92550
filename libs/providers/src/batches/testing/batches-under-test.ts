import type { Dialect } from '@costlane/contracts';
import type { BatchBehaviour, MockLlm } from '@costlane/testing';
import type {
  BatchItem,
  BatchItemResult,
  LostBatch,
  ProviderBatches,
  ResultOptions,
  SubmitOutcome,
} from '../provider-batches';

/** A Batch API in front of a mock that can be told how its batches go. */
export interface BatchesUnderTest {
  /** Made for a base URL; retries after a moment. */
  create(mockUrl: string): ProviderBatches;
  provider: 'openai' | 'anthropic';
  dialect: Dialect;
  /** A short request that asks for this. */
  body(content: string): Buffer;
  /** The text of an answer. */
  textOf(body: Buffer): unknown;
  /** A dialect that it does not take. */
  strangeDialect: Dialect;
}

export const MINUTE_MS = 60_000;

/** What the parts of the contract work with. */
export interface BatchTools {
  under: BatchesUnderTest;
  mock: () => MockLlm;
  batches: () => ProviderBatches;
  items: (...contents: string[]) => BatchItem[];
  behave: (behaviour: BatchBehaviour) => void;
  submit: (items: Iterable<BatchItem> | AsyncIterable<BatchItem>, more?: object) => Promise<SubmitOutcome>;
  submitted: (...contents: string[]) => Promise<string>;
  resultsOf: (id: string, more?: Partial<ResultOptions>) => Promise<BatchItemResult[]>;
  made: () => number;
  lost: (more?: Partial<LostBatch>) => LostBatch;
}
