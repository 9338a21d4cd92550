import { execFile } from 'node:child_process';
import path from 'node:path';
import pg from 'pg';
import { createLedger, createScratchDatabase } from '@costlane/ledger';
import { createLogger } from '@costlane/platform';
import { databaseUrlForTests } from '@costlane/testing';
import { sampleRecord } from '../../libs/ledger/src/testing/sample-record';

const serverUrl = databaseUrlForTests();
const withPostgres = serverUrl ? describe : describe.skip;
const main = path.resolve(__dirname, 'main.mjs');
const deadlineMs = 300_000;
/** As dense as the default, so that its anomalies are worth finding. */
const dense = ['--requests', '9400', '--days', '21', '--until', '2026-11-20T06:00Z'];
const small = ['--requests', '600', '--days', '8', '--until', '2026-11-20T06:00Z'];

withPostgres('the demo in a ledger', () => {
  let scratch;
  let client;
  let ledger;

  beforeAll(async () => {
    scratch = await createScratchDatabase(serverUrl);
    ledger = createLedger({ databaseUrl: scratch.url, logger: createLogger({ service: 'test', level: 'silent' }) });
    await ledger.migrate();
    client = new pg.Client({ connectionString: scratch.url });
    client.on('error', () => undefined);
    await client.connect();
  }, deadlineMs);

  afterAll(async () => {
    await client?.end();
    await ledger?.close();
    await scratch?.drop();
  });

  const seed = (...args) =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [main, '--database', scratch.url, ...args],
        { maxBuffer: 2 ** 24 },
        (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }),
      );
    });
  const one = async (sql) => (await client.query(sql)).rows[0];
  /** Everything that a dashboard would read. */
  const everything = async () => ({
    detail: (await client.query('SELECT * FROM cost_events ORDER BY request_id')).rows,
    daily: (await client.query('SELECT * FROM cost_daily_rollup ORDER BY tenant_id, dimension, bucket, value, parent'))
      .rows,
    entries: await one(`SELECT count(*), sum(amount_nano_usd) FROM ledger_entries WHERE kind = 'settle'`),
  });

  it(
    'is written with entries and rollups that add up, once however often it is run, and gone after its removal',
    async () => {
      const first = await seed(...dense, '--json');
      expect(first).toMatchObject({ code: 0 });
      const told = JSON.parse(first.stdout);
      expect(told).toMatchObject({ requests: 9_400, written: 9_400, already_there: 0 });
      const sums = await one(`
        SELECT count(*)::integer AS requests, sum(paid_cost)::text AS paid, sum(base_cost)::text AS base FROM cost_events`);
      expect(sums.requests).toBe(9_400);
      expect(Number(sums.paid)).toBe(Number(told.paid_usd));
      expect(Number(sums.base)).toBe(Number(told.baseline_usd));
      const rolled = await one(`
        SELECT sum(requests)::integer AS requests, sum(paid_nano_usd)::text AS paid FROM cost_daily_rollup
        WHERE dimension = 'total' AND tenant_id LIKE 'demo-%'`);
      expect(rolled.requests).toBe(9_400);
      expect(Number(rolled.paid) / 1e9).toBeCloseTo(Number(told.paid_usd), 9);
      expect(await ledger.check()).toMatchObject({ isBalanced: true, requests: 9_400 });

      const found = told.injected_anomalies.filter((each) => each.found.length > 0);
      expect(found.length).toBeGreaterThanOrEqual(2);
      const since = new Date(0);
      for (const { tenant_id: tenantId, found: ids } of found) {
        const listed = await ledger.anomalies.list({ tenantId, since, limit: 100 });
        expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
      }
      const { budgets, accounts } = await ledger.budgets.list('demo-birch');
      expect(budgets.map(({ scope }) => scope).sort()).toEqual(['org', 'team']);
      expect(accounts).not.toEqual([]);
      expect(
        await one('SELECT count(*)::integer AS free FROM llm_requests WHERE infrastructure_nano_usd <= 0'),
      ).toEqual({ free: 0 });

      const before = await everything();
      const again = await seed('--json');
      expect(JSON.parse(again.stdout)).toMatchObject({ edition: told.edition, written: 0, already_there: 9_400 });
      expect(await everything()).toEqual(before);

      expect(await seed('--seed', '9')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('other demo data already'),
      });

      expect(await seed('--remove')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^9,400 requests .* add up to nothing/),
      });
      const left = await one(`
        SELECT (SELECT count(*) FROM llm_requests)::integer AS requests,
          (SELECT count(*) FROM cost_hourly_rollup)::integer AS hourly, (SELECT count(*) FROM cost_daily_rollup)::integer AS daily,
          (SELECT count(*) FROM cost_daily_summary)::integer AS summaries, (SELECT count(*) FROM anomalies)::integer AS anomalies,
          (SELECT coalesce(sum(amount_nano_usd), 0) FROM ledger_entries)::text AS entries`);
      expect(left).toEqual({ requests: 0, hourly: 0, daily: 0, summaries: 0, anomalies: 0, entries: '0' });
      expect(await ledger.check()).toMatchObject({ isBalanced: true, requests: 0 });
      expect(await ledger.budgets.list('')).toMatchObject({ budgets: [] });
    },
    deadlineMs,
  );

  it(
    'is not written beside other tenants’ requests unless that is meant, and leaves them alone when it goes',
    async () => {
      await ledger.record([
        sampleRecord({ requestId: 'real_1', tenantId: 'acme', createdAtMs: Date.UTC(2026, 10, 19, 12) }),
      ]);
      expect(await seed(...small)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('requests of other tenants'),
      });
      expect(await seed(...small, '--yes')).toMatchObject({ code: 0 });
      expect(await seed('--remove')).toMatchObject({ code: 0 });
      expect((await client.query('SELECT request_id FROM llm_requests')).rows).toEqual([{ request_id: 'real_1' }]);
      const shared = await one(`
        SELECT sum(requests)::integer AS requests FROM cost_daily_rollup WHERE tenant_id = '*' AND dimension = 'total'`);
      expect(shared).toEqual({ requests: 1 });
    },
    deadlineMs,
  );

  it(
    'is not written beside requests of a demo tenant that are not its own',
    async () => {
      await ledger.record([sampleRecord({ requestId: 'real_2', tenantId: 'demo-alder' })]);
      expect(await seed(...small, '--yes')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('not of the demo'),
      });
    },
    deadlineMs,
  );
});

describe('without a ledger', () => {
  const run = (args, env) =>
    new Promise((resolve) => {
      execFile(process.execPath, [main, ...args], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
        resolve({ code: error ? error.code : 0, stdout, stderr }),
      );
    });

  it(
    'the command says in a sentence what is missing',
    async () => {
      const nowhere = await run([], { DATABASE_URL: '', COSTLANE_DATA_DIR: '/nowhere' });
      expect(nowhere).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/start Costlane \(npm start\), or name its database/),
      });
      const silent = await run(['--database', 'postgres://127.0.0.1:9/none']);
      expect(silent).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/Postgres at 127\.0\.0\.1:9 does not answer/),
      });
    },
    deadlineMs,
  );

  it(
    'a dry run says what would be written',
    async () => {
      const { code, stdout } = await run(['--dry-run', ...small], { DATABASE_URL: '', COSTLANE_DATA_DIR: '/nowhere' });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^600 requests of 8 days until 2026-11-20 06:00 UTC/);
      expect(stdout).toMatch(/Nothing was written/);
    },
    deadlineMs,
  );
});
