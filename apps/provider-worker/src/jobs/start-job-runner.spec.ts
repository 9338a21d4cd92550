import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeItemRequest, type ItemReply, type ItemTask } from '@costlane/contracts';
import {
  createBullmqQueue,
  isWebhookGenuine,
  jobQueueName,
  jobTask,
  tenantWebhookSecret,
  webhookHeaders,
  type JobQueue,
} from '@costlane/jobs';
import { createLedger, createScratchDatabase, type JobRef, type Ledger, type ScratchDatabase } from '@costlane/ledger';
import { createLogger, createMetrics, createRedis, HealthRegistry, Shutdown } from '@costlane/platform';
import {
  createSpecShard,
  databaseUrlForTests,
  redisUrlForTests,
  startTcpProxy,
  waitFor,
  type SpecShard,
} from '@costlane/testing';
import { configSchema } from '../config';
import { startJobRunner } from './start-job-runner';
import { answered, startFakeGateway } from './testing/fake-gateway';

const [databaseUrl, redisUrl] = [databaseUrlForTests(), redisUrlForTests()];
const secret = 'a secret of the operator';
interface Hook {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

(databaseUrl && redisUrl ? describe : describe.skip)('durable jobs in a provider-worker', () => {
  let shard: SpecShard;
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let receiver: Server;
  let queue: JobQueue<JobRef>;
  const hooks: Hook[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  let next = 0;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    scratch = await createScratchDatabase(databaseUrl ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger: shard.logger });
    const prefix = queuePrefix();
    queue = createBullmqQueue<JobRef>({ redisUrl: redisUrl ?? '', name: jobQueueName, prefix, logger: shard.logger });
    receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        hooks.push({ headers: request.headers, body: Buffer.concat(parts) });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    hooks.splice(0);
    receiver.close();
    await queue.close();
    await ledger.close();
    await scratch.drop();
    await shard.remove();
  });

  const queuePrefix = (): string => `costlane:{${shard.shard}}:queue`;
  function start(changes: object = {}) {
    const metrics = createMetrics({ service: 'spec' });
    const health = new HealthRegistry();
    const shutdown = new Shutdown({ logger: shard.logger, health, graceMs: 0, exit: () => undefined });
    const config = configSchema.parse({
      REDIS_URL: redisUrl,
      DATABASE_URL: scratch.url,
      WEBHOOK_SIGNING_SECRET: secret,
      WEBHOOK_ALLOWED_HOSTS: `127.0.0.1:${(receiver.address() as AddressInfo).port}`,
      ...changes,
    });
    startJobRunner({
      config,
      logger: shard.logger,
      metrics,
      health,
      shutdown,
      names: shard.names,
      connect: (name, options) => createRedis(redisUrl ?? '', { name, logger: shard.logger, ...options }),
      runnerId: `runner-${(next += 1)}`,
      queuePrefix: queuePrefix(),
      finish: async () => undefined,
    });
    const stop = () => shutdown.trigger('SIGTERM');
    ends.push(stop);
    return { metrics, health, stop };
  }
  async function gateway(answer: (task: ItemTask) => Promise<ItemReply | undefined> | ItemReply | undefined) {
    const started = await startFakeGateway(shard, answer);
    ends.push(started.stop);
    return started;
  }
  async function newJob(bodies: string[], changes: object = {}): Promise<JobRef> {
    const ref = { tenantId: 'acme', jobId: `job_${(next += 1)}` };
    await ledger.jobs.create({ ...ref, kind: 'batch', ...changes });
    const items = bodies.map((body) => ({
      request: encodeItemRequest({
        v: 1,
        endpoint: '/v1/inference',
        caller: { tenantId: 'acme', role: 'member' },
        headers: {},
        body: Buffer.from(body),
      }),
    }));
    await ledger.jobs.addItems(ref, items);
    await ledger.jobs.seal(ref, items.length);
    await queue.enqueue([jobTask(ref)]);
    return ref;
  }
  const ended = async (ref: JobRef): Promise<boolean> =>
    ['completed', 'expired'].includes((await ledger.jobs.get(ref))?.state ?? '');

