// What the benchmark searches: real texts under a folder, embedded by the built-in model, or synthetic vectors.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { loadTypeScript, root } from './load-lib.mjs';

const DIMENSION = 384;
/** Queries of each kind: kept-back paraphrases, kept-back texts, stored texts with a small change. */
const QUERIES = { paraphrases: 700, others: 300, changed: 500 };

/** Texts of `.jsonl` files of pairs (`a`, `b`, `same`) and of the `prompt` column of `.csv` files. */
function readTexts(folder) {
  const texts = new Set();
  const pairs = [];
  for (const name of readdirSync(folder).sort()) {
    const content = /\.(jsonl|csv)$/.test(name) ? readFileSync(path.join(folder, name), 'utf8') : '';
    if (name.endsWith('.jsonl')) {
      for (const line of content.split('\n').filter(Boolean)) {
        const { a, b, same } = JSON.parse(line);
        texts.add(a).add(b);
        if (same) pairs.push([a, b]);
      }
    } else if (content.startsWith('prompt,')) for (const prompt of firstColumn(content)) texts.add(prompt);
  }
  return { texts: [...texts], pairs };
}

/** First fields of a CSV text's rows but the first. */
function firstColumn(content) {
  const row = /(?:^|\n)(?:"((?:[^"]|"")*)"|([^,\n"]*)),(?:[^"\n]|"(?:[^"]|"")*")*(?=\n|$)/g;
  const fields = [...content.matchAll(row)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
  return fields.slice(1);
}

const pickFrom = (list, source) => list[Math.floor(source.next() * list.length)];

/** A text with another number in it or, where it has none, with one word of another text. */
function variantOf(text, texts, source) {
  if (/\d/.test(text)) return text.replace(/\d+/, String(2 + Math.floor(source.next() * 900)));
  const words = text.split(' ');
  words[Math.floor(source.next() * words.length)] = pickFrom(pickFrom(texts, source).split(' '), source);
  return words.join(' ');
}

/** A stored text with a word left out, a greeting before it, or a typing error. */
function changedOf(text, kind, source) {
  const words = text.split(' ');
  const at = Math.floor(source.next() * words.length);
  if (kind === 0 && words.length > 4) words.splice(at, 1);
  else if (kind === 1) words.unshift(pickFrom(['Please tell me:', 'Hi,', 'Could you say'], source));
  else words[at] = `${words[at].slice(0, -1)}x`;
  return words.join(' ');
}

function chooseTexts(folder, count, source) {
  const { texts, pairs } = readTexts(folder);
  const kept = new Set();
  const queries = [];
  const used = new Set();
  while (queries.length < QUERIES.paraphrases) {
    const [a, b] = pickFrom(pairs, source);
    if (used.has(a) || used.has(b)) continue;
    used.add(a).add(b);
    kept.add(b);
    queries.push(b);
  }
  while (queries.length < QUERIES.paraphrases + QUERIES.others) {
    const text = pickFrom(texts, source);
    if (used.has(text)) continue;
    used.add(text);
    kept.add(text);
    queries.push(text);
  }
  const stored = new Set(texts.filter((text) => !kept.has(text)).sort(() => source.next() - 0.5));
  const list = [...stored];
  const real = Math.min(list.length, count);
  while (stored.size < count) stored.add(variantOf(pickFrom(list, source), list, source));
  const chosen = [...stored].slice(0, count);
  for (let i = 0; i < QUERIES.changed; i++) queries.push(changedOf(pickFrom(chosen, source), i % 3, source));
  return { chosen, queries, real };
}

/** `count` vectors to store and the vectors to ask for. */
export async function loadCorpus(folder, count) {
  const sampleVectors = path.join(root, 'libs/vector-index/src/testing/sample-vectors.ts');
  const { createVectorSource, clusteredVectors } = await loadTypeScript(`export * from '${sampleVectors}'`);
  const source = createVectorSource(DIMENSION, 7);
  if (!folder) {
    const stored = clusteredVectors(source, count);
    const queries = Array.from({ length: 1_000 }, (_, i) =>
      i % 4 === 0 ? source.direction() : source.near(pickFrom(stored, source), 0.8 + 0.2 * source.next()),
    );
    return { name: 'synthetic clusters', modelId: 'synthetic', stored, queries };
  }
  const { loadStaticModel } = await loadTypeScript(
    `export { loadStaticModel } from '${path.join(root, 'libs/embedding/src/static/load-static-model.ts')}'`,
  );
  const model = loadStaticModel(path.join(root, 'libs/embedding/model/static-model.bin'));
  const { chosen, queries, real } = chooseTexts(folder, count, source);
  const embed = (texts) => texts.map((text) => model.embed(text)).filter((vector) => vector.some((x) => x !== 0));
  const name = `texts (${real} as they are, the others with a number or word changed)`;
  return { name, modelId: model.modelId, stored: embed(chosen), queries: embed(queries) };
}
