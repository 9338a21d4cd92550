import { CostlaneError } from '@costlane/domain';
import { isObject, textOf, type JsonObject } from '../../openai-compatible/json-object';
import type { BatchState, BatchStatus } from '../provider-batches';

/** Reads a message batch; undefined for what is none. */
export function readBatch(json: JsonObject): BatchStatus | undefined {
  const providerBatchId = textOf(json['id']);
  const counts = readCounts(json['request_counts']);
  const state = stateOf(json, counts);
  if (providerBatchId === undefined || state === undefined) return undefined;
  const { processing, succeeded, errored, canceled, expired } = counts;
  const failed = errored + canceled + expired;
  return {
    providerBatchId,
    state,
    counts: { total: processing + succeeded + failed, completed: succeeded, failed },
    expiresAtMs: milliseconds(json['expires_at']),
    createdAtMs: milliseconds(json['created_at']),
    endedAtMs: milliseconds(json['ended_at']),
    // Results are kept for 29 days; then the batch is archived.
    hasResults: textOf(json['results_url']) !== undefined && textOf(json['archived_at']) === undefined,
  };
}

/** @throws CostlaneError `upstream_malformed` for what is no message batch. */
export function batchOf(json: JsonObject, provider: string): BatchStatus {
  const batch = readBatch(json);
  if (batch) return batch;
  throw new CostlaneError('upstream_malformed', `${provider} sent an answer that does not describe a batch.`);
}

interface Counts {
  readonly processing: number;
  readonly succeeded: number;
  readonly errored: number;
  readonly canceled: number;
  readonly expired: number;
}

function readCounts(value: unknown): Counts {
  const counts = isObject(value) ? value : {};
  const of = (key: keyof Counts): number => (typeof counts[key] === 'number' ? counts[key] : 0);
  return {
    processing: of('processing'),
    succeeded: of('succeeded'),
    errored: of('errored'),
    canceled: of('canceled'),
    expired: of('expired'),
  };
}

/** Anthropic has one word for every end; which it was is told by what became of the requests. */
function stateOf(json: JsonObject, { canceled, expired }: Counts): BatchState | undefined {
  switch (json['processing_status']) {
    case 'in_progress':
      return 'in_progress';
    case 'canceling':
      return 'cancelling';
    case 'ended':
      if (canceled > 0) return 'cancelled';
      return expired > 0 ? 'expired' : 'completed';
    default:
      return undefined;
  }
}

/** RFC 3339. */
function milliseconds(value: unknown): number | undefined {
  const text = textOf(value);
  const atMs = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}
