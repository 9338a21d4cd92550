// Options of the two commands, and what they print with.
import { parseArgs } from 'node:util';

/** Parses strictly; an unknown option or a missing value is one sentence, with what there is. */
export function readOptions(argv, options, usage) {
  try {
    return parseArgs({ args: argv, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new Error(`${error.message}\n\n${usage}`, { cause: error });
  }
}

export const percent = (share, digits = 1) => `${(share * 100).toFixed(digits)} %`;

/** Rows of cells as a Markdown table with even columns; the first row is the head. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (cells) => `| ${cells.map((cell, column) => String(cell).padEnd(widths[column])).join(' | ')} |`;
  return [
    line(rows[0]),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.slice(1).map(line),
  ].join('\n');
}
