import type { Database } from '../database';
import type { FileListOptions, FileRef, ListedFile, ResultPart } from './file-types';

/** Items of these states go into a part of the results. */
export const statesOfPart = {
  output: ['succeeded'],
  error: ['failed', 'cancelled', 'expired'],
} as const satisfies Record<ResultPart, readonly string[]>;

/** `resultFileId`, in SQL. */
const resultsOf = (part: ResultPart, hasLines: string): string => `
  SELECT 'file-' || b.id || '-${part}', 'batch_output', b.id || '_${part}.jsonl', NULL::bigint, j.finished_at,
    j.finished_at + make_interval(secs => b.results_expire_after_seconds), b.id, '${part}'
  FROM openai_batches b JOIN batch_jobs j ON j.tenant_id = b.tenant_id AND j.id = b.id
  WHERE b.tenant_id = $1 AND j.finished_at IS NOT NULL AND b.${part}_deleted_at IS NULL AND ${hasLines}`;

// Results are no rows of their own: they are there when the job has ended and something has gone well, or wrong.
const files = `
  WITH files (id, purpose, filename, size_bytes, created_at, expires_at, batch_id, part) AS (
    SELECT id, purpose, filename, size_bytes, created_at, expires_at, NULL, NULL FROM stored_files
    WHERE tenant_id = $1 AND completed_at IS NOT NULL
    UNION ALL ${resultsOf('output', 'j.succeeded > 0')}
    UNION ALL ${resultsOf('error', 'j.failed + j.cancelled + j.expired > 0')}
  ), present AS (SELECT * FROM files WHERE expires_at IS NULL OR expires_at > now())`;

const find = `${files} SELECT * FROM present WHERE id = $2`;

// Whole milliseconds would not do for the order: several files may be made in one. Ids tell those of one moment apart.
const listed = (comparison: '<' | '>', order: 'ASC' | 'DESC'): string => `${files}
  SELECT * FROM present
  WHERE ($2::text IS NULL OR purpose = $2)
    AND ($3::text IS NULL OR (created_at, id) ${comparison} (SELECT created_at, id FROM files WHERE id = $3))
  ORDER BY created_at ${order}, id ${order} LIMIT $4`;

const newestFirst = listed('<', 'DESC');
const oldestFirst = listed('>', 'ASC');

interface FileRow {
  id: string;
  purpose: string;
  filename: string;
  size_bytes: string | null;
  created_at: Date;
  expires_at: Date | null;
  batch_id: string | null;
  part: ResultPart | null;
}

function toFile(tenantId: string, row: FileRow): ListedFile {
  const file = {
    tenantId,
    fileId: row.id,
    purpose: row.purpose,
    filename: row.filename,
    createdAtMs: row.created_at.getTime(),
    expiresAtMs: row.expires_at?.getTime(),
  };
  if (row.batch_id !== null && row.part !== null) return { ...file, batchId: row.batch_id, part: row.part };
  return { ...file, sizeBytes: Number(row.size_bytes) };
}

export async function findFile(database: Database, { tenantId, fileId }: FileRef): Promise<ListedFile | undefined> {
  const [row] = await database.query<FileRow>(find, [tenantId, fileId]);
  return row && toFile(tenantId, row);
}

export async function listFiles(
  database: Database,
  tenantId: string,
  { limit, afterFileId, purpose, order = 'desc' }: FileListOptions,
): Promise<ListedFile[]> {
  const sql = order === 'asc' ? oldestFirst : newestFirst;
  const rows = await database.query<FileRow>(sql, [tenantId, purpose, afterFileId, limit]);
  return rows.map((row) => toFile(tenantId, row));
}

const markDropped = (part: ResultPart): string =>
  `UPDATE openai_batches SET ${part}_deleted_at = now() WHERE tenant_id = $1 AND id = $2 AND ${part}_deleted_at IS NULL RETURNING id`;

const dropSlice = `
  WITH slice AS (
    SELECT i.job_number, i.item_index FROM batch_items i
    JOIN batch_jobs j ON j.number = i.job_number AND j.tenant_id = $1 AND j.id = $2
    WHERE i.state = ANY($3) AND i.item_index > $4 AND i.result IS NOT NULL ORDER BY i.item_index LIMIT $5
  )
  UPDATE batch_items i SET result = NULL FROM slice
  WHERE i.job_number = slice.job_number AND i.item_index = slice.item_index RETURNING i.item_index`;

const SLICE_ITEMS = 2_000;

/** Deletes a part of a batch's results; false where the file is none of those. */
export async function dropResults(database: Database, ref: FileRef): Promise<boolean> {
  const file = await findFile(database, ref);
  if (!file || !('batchId' in file)) return false;
  const { batchId, part } = file;
  const marked = await database.query(markDropped(part), [ref.tenantId, batchId]);
  let after = -1;
  for (let rows; (rows = await nextSlice(database, ref.tenantId, batchId, part, after)).length > 0;)
    after = rows.reduce((last, { item_index: index }) => Math.max(last, index), after);
  return marked.length > 0;
}

const nextSlice = (
  database: Database,
  tenantId: string,
  batchId: string,
  part: ResultPart,
  after: number,
): Promise<{ item_index: number }[]> =>
  database.query(dropSlice, [tenantId, batchId, statesOfPart[part], after, SLICE_ITEMS]);
