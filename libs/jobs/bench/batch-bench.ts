import { randomBytes } from 'node:crypto';
import { createBatchRunner, createBullmqQueue, ndjson } from '../src/index';
import { createLedger, createScratchDatabase, type BatchJob, type JobRef, type NewItem } from '@costlane/ledger';
import { createLogger, createRedis } from '@costlane/platform';

const count = Number(process.argv[2] ?? 100_000);
const REQUEST_BYTES = 500;
const RESULT_BYTES = 1_000;
const logger = createLogger({ service: 'bench', level: 'warn' });
const redisUrl = process.env['REDIS_URL'];
const databaseUrl = process.env['DATABASE_URL'];
if (!redisUrl || !databaseUrl) throw new Error('set REDIS_URL and DATABASE_URL');

interface Measured {
  step: string;
  seconds: number;
  itemsPerSecond: number;
  cpuMicrosPerItem: number;
  rssMiB: number;
}

/** RSS is the highest of 20 samples a second, over what the process had before any of it. */
async function measure(step: string, baseMiB: number, work: () => Promise<unknown>): Promise<Measured> {
  const rss = (): number => process.memoryUsage.rss() / 2 ** 20;
  let peak = rss();
  const sampler = setInterval(() => (peak = Math.max(peak, rss())), 50);
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedAt) / 1_000;
  clearInterval(sampler);
  return {
    step,
    seconds: Number(seconds.toFixed(2)),
    itemsPerSecond: Math.round(count / seconds),
    cpuMicrosPerItem: Number(((user + system) / count).toFixed(1)),
    rssMiB: Math.round(Math.max(peak, rss()) - baseMiB),
  };
}

/** Texts that do not shrink to nothing, as a repeated one would. */
function* items(): Generator<NewItem> {
  for (let i = 0; i < count; i += 1)
    yield {
      customId: `item-${i}`,
      fingerprint: `f${i}`,
      request: Buffer.from(randomBytes(REQUEST_BYTES / 2).toString('hex')),
    };
}

const result = Buffer.from(randomBytes(RESULT_BYTES / 2).toString('hex'));
const scratch = await createScratchDatabase(databaseUrl);
const ledger = createLedger({ databaseUrl: scratch.url, logger, statementTimeoutMs: 60_000 });
const prefix = `costlane-bench:{${randomBytes(4).toString('hex')}}`;
const queue = createBullmqQueue<JobRef>({ redisUrl, name: 'batches', prefix, logger });
const redis = createRedis(redisUrl, { name: 'bench', logger, blocking: true });
try {
  await ledger.migrate();
  const store = ledger.jobs;
  const ref = { tenantId: 'bench', jobId: 'job' };
  let ended: (job: BatchJob) => void = () => undefined;
  const end = new Promise<BatchJob>((resolve) => (ended = resolve));
  const runner = createBatchRunner({
    store,
    queue,
    logger,
    execute: async () => ({ kind: 'succeeded', status: 200, result, costNanoUsd: 1 }),
    onEnded: (job) => ended(job),
  });
  const baseMiB = process.memoryUsage.rss() / 2 ** 20;
  const rows: Measured[] = [];
  await store.create({ ...ref, kind: 'batch' });
  rows.push(await measure('insert', baseMiB, () => store.addItems(ref, items())));
  rows.push(await measure('accept', baseMiB, () => store.seal(ref, count)));
  const worker = runner.start({ concurrency: 2 });
  rows.push(
    await measure('run', baseMiB, async () => {
      await runner.announce(ref);
      await end;
    }),
  );
  let bytes = 0;
  const render = ({ customId, result: body }: { customId?: string; result?: Buffer }): string =>
    `{"custom_id":"${customId}","body":"${body?.toString()}"}`;
  rows.push(
    await measure('stream results', baseMiB, async () => {
      for await (const chunk of ndjson(store.stream(ref), render)) bytes += chunk.length;
    }),
  );
  await worker.close();
  const keys = await redis.keys(`${prefix}*`);
  console.table(rows);
  console.log(`job: ${JSON.stringify((await store.get(ref))?.counts)}; streamed ${(bytes / 2 ** 20).toFixed(0)} MiB`);
  console.log(`keys left in Redis: ${keys.length} (${keys.map((key) => key.split(':').at(-1)).join(', ')})`);
  const soon = Date.now() + 3_600_000;
  console.table([
    await measure('delete', baseMiB, () =>
      store.deleteOld({ finishedBeforeMs: soon, unsealedBeforeMs: 0, maxItems: count * 2 }),
    ),
  ]);
  if (keys.length > 0) await redis.del(...keys);
} finally {
  await queue.close();
  redis.disconnect();
  await ledger.close();
  await scratch.drop();
}
