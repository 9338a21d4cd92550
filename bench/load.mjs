// Closed-loop load in a process of its own: `node bench/load.mjs JSON` runs one load and prints its figures as one line of JSON.
// Job: {url, path, connections, requests | seconds, bodies: same|pool|unique|questions|reworded, poolSize, from, seed, stream, chunkIntervalMs,
// headers}. `questions`: those of questions.mjs in turn; `reworded`: the same in forms of their own, each once, beginning with form number `from`.
import { Pool } from 'undici';
import { questionOf, wordingOf } from './questions.mjs';

const job = JSON.parse(process.argv[2]);
const filler =
  'Costlane answers from caches what need not be asked again and sends the rest to the cheapest model. '.repeat(7);
const directive = job.stream ? `[[mock: chunks=20; chunkIntervalMs=${job.chunkIntervalMs ?? 0}]] ` : '';

function askedIn(number) {
  if (job.bodies === 'questions') return questionOf(number % job.poolSize);
  if (job.bodies === 'reworded')
    return wordingOf(questionOf(number % job.poolSize), job.from + Math.floor(number / job.poolSize));
  return `Question ${job.seed}-${number}: what does a cache save?`;
}

/** About 1 KB: a system prompt and a question that is the same, one of a pool, or new each time. */
function bodyOf(number) {
  return JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: `You are a careful assistant. ${filler}` },
      { role: 'user', content: directive + askedIn(number) },
    ],
    temperature: 0.2,
    ...(job.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
}

const isNewEachTime = job.bodies === 'unique' || job.bodies === 'reworded';
const pooled = isNewEachTime
  ? []
  : Array.from({ length: job.bodies === 'same' ? 1 : job.poolSize }, (_, i) => bodyOf(i));
let made = 0;
const nextBody = () => (isNewEachTime ? bodyOf(made++) : pooled[made++ % pooled.length]);

const pool = new Pool(job.url, { connections: job.connections, pipelining: 1 });
const latencies = [];
const firstBytes = [];
const tiers = {};
let errors = 0;
let started = 0;

function once() {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let firstByteAt = 0;
    let status = 0;
    pool.dispatch(
      {
        path: job.path,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...job.headers },
        body: nextBody(),
      },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode, headers) {
          status = statusCode;
          const tier = headers['x-cache'] ?? 'none';
          tiers[tier] = (tiers[tier] ?? 0) + 1;
        },
        onResponseData() {
          if (firstByteAt === 0) firstByteAt = performance.now();
        },
        onResponseEnd() {
          if (status !== 200) errors++;
          latencies.push(performance.now() - startedAt);
          if (job.stream) firstBytes.push(firstByteAt - startedAt);
          resolve();
        },
        onResponseError() {
          errors++;
          resolve();
        },
      },
    );
  });
}

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

async function main() {
  const startedAt = performance.now();
  const endAt = job.seconds ? startedAt + job.seconds * 1000 : Infinity;
  const most = job.requests ?? Infinity;
  const client = async () => {
    while (started < most && performance.now() < endAt) {
      started++;
      await once();
    }
  };
  await Promise.all(Array.from({ length: job.connections }, client));
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  firstBytes.sort((a, b) => a - b);
  const figures = {
    requests: latencies.length,
    errors,
    seconds,
    requestsPerSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    p99Ms: percentile(latencies, 0.99),
    ...(job.stream ? { firstByteP50Ms: percentile(firstBytes, 0.5) } : {}),
    tiers,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exit(0);
}

await main();
