// Closed-loop load in a process of its own: `node bench/load.mjs JSON` runs one load and prints its figures as one line of JSON.
// Job: {url, path, connections, requests | seconds, bodies: same|pool|unique, poolSize, seed, stream, chunkIntervalMs, headers}
import { Pool } from 'undici';

const job = JSON.parse(process.argv[2]);
const filler =
  'Costlane answers from caches what need not be asked again and sends the rest to the cheapest model. '.repeat(7);
const directive = job.stream ? `[[mock: chunks=20; chunkIntervalMs=${job.chunkIntervalMs ?? 0}]] ` : '';

/** About 1 KB: a system prompt and a question that is the same, one of a pool, or new each time. */
function bodyOf(number) {
  return JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: `You are a careful assistant. ${filler}` },
      { role: 'user', content: `${directive}Question ${job.seed}-${number}: what does a cache save?` },
    ],
    temperature: 0.2,
    ...(job.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
}

const pooled =
  job.bodies === 'unique' ? [] : Array.from({ length: job.bodies === 'same' ? 1 : job.poolSize }, (_, i) => bodyOf(i));
let made = 0;
const nextBody = () => (job.bodies === 'unique' ? bodyOf(made++) : pooled[made++ % pooled.length]);

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
