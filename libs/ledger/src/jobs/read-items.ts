import type { Database } from '../database';
import type { ItemState, JobRef, StoredItem } from './job-types';

export interface ReadOptions {
  /** Only items in one of these states; default: all that have ended. */
  states?: readonly ItemState[];
  /** Only those that used up their attempts. */
  isDeadOnly?: boolean;
  /** Items behind this index; -1: from the first. */
  afterIndex?: number;
}

export interface PageLimits {
  items: number;
  /** Of results together; one is given however large it is. */
  bytes: number;
}

const DEFAULT_PAGE: PageLimits = { items: 1_000, bytes: 2 * 1024 * 1024 };

// The length of a stored value is known without reading it.
const page = `
  WITH job AS (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2), listed AS (
    SELECT i.item_index, coalesce(octet_length(i.result), octet_length(l.result), 0) AS length
    FROM batch_items i LEFT JOIN batch_items l ON l.job_number = i.job_number AND l.item_index = i.leader_index
    WHERE i.job_number = (SELECT number FROM job) AND i.item_index > $3 AND i.state = ANY($4) AND (NOT $5 OR i.is_dead)
    ORDER BY i.item_index LIMIT $6
  ), chosen AS (
    SELECT item_index FROM (SELECT item_index, sum(length) OVER (ORDER BY item_index) - length AS bytes_before FROM listed) AS measured
    WHERE bytes_before < $7
  )
  SELECT i.item_index, i.custom_id, i.state, i.attempts, i.is_dead, i.leader_index, i.status, i.error_code, i.cost_nano_usd,
    coalesce(i.result, l.result) AS result
  FROM chosen JOIN batch_items i ON i.job_number = (SELECT number FROM job) AND i.item_index = chosen.item_index
  LEFT JOIN batch_items l ON l.job_number = i.job_number AND l.item_index = i.leader_index
  ORDER BY i.item_index`;

interface ItemRow {
  item_index: number;
  custom_id: string | null;
  state: ItemState;
  attempts: number;
  is_dead: boolean;
  leader_index: number | null;
  status: number | null;
  error_code: string | null;
  cost_nano_usd: string;
  result: Buffer | null;
}

const endStates: readonly ItemState[] = ['succeeded', 'failed', 'cancelled', 'expired'];

/** One page of a job's items in their order; empty at the end. Go on behind the last one's index. */
export async function readItems(
  database: Database,
  ref: JobRef,
  { states = endStates, isDeadOnly = false, afterIndex = -1 }: ReadOptions = {},
  limits: PageLimits = DEFAULT_PAGE,
): Promise<StoredItem[]> {
  const rows = await database.query<ItemRow>(page, [
    ref.tenantId,
    ref.jobId,
    afterIndex,
    states,
    isDeadOnly,
    limits.items,
    limits.bytes,
  ]);
  return rows.map((row) => ({
    index: row.item_index,
    customId: row.custom_id ?? undefined,
    state: row.state,
    attempts: row.attempts,
    isDead: row.is_dead,
    sameAsIndex: row.leader_index ?? undefined,
    status: row.status ?? undefined,
    errorCode: row.error_code ?? undefined,
    costNanoUsd: Number(row.cost_nano_usd),
    result: row.result ?? undefined,
  }));
}

/** All of them, a page at a time: one page is in memory, and the next is asked for when this one has been taken. */
export async function* streamItems(
  database: Database,
  ref: JobRef,
  options: ReadOptions = {},
  limits?: PageLimits,
): AsyncGenerator<StoredItem[], void, undefined> {
  for (let afterIndex = options.afterIndex ?? -1; ;) {
    const items = await readItems(database, ref, { ...options, afterIndex }, limits);
    const last = items.at(-1);
    if (last === undefined) return;
    yield items;
    afterIndex = last.index;
  }
}
