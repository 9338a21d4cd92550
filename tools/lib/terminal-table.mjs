// Tables for terminals: aligned columns, numbers to the right, no wider than the terminal.
import { stripVTControlCharacters, styleText } from 'node:util';

const gap = '  ';
const narrowestColumn = 6;

/** Characters that a terminal shows of a text. */
export const widthOf = (text) => [...stripVTControlCharacters(text)].length;

/** Whether a text is a number, an amount, a share or nothing: those stand to the right. */
const isNumeric = (text) => /^[-−+]?<?\$?[-−]?[\d,]+(\.\d+)?( ?%)?$|^[–-]?$/.test(stripVTControlCharacters(text));

function cut(text, width) {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(1, width - 1)).join('')}…`;
}

/** Names that clients choose must not steer the terminal: control characters are shown as spaces. */
export const plainText = (value) =>
  String(value ?? '').replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');

/** Takes from the widest columns of text until the table fits; numbers are never cut. */
function fit(widths, isNumber, most) {
  const fitted = [...widths];
  const total = () => fitted.reduce((sum, width) => sum + width, 0) + gap.length * (fitted.length - 1);
  while (total() > most) {
    let widest = -1;
    for (const [column, width] of fitted.entries())
      if (!isNumber[column] && width > narrowestColumn && (widest < 0 || width > fitted[widest])) widest = column;
    if (widest < 0) return undefined;
    fitted[widest] -= 1;
  }
  return fitted;
}

/** Below each other, for a terminal too narrow for columns. */
function stacked(head, rows) {
  const width = Math.max(...head.map(widthOf));
  return rows
    .map((row) => row.map((cell, column) => `${head[column].padEnd(width)}${gap}${cell}`.trimEnd()).join('\n'))
    .join('\n\n');
}

/**
 * A table as text, without a line break at its end. Cells are made plain text; a column whose cells are all numbers is set to the right.
 * - `width`: of the terminal (default: standard output's, without a limit where it is none)
 * - `isColoured`: head in bold (default: as the terminal and NO_COLOR say)
 */
export function renderTable(head, rows, { width = process.stdout.columns ?? Infinity, isColoured } = {}) {
  const cells = rows.map((row) => head.map((_, column) => plainText(row[column])));
  const isNumber = head.map((_, column) => cells.length > 0 && cells.every((row) => isNumeric(row[column])));
  const widths = head.map((name, column) => Math.max(widthOf(name), ...cells.map((row) => widthOf(row[column]))));
  const fitted = fit(widths, isNumber, width);
  if (fitted === undefined) return stacked(head, cells);
  const line = (row) =>
    row
      .map((cell, column) => {
        const shown = cut(cell, fitted[column]);
        const room = ' '.repeat(fitted[column] - widthOf(shown));
        return isNumber[column] ? room + shown : shown + room;
      })
      .join(gap)
      .trimEnd();
  const title = line(head);
  return [bold(title, isColoured), ...cells.map(line)].join('\n');
}

function bold(text, isColoured) {
  if (isColoured === false) return text;
  if (isColoured === true) return styleText('bold', text, { validateStream: false });
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText('bold', text, { validateStream: false }) : text;
}
