import type { Database } from '../database';
import type { OpenAiBatchRef, ResultLines } from './batch-types';
import type { ResultPart } from './file-types';
import { statesOfPart } from './list-files';

// The length of a stored value is known without reading it. Postgres and JSON.stringify escape the same characters, in the same way.
const measure = `
  SELECT i.state, coalesce(i.result, l.result) IS NOT NULL AS is_answered, i.status, i.error_code, count(*) AS lines,
    coalesce(sum(coalesce(octet_length(i.result), octet_length(l.result))), 0) AS result_bytes,
    coalesce(sum(octet_length(to_json(i.custom_id)::text)), 0) AS custom_id_bytes,
    sum(length(i.item_index::text)) AS index_digits
  FROM batch_jobs j JOIN batch_items i ON i.job_number = j.number
  LEFT JOIN batch_items l ON l.job_number = i.job_number AND l.item_index = i.leader_index
  WHERE j.tenant_id = $1 AND j.id = $2 AND i.state = ANY($3)
  GROUP BY i.state, coalesce(i.result, l.result) IS NOT NULL, i.status, i.error_code`;

interface LinesRow {
  state: ResultLines['state'];
  is_answered: boolean;
  status: number | null;
  error_code: string | null;
  lines: string;
  result_bytes: string;
  custom_id_bytes: string;
  index_digits: string;
}

/** What a part of a batch's results consists of, without reading the results. */
export async function measureResults(
  database: Database,
  { tenantId, batchId }: OpenAiBatchRef,
  part: ResultPart,
): Promise<ResultLines[]> {
  const rows = await database.query<LinesRow>(measure, [tenantId, batchId, statesOfPart[part]]);
  return rows.map((row) => ({
    state: row.state,
    isAnswered: row.is_answered,
    status: row.status ?? undefined,
    errorCode: row.error_code ?? undefined,
    lines: Number(row.lines),
    resultBytes: Number(row.result_bytes),
    customIdBytes: Number(row.custom_id_bytes),
    indexDigits: Number(row.index_digits),
  }));
}
