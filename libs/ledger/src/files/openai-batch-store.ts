import type { Database } from '../database';
import { batchColumns, withJobs, type OpenAiBatchRow } from './batch-row';
import type {
  ClaimedBatch,
  NewOpenAiBatch,
  OpenAiBatch,
  OpenAiBatchError,
  OpenAiBatchRef,
  ResultLines,
} from './batch-types';
import { claimBatch, endValidation, releaseBatch, renewClaim } from './batch-validation';
import type { ResultPart } from './file-types';
import { measureResults } from './measure-results';

/**
 * Batches of OpenAI's kind, from the input file until there is a job of the same tenant and id, and what their clients are told beside the
 * job. All methods throw `DatabaseError`; each statement may be repeated.
 */
export interface OpenAiBatchStore {
  /**
   * Its input file is still to be read: see `claim`. Where the tenant has a batch of this id that one is given, whatever was asked for.
   * Undefined: too many of the tenant's wait to be read.
   */
  create(batch: NewOpenAiBatch): Promise<OpenAiBatch | undefined>;
  get(ref: OpenAiBatchRef): Promise<OpenAiBatch | undefined>;
  /** Newest first. */
  list(tenantId: string, options: { limit: number; afterBatchId?: string }): Promise<OpenAiBatch[]>;
  /** Notes that it is to be cancelled; one that is no job yet has ended with that. Resolves with how it then is. */
  cancel(ref: OpenAiBatchRef): Promise<OpenAiBatch | undefined>;
  /** For the service: the oldest batch whose file nobody is reading, for `leaseMs`. */
  claim(validator: string, leaseMs: number): Promise<ClaimedBatch | undefined>;
  /** False: it was cancelled, or somebody else reads it now. */
  renew(ref: OpenAiBatchRef, validator: string, leaseMs: number): Promise<boolean>;
  /** Another one may read it, `afterMs` from now. */
  release(ref: OpenAiBatchRef, validator: string, afterMs: number): Promise<void>;
  /** Its job has been handed in. False: it was cancelled meanwhile. */
  submitted(ref: OpenAiBatchRef): Promise<boolean>;
  /** Its file is no good. False: it has ended already. */
  failed(ref: OpenAiBatchRef, errors: readonly OpenAiBatchError[]): Promise<boolean>;
  /** What a part of its results consists of. */
  measure(ref: OpenAiBatchRef, part: ResultPart): Promise<ResultLines[]>;
  /** For the service: what ended before, and what had its job deleted. */
  deleteOld(options: { endedBeforeMs: number }): Promise<number>;
}

/** Of one tenant. */
const MAX_VALIDATING = 100;

const insert = `
  INSERT INTO openai_batches (tenant_id, id, input_file_id, endpoint, completion_window, completion_window_ms, metadata, caller, headers,
    results_expire_after_seconds)
  SELECT $1, $2, $3, $4, $5, $6::bigint, $7::jsonb, $8::jsonb, $9::jsonb, $10::integer
  WHERE (SELECT count(*) FROM openai_batches WHERE tenant_id = $1 AND state = 'validating') < ${MAX_VALIDATING}
  ON CONFLICT (tenant_id, id) DO NOTHING`;

// A batch whose job was deleted in its time is gone with it.
const isThere = `(state <> 'submitted' OR EXISTS (SELECT 1 FROM batch_jobs j WHERE j.tenant_id = $1 AND j.id = openai_batches.id))`;

const getOne = `SELECT ${batchColumns} FROM openai_batches WHERE tenant_id = $1 AND id = $2 AND ${isThere}`;

const newest = `
  SELECT ${batchColumns} FROM openai_batches
  WHERE tenant_id = $1 AND ${isThere}
    AND ($2::text IS NULL OR number < (SELECT number FROM openai_batches WHERE tenant_id = $1 AND id = $2))
  ORDER BY number DESC LIMIT $3`;

const cancel = `
  UPDATE openai_batches SET
    cancelling_at = coalesce(cancelling_at, now()),
    ended_at = CASE WHEN state = 'validating' THEN now() ELSE ended_at END,
    state = CASE WHEN state = 'validating' THEN 'cancelled' ELSE state END
  WHERE tenant_id = $1 AND id = $2 AND state IN ('validating', 'submitted')`;

// A batch whose job is gone has ended before that, and began before it ended.
const deleteOld = `
  DELETE FROM openai_batches b
  WHERE b.ended_at < to_timestamp($1::double precision / 1000) OR (
    b.state = 'submitted' AND b.created_at < to_timestamp($1::double precision / 1000)
    AND NOT EXISTS (SELECT 1 FROM batch_jobs j WHERE j.tenant_id = b.tenant_id AND j.id = b.id)
  ) RETURNING id`;

export function createOpenAiBatchStore(database: Database): OpenAiBatchStore {
  const get = async ({ tenantId, batchId }: OpenAiBatchRef): Promise<OpenAiBatch | undefined> => {
    const rows = await database.query<OpenAiBatchRow>(getOne, [tenantId, batchId]);
    return (await withJobs(database, tenantId, rows))[0];
  };
  return {
    get,
    async create(batch) {
      await database.query(insert, [
        batch.tenantId,
        batch.batchId,
        batch.inputFileId,
        batch.endpoint,
        batch.completionWindow,
        batch.completionWindowMs,
        batch.metadata && JSON.stringify(batch.metadata),
        JSON.stringify(batch.caller),
        JSON.stringify(batch.headers),
        batch.resultsExpireAfterSeconds,
      ]);
      return get(batch);
    },
    async list(tenantId, { limit, afterBatchId }) {
      const rows = await database.query<OpenAiBatchRow>(newest, [tenantId, afterBatchId, limit]);
      return withJobs(database, tenantId, rows);
    },
    async cancel(ref) {
      await database.query(cancel, [ref.tenantId, ref.batchId]);
      return get(ref);
    },
    claim: (validator, leaseMs) => claimBatch(database, validator, leaseMs),
    renew: (ref, validator, leaseMs) => renewClaim(database, ref, validator, leaseMs),
    release: (ref, validator, afterMs) => releaseBatch(database, ref, validator, afterMs),
    submitted: (ref) => endValidation(database, ref, 'submitted'),
    failed: (ref, errors) => endValidation(database, ref, 'failed', errors),
    measure: (ref, part) => measureResults(database, ref, part),
    async deleteOld({ endedBeforeMs }) {
      return (await database.query(deleteOld, [endedBeforeMs])).length;
    },
  };
}
