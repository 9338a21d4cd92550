// Measures the embedded index: node libs/vector-index/bench/search.mjs [--texts FOLDER] [--entries 1000,10000,100000] [--min 0.8,0.92]
// With --texts real texts are embedded by the built-in model, else vectors are synthetic. CPU µs are this process's own; wall-clock
// times are only worth something on a machine that does nothing else.
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadCorpus } from './corpus.mjs';
import { loadTypeScript, root } from './load-lib.mjs';

const { values } = parseArgs({
  options: {
    texts: { type: 'string' },
    entries: { type: 'string', default: '1000,10000,100000' },
    min: { type: 'string', default: '0.8,0.92,-1' },
    limit: { type: 'string', default: '5' },
    truth: { type: 'string', default: '500' },
  },
});
const limit = Number(values.limit);
const BANDS = [
  [0.97, 1.01],
  [0.92, 0.97],
  [0.8, 0.92],
  [0.6, 0.8],
  [-1, 0.6],
];

const place = { tenantId: 'bench', contextHash: 'context', modelClass: 'model' };
const recordOf = (vector, i, expiresAtMs = Infinity) => ({ ...place, id: `record-${i}`, expiresAtMs, vector });
const queryOf = (vector, minSimilarity) => ({ ...place, vector, limit, minSimilarity });
const cpuMicros = (since) => {
  const { user, system } = process.cpuUsage(since);
  return user + system;
};
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const dot = (a, b) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};
const print = (...parts) => console.log(parts.join('  '));

async function fill(index, stored) {
  globalThis.gc?.();
  const heap = process.memoryUsage();
  const cpu = process.cpuUsage();
  for (let i = 0; i < stored.length; i += 500)
    await index.upsert(stored.slice(i, i + 500).map((vector, j) => recordOf(vector, i + j)));
  await index.settled();
  const micros = cpuMicros(cpu) / stored.length;
  globalThis.gc?.();
  const heapBytes = (process.memoryUsage().heapUsed - heap.heapUsed) / stored.length;
  const { bytes, reservedBytes } = index.stats();
  print(
    `insert ${micros.toFixed(1)} CPU µs`,
    `reserved ${(reservedBytes / 2 ** 20).toFixed(1)} MiB`,
    `${(reservedBytes / stored.length).toFixed(0)} B/record, JavaScript heap ${heapBytes.toFixed(0)} B/record`,
    `accounted ${(bytes / stored.length).toFixed(0)} B/record`,
  );
}

async function timeSearches(index, queries, minSimilarity) {
  for (let i = 0; i < 300; i++) await index.search([queryOf(queries[i % queries.length], minSimilarity)]);
  const batch = queries.map((vector) => queryOf(vector, minSimilarity));
  const runs = [];
  for (let run = 0; run < 5; run++) {
    const cpu = process.cpuUsage();
    await index.search(batch);
    runs.push(cpuMicros(cpu) / queries.length);
  }
  const times = [];
  for (const query of batch) {
    const from = performance.now();
    await index.search([query]);
    times.push((performance.now() - from) * 1e3);
  }
  times.sort((a, b) => a - b);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)].map((value) => value.toFixed(0));
  print(
    `least similarity ${minSimilarity}: mean ${Math.min(...runs).toFixed(1)} to ${Math.max(...runs).toFixed(1)} CPU µs`,
    `wall p50 ${p50} p99 ${p99} µs`,
  );
}

/** How often the nearest record comes first: the same record, or one that is as near (to 0.002). */
async function recall(index, stored, queries, minSimilarity, truth) {
  for (const [least, below] of BANDS) {
    let [asked, same, near, distance] = [0, 0, 0, 0];
    for (const [at, best] of truth) {
      if (best < least || best >= below || best < minSimilarity) continue;
      asked++;
      const [matches] = await index.search([queryOf(queries[at], minSimilarity)]);
      const [match] = matches;
      if (!match) continue;
      const lost = best - dot(stored[Number(match.id.slice(7))], queries[at]);
      if (lost < 1e-6) same++;
      if (lost < 0.002) near++;
      distance = Math.max(distance, Math.abs(match.similarity - (best - lost)));
    }
    if (asked > 0)
      print(
        `  nearest at ${least} to ${Math.min(1, below)}: ${asked} queries`,
        `recall@1 ${(same / asked).toFixed(4)}, to 0.002 ${(near / asked).toFixed(4)}`,
        `cosine off by ${distance.toExponential(1)} at most`,
      );
  }
}

function bruteForce(stored, queries, count) {
  const step = Math.max(1, Math.floor(queries.length / count)) | 1;
  const truth = [];
  for (let at = 0; at < queries.length; at += step) {
    let best = -1;
    for (const vector of stored) best = Math.max(best, dot(vector, queries[at]));
    truth.push([at, best]);
  }
  return truth;
}

/** Latency of single searches while records come in and parts are divided, and while most of them go again. */
async function timeDuringChanges(create, stored, queries) {
  const index = create();
  const half = Math.floor(stored.length / 2);
  for (let i = 0; i < half; i += 500) await index.upsert(stored.slice(i, i + 500).map((v, j) => recordOf(v, i + j)));
  await index.settled();
  for (const [name, change] of [
    ['inserts', (i) => index.upsert(stored.slice(i, i + 20).map((vector, j) => recordOf(vector, i + j)))],
    [
      'removals',
      (i) =>
        index.remove(
          'bench',
          Array.from({ length: 20 }, (_, j) => `record-${i - half + j}`),
        ),
    ],
  ]) {
    const times = [];
    for (let i = half; i < stored.length; i += 20) {
      const changed = change(i);
      const from = performance.now();
      await index.search([queryOf(queries[((i / 20) % queries.length) | 0], 0.8)]);
      times.push((performance.now() - from) * 1e3);
      await changed;
      await new Promise((resolve) => setImmediate(resolve));
    }
    times.sort((a, b) => a - b);
    print(
      `search during ${name}: p50 ${quantile(times, 0.5).toFixed(0)} p99 ${quantile(times, 0.99).toFixed(0)}`,
      `max ${times.at(-1).toFixed(0)} µs`,
    );
  }
  await index.settled();
  await index.close();
}

const { createEmbeddedIndex } = await loadTypeScript(
  `export { createEmbeddedIndex } from '${path.join(root, 'libs/vector-index/src/index.ts')}'`,
);
print(
  `${os.cpus().length} cores, ${os.cpus()[0]?.model.trim()}, Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}`,
);
for (const entries of values.entries.split(',').map(Number)) {
  const { name, modelId, stored, queries } = await loadCorpus(values.texts, entries);
  const create = () => createEmbeddedIndex({ identity: { modelId, dimension: 384 }, maxBytes: 2 ** 31 });
  print(
    `\n${stored.length} vectors of 384 dimensions in one group: ${name}; ${queries.length} queries, limit ${limit}`,
  );
  const index = create();
  await fill(index, stored);
  const truth = bruteForce(stored, queries, Number(values.truth));
  for (const minSimilarity of values.min.split(',').map(Number)) {
    await timeSearches(index, queries, minSimilarity);
    await recall(index, stored, queries, minSimilarity, truth);
  }
  await index.close();
  await timeDuringChanges(create, stored, queries);
}
