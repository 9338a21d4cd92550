import type { Cell, Row } from './report';

/** A spreadsheet takes what begins like this for a formula; names are chosen by clients. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

/** One line of a table, with its end (RFC 4180). A text that a spreadsheet would run is preceded by an apostrophe; null is empty. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** A table with its header. */
export function csvTable(columns: readonly string[], rows: readonly Row[]): string {
  return csvLine(columns) + rows.map((row) => csvLine(columns.map((column) => row[column] ?? null))).join('');
}

function csvCell(value: Cell): string {
  if (value === null) return '';
  const plain = String(value);
  const text = FORMULA.test(plain) && !NUMBER.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