  it('run through gateways when Postgres has its tables, and tell how they ended', async () => {
    const { metrics, health } = start();
    const { tasks } = await gateway((task) => {
      const body = task.item.body.toString();
      if (body === 'bad') return answered('no', { status: 400, errorCode: 'invalid_request' });
      return answered(`answer to ${body}`, { paidNanoUsd: 7 });
    });
    expect((await health.report()).checks['durable_jobs']).toMatchObject({ ok: false, isCritical: false });
    await ledger.migrate();
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const ref = await newJob(['a', 'bad', 'c'], { webhook: { url, secretRef: 'tenant' } });
    await waitFor(() => ended(ref), { timeoutMs: 20_000 });
    expect(await ledger.jobs.get(ref)).toMatchObject({ counts: { succeeded: 2, failed: 1 }, costNanoUsd: 14 });
    expect(await ledger.jobs.read(ref)).toMatchObject([
      { status: 200, result: Buffer.from('answer to a'), costNanoUsd: 7 },
      { status: 400, errorCode: 'invalid_request', result: Buffer.from('no') },
      { status: 200 },
    ]);
    expect(tasks.map(({ requestId, mode }) => `${mode} ${requestId}`).sort()).toEqual(
      [0, 1, 2].map((index) => `execute ${ref.jobId}-${index}`),
    );
    await waitFor(() => hooks.length === 1, { timeoutMs: 10_000 });
    const { headers, body } = hooks[0] as Hook;
    const { [webhookHeaders.timestamp]: timestamp, [webhookHeaders.signature]: signature } = headers;
    const received = { timestamp: String(timestamp), signature: String(signature), body };
    expect(isWebhookGenuine(tenantWebhookSecret(secret, 'acme'), received)).toBe(true);
    expect((await health.report()).checks['durable_jobs']).toMatchObject({ ok: true });
    for (const line of [
      /costlane_job_items_ended_total\{outcome="succeeded"[^}]*\} 2/,
      /costlane_job_items_ended_total\{outcome="failed"[^}]*\} 1/,
      /costlane_webhooks_total\{outcome="delivered"[^}]*\} 1/,
    ])
      await waitFor(async () => line.test(await metrics.registry.metrics()));
  }, 40_000);

  it('an answer under way at a shutdown is waited for, and what is left is run by the next process', async () => {
    await ledger.migrate();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const calls = new Map<string, number>();
    await gateway(async ({ requestId }) => {
      calls.set(requestId, (calls.get(requestId) ?? 0) + 1);
      await held;
      return answered(requestId, { paidNanoUsd: 1 });
    });
    const first = start();
    const ref = await newJob(Array.from({ length: 100 }, (_, i) => String(i)));
    await waitFor(() => calls.size === 32, { timeoutMs: 20_000 });
    const stopped = first.stop();
    release();
    await stopped;
    expect((await ledger.jobs.get(ref))?.counts.succeeded).toBe(32);
    start();
    await waitFor(() => ended(ref), { timeoutMs: 30_000 });
    expect(await ledger.jobs.get(ref)).toMatchObject({ counts: { succeeded: 100 }, costNanoUsd: 100 });
    expect([...calls.values()].every((count) => count === 1)).toBe(true);
  }, 60_000);

  it('go on when Postgres was away in the middle, and none is asked twice', async () => {
    await ledger.migrate();
    const proxy = await startTcpProxy(scratch.url);
    ends.push(() => proxy.stop());
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const calls: string[] = [];
    await gateway(async ({ requestId }) => {
      calls.push(requestId);
      await held;
      return answered(requestId, { paidNanoUsd: 1 });
    });
    start({ DATABASE_URL: proxy.url });
    const ref = await newJob(Array.from({ length: 50 }, (_, i) => String(i)));
    await waitFor(() => calls.length === 32, { timeoutMs: 20_000 });
    await proxy.stop();
    release();
    await waitFor(() => proxy.connections() === 0);
    await proxy.start();
    await waitFor(() => ended(ref), { timeoutMs: 30_000 });
    expect(await ledger.jobs.get(ref)).toMatchObject({ counts: { succeeded: 50 }, costNanoUsd: 50 });
    expect(new Set(calls).size).toBe(calls.length);
  }, 60_000);

  it('items that died with their attempts are listed, and run when they are tried once more', async () => {
    await ledger.migrate();
    let isBroken = true;
    const { tasks } = await gateway(() =>
      isBroken ? answered('', { status: 502, errorCode: 'upstream_error', isRetryable: true }) : answered('at last'),
    );
    start();
    const ref = await newJob(['a']);
    await waitFor(() => ended(ref), { timeoutMs: 30_000 });
    expect(await ledger.jobs.read(ref, { isDeadOnly: true })).toMatchObject([{ index: 0, attempts: 3 }]);
    isBroken = false;
    expect(await ledger.jobs.retryDead(ref)).toBe(1);
    await queue.enqueue([jobTask(ref)]);
    await waitFor(() => ended(ref), { timeoutMs: 30_000 });
    expect(await ledger.jobs.read(ref)).toMatchObject([{ state: 'succeeded', result: Buffer.from('at last') }]);
    expect(tasks.map(({ requestId }) => requestId.slice(ref.jobId.length))).toEqual(['-0', '-0-1', '-0-2', '-0-3']);
  }, 60_000);
});
