// Rows of outcomes from CSV files (RFC 4180: quoted fields may hold commas, quotes and line breaks).
import { existsSync, readFileSync } from 'node:fs';

/** Records of a CSV text, by the names in its first line. Throws where a record has another number of fields. */
export function parseCsv(text, name) {
  const records = [];
  let record = [];
  let field = '';
  let isQuoted = false;
  const endField = () => {
    record.push(field);
    field = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && field === '') isQuoted = true;
    else if (character === ',') endField();
    else if (character === '\n') {
      endField();
      records.push(record);
      record = [];
    } else if (character !== '\r' || text[at + 1] !== '\n') field += character;
  }
  if (field !== '' || record.length > 0) {
    endField();
    records.push(record);
  }
  const [head = [], ...rows] = records;
  return rows.map((cells, row) => {
    if (cells.length !== head.length)
      throw new Error(`${name}: record ${row + 1} has ${cells.length} fields, the first line has ${head.length}`);
    return Object.fromEntries(head.map((column, at) => [column, cells[at]]));
  });
}

function outcome(record, column, scale, name, row) {
  const value = Number(record[column]) / scale;
  if (record[column] === undefined || record[column] === '' || !(value >= 0 && value <= 1))
    throw new Error(`${name}: record ${row + 1}: ${column} must be a number from 0 to ${scale}`);
  return value;
}

function readRecords(file) {
  if (!existsSync(file)) throw new Error(`${file}: there is no such file`);
  return parseCsv(readFileSync(file, 'utf8'), file);
}

/** `prompt, source, strong_correct, weak_correct` (0 to 1) a row. */
export function readOutcomes(file) {
  const records = readRecords(file);
  if (records.length === 0) throw new Error(`${file}: no rows`);
  return records.map((record, row) => ({
    prompt: record.prompt ?? '',
    source: record.source ?? '',
    strong: outcome(record, 'strong_correct', 1, file, row),
    weak: outcome(record, 'weak_correct', 1, file, row),
  }));
}

/** `prompt, category, strong_score, weak_score` (0 to 10) a row. */
export const readScores = (file) =>
  readRecords(file).map((record, row) => ({
    prompt: record.prompt ?? '',
    source: record.category ?? '',
    strong: outcome(record, 'strong_score', 10, file, row),
    weak: outcome(record, 'weak_score', 10, file, row),
  }));
