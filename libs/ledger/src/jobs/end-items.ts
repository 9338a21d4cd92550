import type { Database } from '../database';
import { arrayLiteral } from '../record/array-literal';
import type { ItemEnd, JobRef } from './job-types';
import { packBuffers } from './pack-buffers';

/** Locked first, so that statements which write items of one job come one after the other and never wait in a circle. */
const lockedJob = `job AS (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE)`;

/**
 * What follows from items that ended: those that have their answer end as they did, for nothing, and the job's counts move, in the same
 * statement, so that counts and items never disagree.
 */
const consequences = `
  followed AS (
    UPDATE batch_items f
    SET state = e.state, status = e.status, error_code = e.error_code, ended_at = now(), lease_owner = NULL, lease_until = NULL
    FROM ended e WHERE f.job_number = (SELECT number FROM job) AND f.leader_index = e.item_index AND f.ended_at IS NULL
    RETURNING f.state
  ), tally AS (
    SELECT count(*) FILTER (WHERE state = 'succeeded')::integer AS succeeded, count(*) FILTER (WHERE state = 'failed')::integer AS failed,
      count(*) FILTER (WHERE state = 'cancelled')::integer AS cancelled, count(*) FILTER (WHERE state = 'expired')::integer AS expired
    FROM (SELECT state FROM ended UNION ALL SELECT state FROM followed) AS every_end
  ), counted AS (
    UPDATE batch_jobs j
    SET succeeded = j.succeeded + tally.succeeded, failed = j.failed + tally.failed,
      cancelled = j.cancelled + tally.cancelled, expired = j.expired + tally.expired,
      cost_nano_usd = j.cost_nano_usd + (SELECT coalesce(sum(cost), 0) FROM ended)
    FROM tally WHERE j.number = (SELECT number FROM job) AND EXISTS (SELECT 1 FROM ended)
  )
  SELECT item_index FROM ended ORDER BY item_index`;

// An item that has ended is passed over: the first result wins, whoever brings it.
const end = `
  WITH ${lockedJob}, given AS (
    SELECT * FROM unnest($3::integer[], $4::text[], $5::integer[], $6::text[], $7::bigint[], $8::boolean[], $9::integer[], $10::integer[])
      AS given (item_index, state, status, error_code, cost, is_dead, start, length)
  ), ended AS (
    UPDATE batch_items i
    SET state = given.state, status = given.status, error_code = given.error_code, is_dead = given.is_dead,
      cost_nano_usd = i.cost_nano_usd + given.cost, ended_at = now(), not_before = NULL, lease_owner = NULL, lease_until = NULL, prepared = NULL,
      result = CASE WHEN given.length >= 0 THEN substring($11::bytea FROM given.start FOR given.length) END
    FROM given WHERE i.job_number = (SELECT number FROM job) AND i.item_index = given.item_index
      AND i.ended_at IS NULL AND i.leader_index IS NULL
    RETURNING i.item_index, i.state, i.status, i.error_code, given.cost
  ), ${consequences}`;

/** Items that nobody holds, a slice of them. */
const endUnheld = (condition: string, isDead: boolean): string => `
  WITH ${lockedJob}, unheld AS (
    SELECT item_index FROM batch_items
    WHERE job_number = (SELECT number FROM job) AND ended_at IS NULL AND leader_index IS NULL AND ${condition}
    ORDER BY item_index LIMIT $5 FOR UPDATE
  ), ended AS (
    UPDATE batch_items i
    SET state = $3, error_code = $4, is_dead = ${isDead}, ended_at = now(), not_before = NULL, lease_owner = NULL, lease_until = NULL
    FROM unheld WHERE i.job_number = (SELECT number FROM job) AND i.item_index = unheld.item_index
    RETURNING i.item_index, i.state, i.status, i.error_code, 0 AS cost
  ), ${consequences}`;

const endWaiting = endUnheld(`(state = 'pending' OR (state = 'running' AND lease_until < now()))`, false);
const buryLost = endUnheld(`state = 'running' AND lease_until < now() AND losses >= $6`, true);

const SLICE_ITEMS = 5_000;

/**
 * Writes how items ended, and resolves with the indexes of those whose end this is: an item that had one keeps it. Items with the same
 * question end along. May be repeated.
 */
export async function endItems(database: Database, ref: JobRef, ends: readonly ItemEnd[]): Promise<number[]> {
  if (ends.length === 0) return [];
  const { blob, starts, lengths } = packBuffers(ends.map(({ result }) => result));
  const rows = await database.query<{ item_index: number }>(end, [
    ref.tenantId,
    ref.jobId,
    arrayLiteral(ends.map(({ index }) => index)),
    arrayLiteral(ends.map(({ state }) => state)),
    arrayLiteral(ends.map(({ status }) => status)),
    arrayLiteral(ends.map(({ errorCode }) => errorCode)),
    arrayLiteral(ends.map(({ costNanoUsd = 0 }) => costNanoUsd)),
    arrayLiteral(ends.map(({ isDead = false }) => isDead)),
    arrayLiteral(starts),
    arrayLiteral(lengths),
    blob,
  ]);
  return rows.map((row) => row.item_index);
}

const errorCodes = { cancelled: 'cancelled', expired: 'deadline_exceeded' } as const;

/** Ends all items that nobody is running, slice by slice, and resolves with how many. Those that are being run are left to their runner. */
export async function endWaitingItems(
  database: Database,
  ref: JobRef,
  state: 'cancelled' | 'expired',
): Promise<number> {
  return inSlices(database, endWaiting, [ref.tenantId, ref.jobId, state, errorCodes[state], SLICE_ITEMS]);
}

/** Fails, as dead, the items whose runner was lost once more than so often. */
export async function buryLostItems(database: Database, ref: JobRef, maxLosses: number): Promise<number> {
  return inSlices(database, buryLost, [ref.tenantId, ref.jobId, 'failed', 'internal', SLICE_ITEMS, maxLosses]);
}

async function inSlices(database: Database, sql: string, parameters: readonly unknown[]): Promise<number> {
  for (let count = 0; ;) {
    const rows = await database.query(sql, parameters);
    count += rows.length;
    if (rows.length < SLICE_ITEMS) return count;
  }
}
