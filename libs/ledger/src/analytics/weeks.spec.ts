import fc from 'fast-check';
import { CreateWeeklyRollups1796340060000 } from '../migrations/1796340060000-create-weekly-rollups';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { createAnalyticsStore, type AnalyticsStore } from './analytics-store';
import type { ReportGrouping } from './groupings';
import { rangeBefore, type ReportRange } from './report-query';
import { rollUpAll } from './testing/roll-up';
import { sampleTraffic } from './testing/sample-traffic';

const HOUR_MS = 3_600_000;
/** A Sunday. */
const FROM = new Date('2026-03-01T00:00:00Z');
const DAYS = 45;

const someRange = fc
  .record({ start: fc.integer({ min: -30, max: DAYS * 24 - 2 }), hours: fc.integer({ min: 1, max: DAYS * 24 }) })
  .chain(({ start, hours }) => fc.constantFrom(1, 24).map((step) => [start - (start % step), Math.max(hours, step)]))
  .map(([start = 0, hours = 1]): ReportRange => ({
    from: new Date(FROM.getTime() + start * HOUR_MS),
    to: new Date(FROM.getTime() + (start + hours) * HOUR_MS),
    grain: 'day',
  }));

describeWithPostgres('reports over weeks', () => {
  let test: TestLedger;
  let store: AnalyticsStore;
  let asked: string[] = [];
  beforeAll(async () => {
    test = await startTestLedger();
    await test.ledger.record(sampleTraffic({ from: FROM, days: DAYS, requestsPerDay: 30 }));
    await rollUpAll(test.rows);
    // Weeks as the aggregator makes them, with each of their days.
    await test.rows(`DELETE FROM cost_weekly_rollup`);
    await test.rows(`DELETE FROM rollup_marks`);
    await test.rows(
      `INSERT INTO rollup_day_marks (day, target) SELECT DISTINCT bucket, 'daily' FROM cost_daily_rollup`,
    );
    await test.ledger.rollups.run({ withSummary: false });
    store = createAnalyticsStore({
      query: <Row extends object>(sql: string, parameters: readonly unknown[] = []) => {
        asked.push(sql);
        return test.rows<Row>(sql, [...parameters]);
      },
    });
  }, 60_000);
  afterAll(() => test.end());

  const within = ({ from, to }: ReportRange, tenantId?: string) =>
    `created_at >= '${from.toISOString()}' AND created_at < '${to.toISOString()}'${tenantId === undefined ? '' : ` AND tenant_id = '${tenantId}'`}`;
  /** By user or key, from the requests themselves. */
  const detail = (grouping: ReportGrouping, range: ReportRange, tenantId?: string) =>
    test.rows(`SELECT tenant_id || '/' || coalesce(${grouping}_id, '') AS name, count(*)::int AS requests, sum(paid_nano_usd)::text AS paid,
      sum(baseline_nano_usd)::text AS baseline, coalesce(sum(latency_ms) FILTER (WHERE http_status < 400), 0)::float AS latency
      FROM llm_requests WHERE ${within(range, tenantId)} GROUP BY 1 ORDER BY 1`);
  const usersOf = async (range: ReportRange, tenantId?: string) => {
    const [row] = await test.rows<{ users: number }>(
      `SELECT count(DISTINCT (tenant_id, user_id))::int AS users FROM llm_requests WHERE user_id IS NOT NULL AND ${within(range, tenantId)}`,
    );
    return row?.users;
  };
  const scopes = fc.tuple(someRange, fc.constantFrom(undefined, 'acme'));

  it('give for any range exactly what its requests add up to', async () => {
    asked = [];
    await fc.assert(
      fc.asyncProperty(scopes, async ([range, tenantId]) => {
        for (const grouping of ['user', 'key'] as const) {
          const query = { tenantId, range, grouping, interval: 'none', order: 'name', isAscending: true } as const;
          const { rows } = await store.groups({ ...query, limit: 1_000 });
          const found = rows.map(({ tenant_id, value, totals }) => ({
            name: `${tenant_id}/${value}`,
            requests: totals.requests,
            paid: String(totals.paidNanoUsd),
            baseline: String(totals.baselineNanoUsd),
            latency: totals.latencyMs,
          }));
          expect(found).toEqual(await detail(grouping, range, tenantId));
        }
        const { overall, rows } = await store.units({ tenantId, range, interval: 'day' });
        expect(overall.activeUsers).toBe(await usersOf(range, tenantId));
        const byDay = await test.rows(`SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS bucket,
          count(DISTINCT (tenant_id, user_id)) FILTER (WHERE user_id IS NOT NULL)::int AS users
          FROM llm_requests WHERE ${within(range, tenantId)} GROUP BY 1 ORDER BY 1`);
        expect(rows.map(({ bucket, activeUsers }) => ({ bucket, users: activeUsers }))).toEqual(byDay);
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(asked.filter((sql) => sql.includes('cost_weekly_rollup')).length).toBeGreaterThan(40);
  }, 60_000);

  it('compare any range with the one before it', async () => {
    await fc.assert(
      fc.asyncProperty(scopes, async ([range, tenantId]) => {
        const { current, previous } = await store.periods({ tenantId, range });
        if (current.totals.requests > 0) expect(current.users).toBe(await usersOf(range, tenantId));
        if (previous.totals.requests > 0) expect(previous.users).toBe(await usersOf(rangeBefore(range), tenantId));
        const { rows } = await store.movers({ tenantId, range, grouping: 'user', limit: 1_000 });
        const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
        expect(sum(rows.map((row) => row.paidNanoUsd - row.previousPaidNanoUsd))).toBe(
          current.totals.paidNanoUsd - previous.totals.paidNanoUsd,
        );
      }),
      { numRuns: 20, seed: 8 },
    );
  }, 60_000);

  it('count the users of an hour', async () => {
    const range: ReportRange = {
      from: new Date('2026-03-03T00:00:00Z'),
      to: new Date('2026-03-05T05:00:00Z'),
      grain: 'hour',
    };
    const { overall, rows } = await store.units({ range, interval: 'hour' });
    expect(overall.activeUsers).toBe(await usersOf(range));
    expect(rows.map(({ bucket, activeUsers }) => ({ bucket, users: activeUsers }))).toEqual(
      await test.rows(`SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:00:00"Z"') AS bucket,
        count(DISTINCT (tenant_id, user_id)) FILTER (WHERE user_id IS NOT NULL)::int AS users
        FROM llm_requests WHERE ${within(range)} GROUP BY 1 ORDER BY 1`),
    );
  });

  it('are filled for days and hours that were rolled up before there were weeks', async () => {
    const tables = ['cost_weekly_rollup', 'rollup_active_users'];
    const stored = () =>
      Promise.all(tables.map((table) => test.rows(`SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY 1`)));
    const before = await stored();
    expect(before.map((rows) => rows.length > 100)).toEqual([true, true]);
    const migration = new CreateWeeklyRollups1796340060000();
    // Nobody else is here to be locked out, and there is no transaction to hold a lock.
    const query = (sql: string) => (sql.startsWith('LOCK') ? Promise.resolve([]) : test.rows(sql));
    const runner = { query } as unknown as Parameters<typeof migration.up>[0];
    await migration.down(runner);
    await migration.up(runner);
    expect(await stored()).toEqual(before);
  });
});
