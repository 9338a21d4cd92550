// Pairs from files, those that ship, and their features.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './library.mjs';

const dataFolder = path.join(root, 'libs/semantic-verifier/data');

/** Pairs of JSONL files, in order. */
export function readPairFiles(library, files) {
  return files.flatMap((file) => {
    if (!existsSync(file)) throw new Error(`${file}: there is no such file`);
    return library.parsePairs(readFileSync(file, 'utf8'), file);
  });
}

/** Hand-written blocks; each file is a source. `part`: `training` or `held-out`. */
export function readAuthoredPairs(library, part) {
  const folder = path.join(dataFolder, 'authored');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .flatMap((name) => {
      const source = `authored-${name.replace(/\.txt$/, '')}`;
      return library.parseAuthored(readFileSync(path.join(folder, name), 'utf8'), name, source, part);
    });
}

/** Pairs from grammars that are drawn: beyond these the same turns of phrase come again. */
const generatedCount = 12_000;

/** All pairs of this repository that may train. */
export const readShippedPairs = (library) => [
  ...readAuthoredPairs(library, 'training'),
  ...library.generateRows({ seed: 1, count: generatedCount }),
];

/** Cosines from a JSON array in the order of the pairs; several files for several files of pairs. */
export function readCosines(files, pairCount) {
  const cosines = files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')));
  if (
    cosines.length !== pairCount ||
    !cosines.every((cosine) => typeof cosine === 'number' && Math.abs(cosine) <= 1.01)
  )
    throw new Error(
      `${files.join(', ')}: expected a JSON array of ${pairCount} cosines, one a pair in the same order; found ${cosines.length} entries`,
    );
  return cosines;
}

/** Cosines of the pairs by an embedder, each text embedded once; `cache` is a Map that several calls may share. */
export async function embedCosines(embedder, pairs, { cache = new Map(), onProgress } = {}) {
  const missing = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))].filter((text) => !cache.has(text));
  // Texts of like length pad one another least.
  missing.sort((first, second) => first.length - second.length);
  const batch = 64;
  for (let start = 0; start < missing.length; start += batch) {
    const texts = missing.slice(start, start + batch);
    const vectors = await embedder.embed(texts);
    texts.forEach((text, index) => cache.set(text, vectors[index]));
    onProgress?.(Math.min(1, (start + batch) / missing.length));
  }
  return pairs.map(({ a, b }) => {
    const first = cache.get(a);
    const second = cache.get(b);
    let cosine = 0;
    for (let index = 0; index < first.length; index += 1) cosine += first[index] * second[index];
    return cosine;
  });
}
