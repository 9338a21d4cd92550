import type { Database } from '../database';
import { arrayLiteral } from '../record/array-literal';
import type { JobState } from './job-states';
import type { JobRef, LeasedItem } from './job-types';

export interface LeaseOptions {
  /** Process and turn that runs them; nobody else's name. */
  owner: string;
  limit: number;
  /** Of requests together; one item is given however large it is. */
  maxBytes: number;
  leaseMs: number;
  /** Items whose runner was lost so often are left alone. */
  maxLosses: number;
  /** Only items that no Batch API takes, or only the others; undefined: any. */
  isDirect?: boolean;
}

const jobOf = (condition = ''): string =>
  `job AS (SELECT number, duplicates FROM batch_jobs WHERE tenant_id = $1 AND id = $2 ${condition})`;

/** Items that get an item's answer as well; not looked for in a job that has none. Needs a `job` with its number and duplicates. */
export const followersOf = (index: string): string => `
  CASE WHEN (SELECT duplicates FROM job) > 0 THEN (
    SELECT array_agg(f.item_index ORDER BY f.item_index) FROM batch_items f
    WHERE f.job_number = (SELECT number FROM job) AND f.leader_index = ${index} AND f.ended_at IS NULL
  ) END AS followers`;

/** Held by a row lock of the job, so that statements which write its items come one after the other and never wait in a circle. */
const lockedJob = `job AS (SELECT number, state FROM batch_jobs WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE)`;

const lease = `
  WITH ${jobOf(`AND state = 'running'`)}, free AS (
    SELECT item_index, size_bytes FROM batch_items
    WHERE job_number = (SELECT number FROM job) AND ended_at IS NULL AND leader_index IS NULL AND ($8::boolean IS NULL OR is_direct = $8)
      AND ((state = 'pending' AND (not_before IS NULL OR not_before <= now())) OR (state = 'running' AND lease_until < now() AND losses < $7))
    ORDER BY item_index LIMIT $4 FOR UPDATE SKIP LOCKED
  ), chosen AS (
    SELECT item_index FROM (
      SELECT item_index, sum(size_bytes) OVER (ORDER BY item_index) - size_bytes AS bytes_before FROM free
    ) AS measured WHERE bytes_before < $5
  ), leased AS (
    UPDATE batch_items i
    SET state = 'running', attempts = attempts + (state <> 'running')::integer, losses = losses + (state = 'running')::integer, not_before = NULL, lease_owner = $3,
      lease_until = now() + $6::double precision * interval '1 millisecond'
    FROM chosen WHERE i.job_number = (SELECT number FROM job) AND i.item_index = chosen.item_index
    RETURNING i.item_index, i.custom_id, i.fingerprint, i.attempts, i.tries
  )
  SELECT leased.*, r.request, ${followersOf('leased.item_index')} FROM leased
  JOIN batch_requests r ON r.job_number = (SELECT number FROM job) AND r.item_index = leased.item_index
  ORDER BY leased.item_index`;

const renew = `
  WITH ${lockedJob}, renewed AS (
    UPDATE batch_items SET lease_until = now() + $4::double precision * interval '1 millisecond'
    WHERE job_number = (SELECT number FROM job) AND ended_at IS NULL AND leader_index IS NULL
      AND state = 'running' AND lease_owner = $3
    RETURNING 1
  )
  SELECT state, (SELECT count(*)::integer FROM renewed) AS renewed FROM job`;

const release = `
  WITH ${lockedJob}, given AS (
    SELECT * FROM unnest($4::integer[], $5::integer[], $6::integer[], $7::bigint[], $8::boolean[], $9::integer[])
      AS given (item_index, delay_ms, refund, cost, direct, tried)
  ), released AS (
    UPDATE batch_items i
    SET state = 'pending', lease_owner = NULL, lease_until = NULL, attempts = greatest(attempts - refund, 0),
      cost_nano_usd = i.cost_nano_usd + cost, is_direct = is_direct OR direct, tries = tries + tried,
      not_before = CASE WHEN delay_ms > 0 THEN now() + delay_ms * interval '1 millisecond' END
    FROM given WHERE i.job_number = (SELECT number FROM job) AND i.item_index = given.item_index
      AND i.ended_at IS NULL AND i.state = 'running' AND i.lease_owner = $3
    RETURNING cost
  )
  UPDATE batch_jobs j SET cost_nano_usd = j.cost_nano_usd + paid.cost
  FROM (SELECT sum(cost) AS cost FROM released) AS paid WHERE j.number = (SELECT number FROM job) AND paid.cost > 0`;

