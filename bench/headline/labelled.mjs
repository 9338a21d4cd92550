// Labelled pairs of questions as clusters of one meaning: a JSON object a line with `a`, `b` and `same`.
import { readFileSync } from 'node:fs';
import { clustersOf } from '../../tools/cache-replay/questions.mjs';

/** Clusters of a file; none without one. Texts that nobody joined count as different questions. */
export function readClusters(file) {
  if (file === undefined) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const pairs = lines.map((line, at) => {
    const { a, b, same } = JSON.parse(line);
    if (typeof a !== 'string' || typeof b !== 'string' || typeof same !== 'boolean')
      throw new Error(`${file}:${at + 1}: a line has to have the texts a and b, and same`);
    return { a, b, same };
  });
  return clustersOf(pairs).clusters;
}
