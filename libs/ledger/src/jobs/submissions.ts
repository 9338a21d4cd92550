import type { Database } from '../database';
import { arrayLiteral } from '../record/array-literal';
import type { JobRef } from './job-types';
import { followersOf } from './lease-items';
import { packBuffers } from './pack-buffers';

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

/** An item that goes into a batch. */
export interface CollectedItem {
  index: number;
  /** What the provider is to be asked, as the batch will say it; kept until the item ends or leaves the batch. */
  prepared?: Buffer;
}

export interface SubmittedItem extends CollectedItem {
  request: Buffer;
  /** Items with the same question, which get its answer; told of those that are named only. */
  followers?: number[];
}

const lockedJob = `job AS (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE)`;
const ofJob = `job_number = (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2)`;

const collect = `
  WITH ${lockedJob}, submission AS (
    INSERT INTO batch_submissions (job_number, batch_key, batch_group) SELECT number, $4, $5 FROM job
    ON CONFLICT (job_number, batch_key) DO NOTHING
  ), given AS (SELECT * FROM unnest($6::integer[], $7::integer[], $8::integer[]) AS given (item_index, start, length))
  UPDATE batch_items i
  SET state = 'submitted', provider_batch_id = $4, lease_owner = NULL, lease_until = NULL, attempts = greatest(attempts - 1, 0),
    prepared = CASE WHEN given.length >= 0 THEN substring($9::bytea FROM given.start FOR given.length) END
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
  WITH waiting AS (
    SELECT item_index, size_bytes + coalesce(octet_length(prepared), 0) AS size FROM batch_items
    WHERE ${ofJob} AND state = 'submitted' AND provider_batch_id = $3 AND item_index > $4 ORDER BY item_index LIMIT $5
  ), chosen AS (
    SELECT item_index FROM (SELECT item_index, sum(size) OVER (ORDER BY item_index) - size AS bytes_before FROM waiting) AS measured
    WHERE bytes_before < $6
  )
  SELECT i.item_index, i.prepared, r.request FROM chosen
  JOIN batch_items i ON i.${ofJob} AND i.item_index = chosen.item_index
  JOIN batch_requests r ON r.job_number = i.job_number AND r.item_index = i.item_index
  ORDER BY i.item_index`;

// Look-up by look-up: without statistics of a job that has just been written, a list of indexes is searched for by reading the whole batch.
const some = `
  WITH job AS (SELECT number, duplicates FROM batch_jobs WHERE tenant_id = $1 AND id = $2)
  SELECT i.item_index, i.prepared, r.request, ${followersOf('i.item_index')}
  FROM unnest($4::integer[]) AS named (item_index)
  CROSS JOIN LATERAL (
    SELECT job_number, item_index, prepared FROM batch_items
    WHERE job_number = (SELECT number FROM job) AND item_index = named.item_index AND state = 'submitted' AND provider_batch_id = $3
    LIMIT 1
  ) AS i
  CROSS JOIN LATERAL (
    SELECT request FROM batch_requests WHERE job_number = i.job_number AND item_index = i.item_index LIMIT 1
  ) AS r`;

const giveBack = `
  WITH ${lockedJob}, ended AS (
    UPDATE batch_submissions SET state = 'ended' WHERE job_number = (SELECT number FROM job) AND batch_key = $3
  )
  UPDATE batch_items SET state = 'pending', provider_batch_id = NULL, prepared = NULL, is_direct = true
  WHERE job_number = (SELECT number FROM job) AND state = 'submitted' AND provider_batch_id = $3 RETURNING item_index`;

// Said again, it changes nothing: what is in a batch has cost nothing before.
const charge = `
  WITH ${lockedJob}, charged AS (
    UPDATE batch_items i SET cost_nano_usd = given.cost
    FROM unnest($4::integer[], $5::bigint[]) AS given (item_index, cost)
    WHERE i.job_number = (SELECT number FROM job) AND i.item_index = given.item_index
      AND i.state = 'submitted' AND i.provider_batch_id = $3 AND i.cost_nano_usd = 0
    RETURNING given.cost
  )
  UPDATE batch_jobs j SET cost_nano_usd = j.cost_nano_usd + paid.cost
  FROM (SELECT sum(cost) AS cost FROM charged) AS paid WHERE j.number = (SELECT number FROM job) AND paid.cost > 0`;

const PAGE_ITEMS = 200;
const PAGE_BYTES = 8 * 1024 * 1024;

/** Puts items that the owner holds into a batch that is being gathered; resolves with those that are in it now. */
export async function collectItems(
  database: Database,
  ref: JobRef,
  owner: string,
  batch: { batchKey: string; group: string },
  items: readonly CollectedItem[],
): Promise<number[]> {
  const { blob, starts, lengths } = packBuffers(items.map(({ prepared }) => prepared));
  const indexes = arrayLiteral(items.map(({ index }) => index));
  const parameters = [ref.tenantId, ref.jobId, owner, batch.batchKey, batch.group, indexes];
  parameters.push(arrayLiteral(starts), arrayLiteral(lengths));
  return (await database.query<{ item_index: number }>(collect, [...parameters, blob])).map(
    ({ item_index }) => item_index,
  );
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

interface SubmittedRow {
  item_index: number;
  prepared: Buffer | null;
  request: Buffer;
  followers?: number[] | null;
}

const toItem = ({ item_index: index, prepared, request, followers }: SubmittedRow): SubmittedItem => ({
  index,
  prepared: prepared ?? undefined,
  request,
  followers: followers ?? undefined,
});

/** The items of a batch that have not ended, a page in memory at a time. */
export async function* submittedItems(
  database: Database,
  ref: JobRef,
  batchKey: string,
): AsyncGenerator<SubmittedItem, void, undefined> {
  for (let after = -1; ;) {
    const parameters = [ref.tenantId, ref.jobId, batchKey, after, PAGE_ITEMS, PAGE_BYTES];
    const rows = await database.query<SubmittedRow>(page, parameters);
    yield* rows.map(toItem);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.item_index;
  }
}

/** Those of a batch's items that are named and have not ended, in no order. */
export async function someSubmittedItems(
  database: Database,
  ref: JobRef,
  batchKey: string,
  indexes: readonly number[],
): Promise<SubmittedItem[]> {
  const parameters = [ref.tenantId, ref.jobId, batchKey, arrayLiteral(indexes)];
  return (await database.query<SubmittedRow>(some, parameters)).map(toItem);
}

/** What a batch answered for items that are asked once more all the same: paid, though it is not their answer. */
export async function chargeItems(
  database: Database,
  ref: JobRef,
  batchKey: string,
  items: readonly { index: number; costNanoUsd: number }[],
): Promise<void> {
  if (items.length === 0) return;
  const parameters = [ref.tenantId, ref.jobId, batchKey, arrayLiteral(items.map(({ index }) => index))];
  await database.query(charge, [...parameters, arrayLiteral(items.map(({ costNanoUsd }) => costNanoUsd))]);
}

/** A batch is over: what it left unanswered is to be asked item by item. Resolves with how many those are. */
export async function endSubmission(database: Database, ref: JobRef, batchKey: string): Promise<number> {
  return (await database.query(giveBack, [ref.tenantId, ref.jobId, batchKey])).length;
}
