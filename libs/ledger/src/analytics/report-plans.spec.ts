import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { createAnalyticsStore, type AnalyticsStore } from './analytics-store';
import { groupOrders, type GroupOrder } from './group-totals';
import { reportGroupings } from './groupings';
import type { ReportRange } from './report-query';
import { sampleTraffic } from './testing/sample-traffic';
import { rollUpAll } from './testing/roll-up';

const from = new Date('2026-03-01T00:00:00Z');
const to = new Date('2026-03-11T00:00:00Z');
const scopes = (['day', 'hour'] as const).flatMap((grain) =>
  [undefined, 'acme'].map((tenantId) => ({ tenantId, range: { from, to, grain } satisfies ReportRange })),
);

/** Every kind of question that can be asked of the store. */
const questions: ((store: AnalyticsStore) => Promise<unknown>)[] = scopes.flatMap((scope) => [
  ...reportGroupings.flatMap((grouping) => [
    (store: AnalyticsStore) =>
      store.groups({ ...scope, grouping, interval: 'day', order: 'paid', isAscending: false, limit: 10 }),
    (store: AnalyticsStore) => store.movers({ ...scope, grouping, limit: 10 }),
  ]),
  ...([...Object.keys(groupOrders), 'name'] as GroupOrder[]).map(
    (order) => (store: AnalyticsStore) =>
      store.groups({ ...scope, grouping: 'user', interval: 'none', order, isAscending: true, limit: 10 }),
  ),
  (store) => store.buckets({ ...scope, interval: 'day' }),
  (store) => store.periods(scope),
  (store) => store.holdout(scope),
  ...(scope.tenantId === undefined ? [(store: AnalyticsStore) => store.holdoutByTenant(scope.range)] : []),
  (store) => store.units({ ...scope, interval: 'day' }),
  (store) => store.units({ ...scope, interval: 'none' }),
  (store) => store.history({ tenantId: scope.tenantId, now: to, days: 180, hourlyDays: 28 }),
  (store) =>
    store.history({ tenantId: 'acme', of: { grouping: 'user', value: 'user-1' }, now: to, days: 180, hourlyDays: 28 }),
  ...(scope.range.grain === 'day'
    ? (['model', 'user'] as const).map(
        (detail) => (store: AnalyticsStore) => store.charges({ ...scope, detail, limit: 10 }),
      )
    : []),
]);

const rollups = [
  'cost_weekly_rollup',
  'cost_daily_rollup',
  'cost_hourly_rollup',
  'cost_daily_summary',
  'rollup_active_users',
];

/** All tables that a plan reads. */
function relationsOf(plan: unknown): string[] {
  if (Array.isArray(plan)) return plan.flatMap(relationsOf);
  if (typeof plan !== 'object' || plan === null) return [];
  return Object.entries(plan).flatMap(([name, value]) =>
    name === 'Relation Name' ? [String(value)] : relationsOf(value),
  );
}

describeWithPostgres('the plans of reports', () => {
  let test: TestLedger;
  const asked: { sql: string; parameters: readonly unknown[] }[] = [];
  let store: AnalyticsStore;
  beforeAll(async () => {
    test = await startTestLedger();
    await test.ledger.record(sampleTraffic({ from, days: 10, requestsPerDay: 40 }));
    await rollUpAll(test.rows);
    store = createAnalyticsStore({
      query: <Row extends object>(sql: string, parameters: readonly unknown[] = []) => {
        asked.push({ sql, parameters });
        return test.rows<Row>(sql, [...parameters]);
      },
    });
  });
  afterAll(() => test.end());

  it('are one statement a question', async () => {
    for (const question of questions) {
      const before = asked.length;
      await question(store);
      expect(asked.length - before).toBe(1);
    }
  });

  it('read rollups, and never a single request', async () => {
    expect(asked).toHaveLength(questions.length);
    for (const { sql, parameters } of asked) {
      const [row] = await test.rows<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON) ${sql}`, [...parameters]);
      const relations = relationsOf(row?.['QUERY PLAN']);
      expect(relations.length).toBeGreaterThan(0);
      expect(rollups).toEqual(expect.arrayContaining(relations));
    }
  });

  it('would be caught reading detail', async () => {
    const [row] = await test.rows<{ 'QUERY PLAN': unknown }>(
      `EXPLAIN (FORMAT JSON) SELECT sum(base_cost) FROM cost_events`,
    );
    expect(relationsOf(row?.['QUERY PLAN']).some((name) => name.startsWith('llm_requests'))).toBe(true);
  });

  it('have the tenant bound wherever one asks', () => {
    const ofTenant = asked.filter(({ parameters }) => parameters.includes('acme'));
    expect(ofTenant.length).toBeGreaterThan(questions.length / 2);
    for (const { sql } of ofTenant) expect(sql).not.toContain('tenant_id <>');
  });
});