const takeBack = `
  WITH ${lockedJob}
  UPDATE batch_items SET lease_until = now() - interval '1 millisecond'
  WHERE job_number = (SELECT number FROM job) AND ended_at IS NULL AND leader_index IS NULL
    AND state = 'running' AND lease_owner = ANY($3::text[]) RETURNING item_index`;

const outlook = `
  WITH ${jobOf()}
  SELECT count(*)::integer AS open,
    extract(epoch FROM min(CASE WHEN state = 'running' THEN lease_until ELSE coalesce(not_before, now()) END) - now()) * 1000 AS wait_ms,
    array_agg(DISTINCT lease_owner) FILTER (WHERE state = 'running' AND lease_until > now()) AS holders
  FROM batch_items WHERE job_number = (SELECT number FROM job) AND ended_at IS NULL AND leader_index IS NULL
    AND state <> 'submitted'`;

interface LeasedRow {
  item_index: number;
  custom_id: string | null;
  fingerprint: string | null;
  attempts: number;
  tries: number;
  request: Buffer;
  followers: number[] | null;
}

/**
 * Takes items that nobody runs, in their order: those waiting, and those whose runner has not been heard of. Nothing unless the job is
 * `running`. Two callers never get the same item at a time; after a lease ran out both may run it, and its first result wins.
 */
export async function leaseItems(database: Database, ref: JobRef, options: LeaseOptions): Promise<LeasedItem[]> {
  const { owner, limit, maxBytes, leaseMs, maxLosses, isDirect } = options;
  const rows = await database.query<LeasedRow>(lease, [
    ref.tenantId,
    ref.jobId,
    owner,
    limit,
    maxBytes,
    leaseMs,
    maxLosses,
    isDirect,
  ]);
  return rows.map((row) => ({
    index: row.item_index,
    customId: row.custom_id ?? undefined,
    fingerprint: row.fingerprint ?? undefined,
    attempt: row.attempts,
    tries: row.tries,
    request: row.request,
    followers: row.followers ?? undefined,
  }));
}

/** Sign of life for all that the owner holds, and the job's state, by which a runner learns of a cancellation. */
export async function renewLeases(
  database: Database,
  ref: JobRef,
  { owner, leaseMs }: Pick<LeaseOptions, 'owner' | 'leaseMs'>,
): Promise<{ state: JobState; renewed: number } | undefined> {
  const [row] = await database.query<{ state: JobState; renewed: number }>(renew, [
    ref.tenantId,
    ref.jobId,
    owner,
    leaseMs,
  ]);
  return row;
}

export interface ReleasedItem {
  index: number;
  /** Not to be begun before; 0: at once. */
  delayMs: number;
  /** The attempt does not count: it was not made, or broken off by us. */
  isUncounted?: boolean;
  /** Of the attempt that was made. */
  costNanoUsd?: number;
  /** No Batch API takes it. */
  isDirect?: boolean;
  /** It got an answer, and that was a failure. */
  isAnswered?: boolean;
}

/** Gives items back that the owner holds, to be run again. Those that he does not hold any more are passed over. */
export async function releaseItems(
  database: Database,
  ref: JobRef,
  owner: string,
  items: readonly ReleasedItem[],
): Promise<void> {
  if (items.length === 0) return;
  await database.query(release, [
    ref.tenantId,
    ref.jobId,
    owner,
    arrayLiteral(items.map(({ index }) => index)),
    arrayLiteral(items.map(({ delayMs }) => Math.ceil(delayMs))),
    arrayLiteral(items.map(({ isUncounted }) => (isUncounted ? 1 : 0))),
    arrayLiteral(items.map(({ costNanoUsd = 0 }) => costNanoUsd)),
    arrayLiteral(items.map(({ isDirect = false }) => isDirect)),
    arrayLiteral(items.map(({ isAnswered }) => (isAnswered ? 1 : 0))),
  ]);
}

export interface JobOutlook {
  /** Items waiting or being run by somebody, duplicates not counted. */
  open: number;
  /** Until the first of them can be taken, as far as is known now. */
  waitMs: number;
  /** Owners of leases that have not run out. */
  holders: string[];
}

export async function outlookOf(database: Database, ref: JobRef): Promise<JobOutlook> {
  const [row] = await database.query<{ open: number; wait_ms: string | null; holders: string[] | null }>(outlook, [
    ref.tenantId,
    ref.jobId,
  ]);
  const waitMs = Math.max(0, Math.ceil(Number(row?.wait_ms ?? 0)));
  return { open: row?.open ?? 0, waitMs, holders: row?.holders ?? [] };
}

/** What these owners hold is anyone's at once: they are known to be dead. Resolves with how many items those are. */
export async function endLeases(database: Database, ref: JobRef, owners: readonly string[]): Promise<number> {
  return (await database.query(takeBack, [ref.tenantId, ref.jobId, owners])).length;
}
