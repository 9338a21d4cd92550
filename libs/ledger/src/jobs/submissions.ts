import type { Database } from '../database';
import { arrayLiteral } from '../record/array-literal';
import type { JobRef } from './job-types';

/** `collecting`: not handed over yet. `sending`: being handed over. `lost`: perhaps handed over. */
export type SubmissionState = 'collecting' | 'sending' | 'lost' | 'submitted' | 'ended';

export interface Submission {
  batchKey: string;
  group: string;
  state: SubmissionState;
  providerBatchId?: string;
  itemCount: number;
  /** When handing it over was begun, and when that had ended at the latest. */
  startedAtMs?: number;
  sentAtMs?: number;
  /** Until it is to be looked at; 0: now. Of one that is `sending`: until its sender counts as lost. */
  waitMs: number;
}

export interface SubmissionChange {
  from: SubmissionState;
  state: SubmissionState;
  providerBatchId?: string;
  checkInMs: number;
}

export interface SubmittedItem {
  index: number;
  request: Buffer;
}

const lockedJob = `job AS (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE)`;
const ofJob = `job_number = (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2)`;

const collect = `
  WITH ${lockedJob}, submission AS (
    INSERT INTO batch_submissions (job_number, batch_key, batch_group) SELECT number, $4, $5 FROM job
    ON CONFLICT (job_number, batch_key) DO NOTHING
  ), given AS (SELECT * FROM unnest($6::integer[]) AS given (item_index))
  UPDATE batch_items i
  SET state = 'submitted', provider_batch_id = $4, lease_owner = NULL, lease_until = NULL, attempts = greatest(attempts - 1, 0)
  FROM given WHERE i.job_number = (SELECT number FROM job) AND i.item_index = given.item_index
    AND i.ended_at IS NULL AND i.state = 'running' AND i.lease_owner = $3
  RETURNING i.item_index`;

const list = `
  SELECT batch_key, batch_group, state, provider_batch_id, started_at, sent_at,
    (SELECT count(*)::integer FROM batch_items i
      WHERE i.job_number = s.job_number AND i.provider_batch_id = s.batch_key AND i.state = 'submitted') AS items,
    greatest(extract(epoch FROM check_at - now()) * 1000, 0) AS wait_ms
  FROM batch_submissions s WHERE ${ofJob} AND state <> 'ended' ORDER BY batch_key`;

const change = `
  UPDATE batch_submissions SET state = $5, provider_batch_id = coalesce($6, provider_batch_id),
    started_at = CASE WHEN $5 = 'sending' THEN now() ELSE started_at END,
    sent_at = CASE WHEN $4 = 'sending' THEN now() ELSE sent_at END,
    check_at = now() + $7::double precision * interval '1 millisecond'
  WHERE ${ofJob} AND batch_key = $3 AND state = $4 RETURNING batch_key`;

const page = `
  SELECT i.item_index, r.request FROM batch_items i
  JOIN batch_requests r ON r.job_number = i.job_number AND r.item_index = i.item_index
  WHERE i.${ofJob} AND i.state = 'submitted' AND i.provider_batch_id = $3 AND i.item_index > $4
  ORDER BY i.item_index LIMIT $5`;

const giveBack = `
  WITH ${lockedJob}, ended AS (
    UPDATE batch_submissions SET state = 'ended' WHERE job_number = (SELECT number FROM job) AND batch_key = $3
  )
  UPDATE batch_items SET state = 'pending', provider_batch_id = NULL, is_direct = true
  WHERE job_number = (SELECT number FROM job) AND state = 'submitted' AND provider_batch_id = $3 RETURNING item_index`;

const PAGE_ITEMS = 200;

/** Puts items that the owner holds into a batch that is being gathered; resolves with those that are in it now. */
export async function collectItems(
  database: Database,
  ref: JobRef,
  owner: string,
  batch: { batchKey: string; group: string },
  indexes: readonly number[],
): Promise<number[]> {
  const parameters = [ref.tenantId, ref.jobId, owner, batch.batchKey, batch.group, arrayLiteral(indexes)];
  return (await database.query<{ item_index: number }>(collect, parameters)).map(({ item_index }) => item_index);
}

/** Those that have not ended. */
export async function listSubmissions(database: Database, ref: JobRef): Promise<Submission[]> {
  interface Row {
    batch_key: string;
    batch_group: string;
    state: SubmissionState;
    provider_batch_id: string | null;
    started_at: Date | null;
    sent_at: Date | null;
    items: number;
    wait_ms: string;
  }
  const rows = await database.query<Row>(list, [ref.tenantId, ref.jobId]);
  return rows.map((row) => ({
    batchKey: row.batch_key,
    group: row.batch_group,
    state: row.state,
    providerBatchId: row.provider_batch_id ?? undefined,
    itemCount: row.items,
    startedAtMs: row.started_at?.getTime(),
    sentAtMs: row.sent_at?.getTime(),
    waitMs: Math.ceil(Number(row.wait_ms)),
  }));
}

/** False where it is not in that state any more: somebody else saw to it. */
export async function changeSubmission(
  database: Database,
  ref: JobRef,
  batchKey: string,
  { from, state, providerBatchId, checkInMs }: SubmissionChange,
): Promise<boolean> {
  const parameters = [ref.tenantId, ref.jobId, batchKey, from, state, providerBatchId, checkInMs];
  return (await database.query(change, parameters)).length > 0;
}

/** The items of a batch that have not ended, a page in memory at a time. */
export async function* submittedItems(
  database: Database,
  ref: JobRef,
  batchKey: string,
): AsyncGenerator<SubmittedItem, void, undefined> {
  for (let after = -1; ;) {
    const parameters = [ref.tenantId, ref.jobId, batchKey, after, PAGE_ITEMS];
    const rows = await database.query<{ item_index: number; request: Buffer }>(page, parameters);
    for (const { item_index, request } of rows) yield { index: item_index, request };
    if (rows.length < PAGE_ITEMS) return;
    after = rows.at(-1)?.item_index ?? after;
  }
}

/** A batch is over: what it left unanswered is to be asked item by item. Resolves with how many those are. */
export async function endSubmission(database: Database, ref: JobRef, batchKey: string): Promise<number> {
  return (await database.query(giveBack, [ref.tenantId, ref.jobId, batchKey])).length;
}
