/** Words of a text, one a line or divided by commas; empty ones are dropped. */
export function listOf(text: string): readonly string[] {
  return text
    .split(/[\n,]/)
    .map((word) => word.trim())
    .filter(Boolean);
}

/** Rows of fields: a row a line, fields divided by ` | `. Throws where a row has another number of fields than the first one. */
export function tableOf(text: string): readonly (readonly string[])[] {
  const rows = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => line.split(' | ').map((field) => field.trim()));
  const width = rows[0]?.length ?? 0;
  const odd = rows.find((row) => row.length !== width);
  if (odd !== undefined) throw new Error(`a row of ${odd.length} fields among rows of ${width}: ${odd.join(' | ')}`);
  return rows;
}
