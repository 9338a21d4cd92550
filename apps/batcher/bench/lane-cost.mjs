// What a job's way through the express lane costs: `node apps/batcher/bench/lane-cost.mjs [--jobs 20000] [--in-flight 64] [--main dist/apps/batcher/main.mjs]`, with REDIS_URL of a Redis
// whose database 9 nobody uses. Plays gateway and worker around a batcher of its own and prints waits (ms) and the batcher's CPU (µs a job), against jobs that go straight to the worker.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Redis from 'ioredis';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '20000' },
    warmup: { type: 'string', default: '20000' },
    'in-flight': { type: 'string', default: '64' },
    bytes: { type: 'string', default: '1500' },
    main: { type: 'string', default: path.join(root, 'dist/apps/batcher/main.mjs') },
    port: { type: 'string', default: '18973' },
  },
});
const url = new URL(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
url.pathname = '/9';
const streams = { express: 'costlane:{0}:lane:express', dispatch: 'costlane:{0}:dispatch:bench' };
const group = 'provider-worker';
const body = JSON.stringify({
  model: 'm',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'x'.repeat(Number(values.bytes)) }],
});

const fieldsOf = (requestId) => {
  const createdAtMs = Date.now();
  const header = {
    v: 1,
    requestId,
    tenantId: `t${Number(requestId.slice(1)) % 20}`,
    userId: 'u1',
    replyTo: 'g1',
    endpoint: '/v1/chat/completions',
    dialect: 'openai.chat',
    provider: 'bench',
    modelAsked: 'm',
    model: 'm',
    upstreamModel: 'm',
    routeReason: 'requested',
    policyVersion: '1',
    route: { strategy: 'balanced', complexity: 0.4, tier: 'small', candidates: [{ model: 'm', costNanoUsd: 1 }] },
    stream: false,
    deadlineAtMs: createdAtMs + 60_000,
    createdAtMs,
    fingerprint: `f${requestId}`,
    cacheTtlSeconds: 3_600,
    semantic: { text: `a question about ${requestId}`, contextHash: 'c'.repeat(64) },
  };
  const payload = `${JSON.stringify(header)}\n${body}`;
  const created = new Date(createdAtMs).toISOString();
  return [
    'task_type',
    'inference.complete',
    'payload',
    payload,
    'priority',
    'express',
    'idempotency_key',
    requestId,
    'created_at',
    created,
  ];
};

/** Reads what is dispatched, acknowledges it and tells when it came. */
async function startWorker(onJob) {
  const reader = new Redis(url.href);
  const commands = new Redis(url.href);
  await commands.xgroup('CREATE', streams.dispatch, group, '0', 'MKSTREAM');
  await commands.sadd('costlane:{0}:providers', 'bench');
  const beat = () =>
    commands.set('costlane:{0}:alive:w1', JSON.stringify({ concurrency: 4_096, inFlight: 0 }), 'PX', 3_000);
  await beat();
  const timer = setInterval(beat, 1_000);
  let isStopped = false;
  const loop = (async () => {
    while (!isStopped) {
      const read = await reader.xreadgroup(
        'GROUP',
        group,
        'w1',
        'COUNT',
        256,
        'BLOCK',
        200,
        'STREAMS',
        streams.dispatch,
        '>',
      );
      const entries = read?.[0]?.[1] ?? [];
      if (entries.length === 0) continue;
      const ids = entries.map(([id]) => id);
      commands
        .pipeline()
        .xack(streams.dispatch, group, ...ids)
        .xdel(streams.dispatch, ...ids)
        .exec();
      for (const [, fields] of entries) onJob(fields[fields.indexOf('idempotency_key') + 1]);
    }
  })();
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await loop;
      reader.disconnect();
      commands.disconnect();
    },
  };
}

/** Sends jobs, so many at a time; gives the waits in ms, in order. */
async function run(redis, waiting, stream, jobs, prefix) {
  const waits = [];
  let next = 0;
  const one = async () => {
    while (next < jobs) {
      const id = `${prefix}${next++}`;
      const sinceMs = performance.now();
      const arrived = new Promise((resolve) => waiting.set(id, resolve));
      void redis.xadd(stream, '*', ...fieldsOf(id));
      await arrived;
      waits.push(performance.now() - sinceMs);
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: Number(values['in-flight']) }, one));
  return { waits: waits.sort((a, b) => a - b), tookMs: performance.now() - startedMs };
}

async function cpuSeconds() {
  const text = await (await fetch(`http://127.0.0.1:${values.port}/metrics`)).text();
  return Number(/^process_cpu_seconds_total\{.*\} (\S+)/m.exec(text)?.[1]);
}

const quantile = (sorted, share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(2);
const redis = new Redis(url.href, { enableAutoPipelining: true, maxRetriesPerRequest: 1 });
await redis.unlink(
  ...Object.values(streams),
  'costlane:{0}:providers',
  'costlane:{0}:completions',
  'costlane:{0}:reply:g1',
);
const waiting = new Map();
const worker = await startWorker((id) => {
  waiting.get(id)?.();
  waiting.delete(id);
});
const batcher = spawn(process.execPath, [values.main], {
  env: {
    ...process.env,
    REDIS_URL: url.href,
    BATCHER_HTTP_PORT: values.port,
    BATCHER_GRPC_PORT: '0',
    LOG_LEVEL: 'warn',
    SHUTDOWN_GRACE_MS: '0',
  },
  stdio: 'inherit',
});
try {
  const jobs = Number(values.jobs);
  while (!(await fetch(`http://127.0.0.1:${values.port}/health/ready`).catch(() => undefined))?.ok)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await run(redis, waiting, streams.express, Number(values.warmup), 'w');
  const idleFrom = await cpuSeconds();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const idlePerSecond = ((await cpuSeconds()) - idleFrom) / 3;
  const direct = await run(redis, waiting, streams.dispatch, jobs, 'd');
  const from = await cpuSeconds();
  const lane = await run(redis, waiting, streams.express, jobs, 'l');
  const cpuUs = (((await cpuSeconds()) - from) / jobs) * 1e6;
  const row = (name, { waits, tookMs }) =>
    console.log(
      `${name}: ${Math.round((jobs / tookMs) * 1_000)} jobs/s, wait p50 ${quantile(waits, 0.5)} p95 ${quantile(waits, 0.95)} p99 ${quantile(waits, 0.99)} ms`,
    );
  row('straight  ', direct);
  row('by express', lane);
  console.log(
    `added p50 ${(quantile(lane.waits, 0.5) - quantile(direct.waits, 0.5)).toFixed(2)} ms; the batcher's CPU ${cpuUs.toFixed(1)} µs a job; idle ${(idlePerSecond * 100).toFixed(2)} % of a core`,
  );
} finally {
  batcher.kill('SIGTERM');
  await worker.stop();
  redis.disconnect();
}
