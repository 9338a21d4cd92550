import { readFileSync } from 'node:fs';

/** Requests of a trace: when they came, in ms from the first one, and how long their answers were. Throws where a column is missing. */
export function readArrivals(file) {
  return parseArrivals(readFileSync(file, 'utf8'), file);
}

export function parseArrivals(text, name) {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = head.split(',');
  const [timeAt, outputAt] = ['t_s', 'output_tokens'].map((column) => {
    const at = columns.indexOf(column);
    if (at < 0) throw new Error(`${name}: the column ${column} is missing; there are ${columns.join(', ')}`);
    return at;
  });
  const arrivals = lines.map((line, row) => {
    const cells = line.split(',');
    const [seconds, outputTokens] = [Number(cells[timeAt]), Number(cells[outputAt])];
    if (!Number.isFinite(seconds) || !(outputTokens >= 0))
      throw new Error(`${name}:${row + 2}: t_s and output_tokens have to be numbers`);
    return { atMs: seconds * 1_000, outputTokens };
  });
  if (arrivals.length === 0) throw new Error(`${name}: there are no rows`);
  return arrivals.sort((first, second) => first.atMs - second.atMs);
}

/** Independent arrivals, so many a second in the mean; lengths of answers are exponential around `meanOutputTokens`. */
export function poissonArrivals({ count, ratePerSecond, meanOutputTokens }, random) {
  const exponential = (mean) => -Math.log(1 - random()) * mean;
  let atMs = 0;
  return Array.from({ length: count }, () => {
    atMs += exponential(1_000 / ratePerSecond);
    return { atMs, outputTokens: Math.ceil(exponential(meanOutputTokens)) };
  });
}
