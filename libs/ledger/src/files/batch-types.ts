import type { ItemCaller } from '@costlane/contracts';
import type { BatchJob } from '../jobs/job-types';

export interface OpenAiBatchRef {
  tenantId: string;
  batchId: string;
}

/** What is wrong with an input file. */
export interface OpenAiBatchError {
  code: string;
  message: string;
  /** Of the file, from 1. */
  line?: number;
  param?: string;
}

export interface NewOpenAiBatch extends OpenAiBatchRef {
  inputFileId: string;
  endpoint: string;
  /** As the client wrote it. */
  completionWindow: string;
  completionWindowMs: number;
  metadata?: Record<string, string>;
  /** For whom its requests are asked. */
  caller: ItemCaller;
  /** Headers that steer each of its requests. */
  headers: Record<string, string>;
  /** How long its results are kept, counted from its end; absent: as long as its job. */
  resultsExpireAfterSeconds?: number;
}

/** `submitted`: its job, of the same tenant and id, says how it goes. */
export type OpenAiBatchState = 'validating' | 'submitted' | 'failed' | 'cancelled';

export interface OpenAiBatch extends NewOpenAiBatch {
  state: OpenAiBatchState;
  errors?: OpenAiBatchError[];
  createdAtMs: number;
  /** When it failed or was cancelled before it became a job. */
  endedAtMs?: number;
  cancellingAtMs?: number;
  /** Its results were deleted by the client, or their time is over. */
  isOutputGone: boolean;
  isErrorGone: boolean;
  /** Present as soon as its requests are durable. */
  job?: BatchJob;
}

/** A batch whose input file is to be read. */
export interface ClaimedBatch {
  batch: OpenAiBatch;
  /** From 1: how often that was begun. */
  attempt: number;
}

/** Lines of a part of the results that are written alike, with what has to be known for their length. */
export interface ResultLines {
  state: 'succeeded' | 'failed' | 'cancelled' | 'expired';
  /** There is an answer. */
  isAnswered: boolean;
  status?: number;
  errorCode?: string;
  lines: number;
  /** Of all their answers, custom ids as JSON, and indexes in decimal. */
  resultBytes: number;
  customIdBytes: number;
  indexDigits: number;
}
