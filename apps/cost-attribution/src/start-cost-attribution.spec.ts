import { randomBytes } from 'node:crypto';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import {
  invalidateChannel,
  KeyServiceClient,
  LedgerServiceClient,
  type ApiKey,
  type CreateKeyRequest,
  type FindKeyReply,
  type LedgerSummaryReply,
  type ListKeysReply,
  type RevokeKeyReply,
} from '@costlane/contracts';
import { createMigratedDatabase, type ScratchDatabase } from '@costlane/ledger';
import { databaseUrlForTests, startTcpProxy, waitFor, type TcpProxy } from '@costlane/testing';
import { configSchema } from './config';
import { startCostAttribution, type RunningCostAttribution } from './start-cost-attribution';
import { describeWithServers, startTestStream, testRecord, type TestStream } from './testing/test-stream';

type Callback<T> = (error: ServiceError | null, reply: T) => void;
const promised = <T>(call: (callback: Callback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => call((error, reply) => (error ? reject(error) : resolve(reply))));

describeWithServers('cost-attribution', () => {
  let stream: TestStream;
  let scratch: ScratchDatabase;
  let proxy: TcpProxy;
  let service: RunningCostAttribution;
  const exit = jest.fn();

  const start = () =>
    startCostAttribution(
      configSchema.parse({
        COST_ATTRIBUTION_HTTP_PORT: 0,
        COST_ATTRIBUTION_GRPC_PORT: 0,
        REDIS_URL: stream.url,
        DATABASE_URL: proxy.url,
        DATABASE_POOL_SIZE: 4,
        LOG_LEVEL: 'silent',
      }),
      { exit, shard: stream.shard },
    );
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${service.httpPort}${path}`);
    return {
      status: response.status,
      body: (await response.json()) as { data: Record<string, unknown>; error: string },
    };
  };
  const requests = async () => (await get('/internal/ledger/summary')).body.data['requests'];
  const stop = async (running: RunningCostAttribution) => {
    const ended = running.shutdown.trigger('SIGTERM');
    void running.shutdown.trigger('SIGTERM');
    await ended;
  };

  beforeAll(async () => {
    scratch = await createMigratedDatabase(databaseUrlForTests() ?? '');
    proxy = await startTcpProxy(scratch.url);
  });
  beforeEach(async () => {
    stream = await startTestStream();
    service = await start();
    await waitFor(async () => (await get('/health/ready')).status === 200);
  });
  afterEach(async () => {
    await stop(service);
    await stream.end();
  });
  afterAll(async () => {
    await proxy.stop();
    await scratch.drop();
  });

  it('puts completions on record, each once, and acknowledges them', async () => {
    const before = Number(await requests());
    await stream.publish(testRecord('req_a1'), testRecord('req_a2'), testRecord('req_a1'));
    await stream.publish(testRecord('req_a2'), testRecord('req_a3'));
    await waitFor(async () => Number(await requests()) === before + 3);
    await waitFor(async () => {
      const [pending] = (await stream.redis.xpending(stream.names.completions, 'cost-attribution')) as [number];
      return pending === 0;
    });
    const { body } = await get('/internal/ledger/check');
    expect(body.data).toMatchObject({ is_balanced: true, requests_charged_twice: 0 });
  }, 30_000);

  it('loses nothing while Postgres is away, and says that it is not ready', async () => {
    const before = Number(await requests());
    await proxy.stop();
    for (let i = 0; i < 40; i++) await stream.publish(testRecord(`req_b${i}`), testRecord(`req_c${i}`));
    await waitFor(async () => (await get('/health/ready')).status === 503);
    expect((await get('/internal/ledger/summary')).status).toBe(503);
    await proxy.start();
    await waitFor(async () => Number(await requests()) === before + 80, { timeoutMs: 15_000, intervalMs: 50 });
    expect((await get('/health/ready')).status).toBe(200);
  }, 30_000);

  it('takes over what a reader left behind that is gone', async () => {
    const before = Number(await requests());
    await waitFor(() => stream.redis.exists(stream.names.completions));
    await stop(service);
    await stream.publish(testRecord('req_d1'), testRecord('req_d2'));
    await stream.redis.xreadgroup('GROUP', 'cost-attribution', 'gone', 'STREAMS', stream.names.completions, '>');
    service = await start();
    await waitFor(async () => Number(await requests()) === before + 2, { timeoutMs: 15_000, intervalMs: 50 });
  }, 30_000);

  it('does what is to be done at set times, and says when it was done', async () => {
    const metrics = async () => (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
    const done = /costlane_task_runs_total\{(?=[^}]*task="rollup")(?=[^}]*result="done")[^}]*\} [1-9]/;
    await waitFor(async () => done.test(await metrics()), { timeoutMs: 15_000 });
    expect(await metrics()).toMatch(/costlane_task_last_success_timestamp_seconds\{[^}]*task="rollup"[^}]*\} [1-9]/);
  }, 30_000);

  it('sums what is on record over gRPC, by tenant', async () => {
    const tenantId = `tenant-${randomBytes(4).toString('hex')}`;
    await stream.publish(testRecord(`req_${tenantId}`, { tenantId }));
    const client = new LedgerServiceClient(`127.0.0.1:${service.grpcPort}`, credentials.createInsecure());
    try {
      const summary = (request: { tenantId: string; since: string }) =>
        promised<LedgerSummaryReply>((callback) => client.summary(request, callback));
      const reply = await waitFor(async () => {
        const now = await summary({ tenantId, since: '' });
        return now.requests === 1 ? now : undefined;
      });
      const sums = { paidNanoUsd: '700', baselineNanoUsd: '1000', savedNanoUsd: '300' };
      expect(reply).toEqual({ requests: 1, ...sums, duplicateCompletions: 0 });
      await expect(summary({ tenantId, since: 'soon' })).rejects.toMatchObject({
        code: 3,
        details: expect.stringContaining('since'),
      });
    } finally {
      client.close();
    }
  }, 30_000);

  it('keeps API keys, and tells the gateways of a revocation', async () => {
    const client = new KeyServiceClient(`127.0.0.1:${service.grpcPort}`, credentials.createInsecure());
    const heard: string[] = [];
    const listener = stream.redis.duplicate();
    const keyHash = randomBytes(32).toString('hex');
    const request: CreateKeyRequest = {
      tenantId: 'acme',
      teamId: 'search',
      userId: '',
      name: 'CI',
      role: 'member',
      rateLimitPerMinute: 60,
      prefix: 'cl_12345678',
      keyHash,
    };
    try {
      listener.on('message', (_channel: string, text: string) => heard.push(text));
      await waitFor(() => listener.status === 'ready');
      await listener.subscribe(invalidateChannel);
      const create = (changes: Partial<CreateKeyRequest> = {}) =>
        promised<{ key?: ApiKey }>((callback) => client.createKey({ ...request, ...changes }, callback));
      const find = () => promised<FindKeyReply>((callback) => client.findKey({ keyHash }, callback));
      const revoke = (id: string) => promised<RevokeKeyReply>((callback) => client.revokeKey({ id }, callback));

      const { key } = await create();
      expect(key).toMatchObject({
        tenantId: 'acme',
        teamId: 'search',
        role: 'member',
        rateLimitPerMinute: 60,
        revokedAt: '',
      });
      expect((await find()).key).toEqual(key);
      const listed = await promised<ListKeysReply>((callback) => client.listKeys({ tenantId: 'acme' }, callback));
      expect(listed.keys).toContainEqual(key);

      expect(await revoke(key?.id ?? '')).toMatchObject({ wasActive: true, keyHash });
      expect((await find()).key).toBeUndefined();
      await waitFor(() => heard.some((text) => text === JSON.stringify({ kind: 'api-key', keyHash })));
      expect(await revoke(key?.id ?? '')).toMatchObject({ wasActive: false });

      await expect(revoke('nobody')).rejects.toMatchObject({ code: 5 });
      await expect(create({ tenantId: '' })).rejects.toMatchObject({
        code: 3,
        details: expect.stringContaining('tenant_id'),
      });
      await proxy.stop();
      await expect(find()).rejects.toMatchObject({ code: 14 });
    } finally {
      await proxy.start().catch(() => undefined);
      listener.disconnect();
      client.close();
    }
  }, 30_000);

  it('refuses a filter that it does not understand, naming the field', async () => {
    const { status, body } = await get('/internal/ledger/summary?since=yesterday');
    expect(status).toBe(400);
    expect(body).toEqual({ success: false, data: null, error: expect.stringContaining('since') });
  });
});
