import type { Database } from '../database';

/** Jobs and items of all tenants, as they stand. */
export interface JobTotals {
  /** Accepted jobs that have not ended. */
  openJobs: number;
  /** Items that are with providers' Batch APIs, or about to be. */
  submittedItems: number;
  /** Items that used up their attempts. */
  deadItems: number;
}

const ready = `
  SELECT EXISTS (
    SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('batch_items') AND attname = 'losses' AND NOT attisdropped
  ) AS is_ready`;

// Each of them by a partial index that holds nothing else.
const totals = `
  SELECT
    (SELECT count(*)::integer FROM batch_jobs WHERE finished_at IS NULL AND sealed_at IS NOT NULL) AS open_jobs,
    (SELECT count(*)::integer FROM batch_items WHERE state = 'submitted') AS submitted_items,
    (SELECT count(*)::integer FROM batch_items WHERE is_dead) AS dead_items`;

/** Whether the tables are there as this build knows them. */
export async function isReadyForJobs(database: Database): Promise<boolean> {
  const [row] = await database.query<{ is_ready: boolean }>(ready);
  return row?.is_ready ?? false;
}

export async function jobTotals(database: Database): Promise<JobTotals> {
  const [row] = await database.query<{ open_jobs: number; submitted_items: number; dead_items: number }>(totals);
  return { openJobs: row?.open_jobs ?? 0, submittedItems: row?.submitted_items ?? 0, deadItems: row?.dead_items ?? 0 };
}

const openOf = `
  SELECT count(*)::integer AS open FROM (
    SELECT 1 FROM batch_jobs WHERE tenant_id = $1 AND finished_at IS NULL AND sealed_at IS NOT NULL LIMIT $2
  ) AS open_jobs`;

/** A tenant's accepted jobs that have not ended, counted up to `most`. */
export async function openJobsOf(database: Database, tenantId: string, most: number): Promise<number> {
  const [row] = await database.query<{ open: number }>(openOf, [tenantId, most]);
  return row?.open ?? 0;
}
