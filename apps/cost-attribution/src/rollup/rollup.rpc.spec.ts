import { credentials, type ServiceError } from '@grpc/grpc-js';
import { BooksServiceClient, BooksServiceService, type BooksReply } from '@costlane/contracts';
import { createLedger, createMigratedDatabase, type Ledger, type ScratchDatabase } from '@costlane/ledger';
import { createMetrics, HealthRegistry, startGrpcServer } from '@costlane/platform';
import { databaseUrlForTests, waitFor } from '@costlane/testing';
import { createRollupVersions } from '../analytics/rollup-version';
import { createBooksRpc } from '../books/books.rpc';
import { describeWithServers, quiet, startTestStream, testRecord, type TestStream } from '../testing/test-stream';
import { measureRollupLag } from './measure-lag';
import { createRollUp, type RollUp } from './roll-up';
import { createRollupTasks } from './rollup-tasks';
import { createRollupRpc, readRollupRange } from './rollup.rpc';

const range = { tenantId: '', since: '', until: '' };
const NOW = new Date('2026-11-27T12:00:00Z');

describeWithServers('BooksService.Rollup', () => {
  let scratch: ScratchDatabase;
  let stream: TestStream;
  let ledger: Ledger;
  let rollUp: RollUp;
  let server: Awaited<ReturnType<typeof startGrpcServer>>;
  let client: BooksServiceClient;
  beforeAll(async () => {
    scratch = await createMigratedDatabase(databaseUrlForTests() ?? '');
    stream = await startTestStream();
    ledger = createLedger({ databaseUrl: scratch.url, logger: quiet });
    const versions = createRollupVersions({ redis: stream.redis, names: stream.names, logger: quiet });
    const { rollups } = ledger;
    rollUp = createRollUp({ rollups, versions, logger: quiet });
    const rollup = createRollupRpc({ rollUp, rollups, logger: quiet, now: () => NOW });
    const implementation = createBooksRpc({ ledger, logger: quiet, others: { rollup } });
    server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      logger: quiet,
      health: new HealthRegistry(),
      services: [{ definition: BooksServiceService, implementation }],
    });
    client = new BooksServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.close();
    await ledger.close();
    await scratch.drop();
    await stream.end();
  });
  const ask = (asked: Partial<typeof range> = {}) =>
    new Promise<Record<string, unknown>>((resolve, reject) =>
      client.rollup({ ...range, ...asked }, (error: ServiceError | null, reply: BooksReply) =>
        error ? reject(error) : resolve(JSON.parse(reply.json) as Record<string, unknown>),
      ),
    );
  const at = (time: string) => ({ createdAtMs: Date.parse(time), finishedAtMs: Date.parse(time) + 100 });

  it('rolls up what has changed, and tells analytics whose figures those are', async () => {
    await ledger.record([
      testRecord('req_1', at('2026-11-20T10:30:00Z')),
      testRecord('req_2', { ...at('2026-11-20T11:30:00Z'), tenantId: 'globex' }),
    ]);
    expect(await ask()).toMatchObject({ hours: 2, days: 1, summaries: 1, is_complete: true, lag_seconds: 0 });
    const told = await stream.redis.hgetall(stream.names.rollupVersions);
    expect(Object.keys(told).sort()).toEqual(['*', 'acme', 'globex']);
    expect(await ask()).toMatchObject({ hours: 0, rows_changed: 0, hours_of_range: null });
    expect(await stream.redis.hgetall(stream.names.rollupVersions)).toEqual(told);
  });

  it('makes all hours of a range anew', async () => {
    const asked = { since: '2026-11-20T11:00:00Z', until: '2026-11-21' };
    expect(await ask(asked)).toMatchObject({ hours: 1, hours_of_range: 1, rows_changed: 0 });
  });

  it('refuses a range that is none, naming the field', async () => {
    await expect(ask({ since: '2026-12-01' })).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining('since'),
    });
  });

  it('comes by the schedule: hours and days by one task, summaries by the other', async () => {
    const [rollup, summary] = createRollupTasks(rollUp, 60);
    const never = new AbortController().signal;
    await ledger.record([testRecord('req_3', { ...at('2026-11-20T10:31:00Z'), modelUsed: 'another' })]);
    expect(await ledger.rollups.lagSeconds()).toBeGreaterThan(0);
    await rollup?.run(never);
    expect(await ledger.rollups.lagSeconds()).toBe(0);
    expect(await ask()).toMatchObject({ hours: 0, days: 0, summaries: 1 });
    expect(rollup?.schedule).toEqual({ everyMs: 60_000 });
    expect(summary?.schedule).toEqual({ cron: '7 * * * *' });
  });

  it('shows how far behind the rollups are', async () => {
    const metrics = createMetrics({ service: 'test' });
    const lag = measureRollupLag({ rollups: ledger.rollups, metrics, logger: quiet, intervalMs: 20 });
    lag.start();
    const shown = async () => /costlane_rollup_lag_seconds\{.*\} (\S+)/.exec(await metrics.registry.metrics())?.[1];
    await waitFor(async () => (await shown()) === '0');
    await ledger.record([testRecord('req_4', at('2026-11-20T10:32:00Z'))]);
    await waitFor(async () => Number(await shown()) > 0);
    lag.stop();
  });
});

describe('the range of a rollup', () => {
  it('is none, or ends now', () => {
    expect(readRollupRange(range, NOW)).toBeUndefined();
    expect(readRollupRange({ ...range, since: '2026-11-01' }, NOW)).toEqual({
      since: new Date('2026-11-01T00:00:00Z'),
      until: NOW,
    });
  });

  it.each([
    ['tenant_id', { tenantId: 'acme' }],
    ['since', { until: '2026-11-01' }],
    ['since', { since: '2026-11-28' }],
    ['since', { since: '2024-01-01' }],
    ['until', { since: '2026-11-02', until: '2026-11-01' }],
  ])('names %s where it is wrong: %j', (field, changes) => {
    expect(() => readRollupRange({ ...range, ...changes }, NOW)).toThrow(
      expect.objectContaining({ code: 'invalid_request', field, message: expect.stringContaining(field) }),
    );
  });
});
