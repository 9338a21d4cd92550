// Tables as CSV (RFC 4180), written and read.
import { existsSync, readFileSync } from 'node:fs';
import { parseCsv } from '../router/csv.mjs';

const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** The text of a table: the names of its columns, then a line a row. */
export function csvOf(columns, rows) {
  const lines = rows.map((row) => columns.map((column) => quoted(String(row[column] ?? ''))).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

/** The records of a CSV file. Throws one sentence where it is missing, malformed or empty. */
export function readTable(file) {
  if (!existsSync(file)) throw new Error(`${file}: there is no such file`);
  const records = parseCsv(readFileSync(file, 'utf8'), file);
  if (records.length === 0) throw new Error(`${file}: no rows`);
  return records;
}
