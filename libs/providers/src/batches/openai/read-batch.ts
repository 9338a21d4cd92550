import { CostlaneError, type ErrorCode } from '@costlane/domain';
import { isObject, textOf, type JsonObject } from '../../openai-compatible/json-object';
import type { BatchState, BatchStatus } from '../provider-batches';

/** What a batch object of OpenAI's says. */
export interface OpenAiBatch extends BatchStatus {
  /** Its name at ours, where it has one. */
  readonly batchKey?: string;
  readonly inputFileId?: string;
  /** Files with answers, and with what was not answered; the first is absent where nothing was. */
  readonly resultFileIds: readonly string[];
}

/** The key of its metadata under which a batch has the name that we gave it. */
export const METADATA_KEY = 'costlane_batch';

const states: ReadonlySet<string> = new Set<BatchState>([
  'validating',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
  'failed',
]);
const isState = (text: string): text is BatchState => states.has(text);

/** Reads a batch object; undefined for what is none. */
export function readBatch(json: JsonObject): OpenAiBatch | undefined {
  const providerBatchId = textOf(json['id']);
  const state = textOf(json['status']);
  if (providerBatchId === undefined || state === undefined || !isState(state)) return undefined;
  const metadata = isObject(json['metadata']) ? json['metadata'] : {};
  const resultFileIds = [json['output_file_id'], json['error_file_id']].flatMap((id) => textOf(id) ?? []);
  const endedAt = json['completed_at'] ?? json['failed_at'] ?? json['expired_at'] ?? json['cancelled_at'];
  return {
    providerBatchId,
    state,
    counts: readCounts(json['request_counts']),
    expiresAtMs: milliseconds(json['expires_at']),
    createdAtMs: milliseconds(json['created_at']),
    endedAtMs: milliseconds(endedAt),
    hasResults: resultFileIds.length > 0,
    error: state === 'failed' ? readError(json['errors']) : undefined,
    batchKey: textOf(metadata[METADATA_KEY]),
    inputFileId: textOf(json['input_file_id']),
    resultFileIds,
  };
}

/** @throws CostlaneError `upstream_malformed` for what is no batch object. */
export function batchOf(json: JsonObject, provider: string): OpenAiBatch {
  const batch = readBatch(json);
  if (batch) return batch;
  throw new CostlaneError('upstream_malformed', `${provider} sent an answer that does not describe a batch.`);
}

function readCounts(value: unknown): BatchStatus['counts'] {
  const counts = isObject(value) ? value : {};
  return { total: count(counts['total']), completed: count(counts['completed']), failed: count(counts['failed']) };
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

const milliseconds = (seconds: unknown): number | undefined =>
  typeof seconds === 'number' ? seconds * 1_000 : undefined;

/** Whole batches are turned down while too many tokens wait; everything else is about the file. */
const waitCodes = new Set(['token_limit_exceeded', 'too_many_tasks', 'rate_limit_exceeded']);

function readError(errors: unknown): CostlaneError {
  const listed: unknown[] = isObject(errors) && Array.isArray(errors['data']) ? errors['data'] : [];
  const first = listed.find(isObject) ?? {};
  const theirs = textOf(first['code']);
  const line = typeof first['line'] === 'number' ? ` (line ${first['line']})` : '';
  if (theirs !== undefined && waitCodes.has(theirs)) {
    return new CostlaneError(
      'upstream_rate_limited',
      'OpenAI has as many batches of this account as it takes at a time.',
    );
  }
  const code: ErrorCode = theirs === undefined ? 'upstream_error' : 'upstream_rejected';
  const message = (textOf(first['message']) ?? 'no reason was given').slice(0, 500);
  return new CostlaneError(code, `OpenAI turned the batch down${line}: ${message}`);
}
