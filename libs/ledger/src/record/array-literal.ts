/** What a column can hold. Text, numbers and booleans are written as Postgres writes them; undefined is NULL. */
export type ColumnValue = string | number | boolean | undefined;

const needsEscape = /["\\]/;
const escaped = /["\\]/g;

/**
 * A Postgres array literal, `{"a","b",NULL}`. The driver's own encoder handles any nesting and type, at several times the cost,
 * which for some forty columns a record is the largest part of recording it.
 */
export function arrayLiteral(values: readonly ColumnValue[]): string {
  let literal = '{';
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (i > 0) literal += ',';
    if (value === undefined) literal += 'NULL';
    else if (typeof value === 'string') literal += quoted(value);
    else literal += value;
  }
  return `${literal}}`;
}

const quoted = (text: string): string => `"${needsEscape.test(text) ? text.replace(escaped, '\\$&') : text}"`;
