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

// From one index to another: without statistics of a job, which a new one never has, an open end is read by sorting all of the job for each
// page. The length of a stored value is known without reading it.
const page = `
  WITH job AS (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2), listed AS (
    SELECT i.item_index, coalesce(octet_length(i.result), octet_length(l.result), 0) AS length
    FROM batch_items i LEFT JOIN batch_items l ON l.job_number = i.job_number AND l.item_index = i.leader_index
    WHERE i.job_number = (SELECT number FROM job) AND i.item_index > $3 AND i.item_index <= $8 AND i.state = ANY($4) AND (NOT $5 OR i.is_dead)
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

const lastIndex = `
  SELECT max(item_index) AS last FROM batch_items
  WHERE job_number = (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2)`;

/** Where nothing was in a range, the next one is so many times as long: few among very many are found in a few steps. */
const WIDENING = 4;
const MAX_RANGE_ITEMS = 20_000;
/** Of the column's type. */
const MAX_INDEX = 2 ** 31 - 1;

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
  const rows = await findRows(database, ref, { states, isDeadOnly, afterIndex }, limits);
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

/** The next rows behind the index, wherever they are. */
async function findRows(
  database: Database,
  { tenantId, jobId }: JobRef,
  { states, isDeadOnly, afterIndex }: Required<ReadOptions>,
  { items, bytes }: PageLimits,
): Promise<ItemRow[]> {
  let last: number | undefined;
  let range = items;
  for (let from = afterIndex; ;) {
    const to = Math.min(from + range, MAX_INDEX);
    const parameters = [tenantId, jobId, from, states, isDeadOnly, items, bytes, to];
    const rows = await database.query<ItemRow>(page, parameters);
    if (rows.length > 0) return rows;
    last ??= (await database.query<{ last: number | null }>(lastIndex, [tenantId, jobId]))[0]?.last ?? -1;
    if (to >= last) return [];
    from = to;
    range = Math.min(range * WIDENING, MAX_RANGE_ITEMS);
  }
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
