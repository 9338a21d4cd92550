import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { reportGroupings, type ReportGrouping } from './groupings';
import type { ReportRange } from './report-query';
import { rollUpAll } from './testing/roll-up';
import { sampleTraffic } from './testing/sample-traffic';
import { sumTotals, type ReportTotals } from './totals';

const FROM = new Date('2026-03-01T00:00:00Z');
const daysOf = (from: number, to: number): ReportRange => ({
  from: new Date(FROM.getTime() + from * 86_400_000),
  to: new Date(FROM.getTime() + to * 86_400_000),
  grain: 'day',
});
const all = daysOf(0, 12);

/** A grouping's groups, told of detail. */
const detailColumns: Record<ReportGrouping, string> = {
  user: `tenant_id || '/' || coalesce(user_id, '')`,
  team: `tenant_id || '/' || coalesce(team_id, '')`,
  tenant: 'tenant_id',
  feature: `coalesce(feature_name, '')`,
  key: `tenant_id || '/' || key_id`,
  model: `model_used || '/' || provider`,
  provider: 'provider',
  endpoint: 'endpoint',
  experiment: `tenant_id || '/' || experiment_variant || '/' || experiment_id`,
  tier: 'cache_tier',
  arm: `CASE WHEN is_holdout THEN 'holdout' ELSE 'optimised' END`,
};

const detailSums = `count(*)::int AS requests, (count(*) FILTER (WHERE http_status >= 400))::int AS errors,
  (count(*) FILTER (WHERE cache_tier <> 'miss'))::int AS hits, sum(paid_nano_usd)::text AS paid, sum(baseline_nano_usd)::text AS baseline,
  sum(savings_cache_nano_usd)::text AS cache, sum(savings_routing_nano_usd)::text AS routing,
  sum(savings_prefix_nano_usd)::text AS prefix, sum(savings_batching_nano_usd)::text AS batching,
  (count(*) FILTER (WHERE price_version IS NULL AND upstream_calls > 0))::int AS unpriced`;

const comparable = (totals: ReportTotals) => ({
  requests: totals.requests,
  errors: totals.errors,
  hits: totals.hits,
  paid: totals.paidNanoUsd.toString(),
  baseline: totals.baselineNanoUsd.toString(),
  cache: totals.cacheNanoUsd.toString(),
  routing: totals.routingNanoUsd.toString(),
  prefix: totals.prefixNanoUsd.toString(),
  batching: totals.batchingNanoUsd.toString(),
  unpriced: totals.unpricedRequests,
});

describeWithPostgres('the analytics store', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
    await test.ledger.record(sampleTraffic({ from: FROM, days: 12, requestsPerDay: 120 }));
    await rollUpAll(test.rows);
  });
  afterAll(() => test.end());

  const detail = (key: string, where = 'true') =>
    test.rows<{ key: string }>(`SELECT ${key} AS key, ${detailSums} FROM llm_requests WHERE ${where} GROUP BY 1`);
  const groupsOf = (grouping: ReportGrouping, more: object = {}) =>
    test.ledger.analytics.groups({
      range: all,
      grouping,
      interval: 'none',
      order: 'paid',
      isAscending: false,
      limit: 1_000,
      ...more,
    });

  it.each(reportGroupings)(
    'says of each %s what the detail says, for the deployment and for a tenant',
    async (grouping) => {
      const inExperiment = grouping === 'experiment' ? 'experiment_id IS NOT NULL' : 'true';
      for (const tenantId of [undefined, 'acme']) {
        const { rows, totals, hasMore } = await groupsOf(grouping, { tenantId });
        const where = tenantId === undefined ? 'true' : `tenant_id = '${tenantId}'`;
        const expected = await detail(detailColumns[grouping], `${where} AND ${inExperiment}`);
        const found = rows.map(({ tenant_id, value, parent, totals: sums }) => ({
          key: [tenant_id, value, parent].filter((name) => name !== undefined).join('/'),
          ...comparable(sums),
        }));
        expect(found).toHaveLength(expected.length);
        expect(found).toEqual(expect.arrayContaining(expected));
        const [overall] = await detail(`'all'`, where);
        expect({ key: 'all', ...comparable(totals) }).toEqual(overall);
        expect(hasMore).toBe(false);
      }
    },
  );

  it('puts the largest groups first, says whether there are more, and gives each of them with all its days', async () => {
    const everyone = await groupsOf('user');
    const paid = everyone.rows.map(({ totals }) => totals.paidNanoUsd);
    expect(paid).toEqual([...paid].sort((a, b) => (a < b ? 1 : -1)));
    const daily = await groupsOf('user', { limit: 2, interval: 'day' });
    expect(daily.hasMore).toBe(true);
    for (const { tenant_id, value, totals } of everyone.rows.slice(0, 2)) {
      const days = daily.rows.filter((row) => row.tenant_id === tenant_id && row.value === value);
      expect(days.map(({ bucket }) => bucket)).toEqual([...days.map(({ bucket }) => bucket)].sort());
      expect(sumTotals(days.map((row) => row.totals))).toEqual(totals);
    }
    expect(new Set(daily.rows.map(({ tenant_id, value }) => `${tenant_id}/${value}`)).size).toBe(2);
    const names = await groupsOf('feature', { order: 'name', isAscending: true });
    expect(names.rows.map(({ value }) => value)).toEqual(['', '=cmd|calc', 'chat', 'summary']);
  });

  it('gives the same by the hour as by the day', async () => {
    const range: ReportRange = { ...daysOf(2, 5), grain: 'hour' };
    const byHour = await groupsOf('model', { range, interval: 'hour' });
    const byDay = await groupsOf('model', { range: daysOf(2, 5), interval: 'day' });
    expect(byHour.rows.length).toBeGreaterThan(byDay.rows.length);
    expect(byHour.rows[0]?.bucket).toBe('2026-03-03T00:00:00Z');
    expect(sumTotals(byHour.rows.map(({ totals }) => totals))).toEqual(
      sumTotals(byDay.rows.map(({ totals }) => totals)),
    );
  });

  it.each([
    ['within a day', '2026-03-02T06:00:00Z', '2026-03-02T09:00:00Z'],
    ['over a midnight', '2026-03-02T06:00:00Z', '2026-03-03T09:00:00Z'],
    ['from within a day', '2026-03-02T06:00:00Z', '2026-03-08T00:00:00Z'],
    ['until within a day', '2026-03-02T00:00:00Z', '2026-03-08T01:00:00Z'],
    ['of whole days between two that are not', '2026-03-02T23:00:00Z', '2026-03-08T17:00:00Z'],
  ])('reads a range %s to the hour', async (_, from, to) => {
    const range: ReportRange = { from: new Date(from), to: new Date(to), grain: 'day' };
    const lengthMs = range.to.getTime() - range.from.getTime();
    const before = new Date(range.from.getTime() - lengthMs).toISOString();
    const sums = async (since: string, until: string) =>
      (await detail(`'all'`, `created_at >= '${since}' AND created_at < '${until}'`))[0];
    const [wanted, wantedBefore] = [await sums(from, to), await sums(before, from)];
    expect({ key: 'all', ...comparable((await groupsOf('tier', { range })).totals) }).toEqual(wanted);
    const byTier = await groupsOf('tier', { range, interval: 'day' });
    expect({ key: 'all', ...comparable(sumTotals(byTier.rows.map(({ totals }) => totals))) }).toEqual(wanted);
    const { current, previous } = await test.ledger.analytics.periods({ range });
    expect({ key: 'all', ...comparable(current.totals) }).toEqual(wanted);
    if (wantedBefore) expect({ key: 'all', ...comparable(previous.totals) }).toEqual(wantedBefore);
    const { rows } = await test.ledger.analytics.movers({ range, grouping: 'provider', limit: 9 });
    const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n).toString();
    expect(sum(rows.map((row) => row.paidNanoUsd))).toBe((wanted as unknown as { paid: string }).paid);
  });

  it('never shows a tenant another one’s rows, whatever is asked', async () => {
    const { analytics } = test.ledger;
    const scope = { tenantId: 'nobody', range: all };
    for (const grouping of reportGroupings) {
      const { rows, totals } = await groupsOf(grouping, { tenantId: 'nobody' });
      expect([rows, totals.requests]).toEqual([[], 0]);
      expect((await analytics.movers({ ...scope, range: daysOf(6, 12), grouping, limit: 9 })).rows).toEqual([]);
    }
    expect(await analytics.buckets({ ...scope, interval: 'day' })).toEqual([]);
    expect(await analytics.units({ ...scope, interval: 'day' })).toMatchObject({
      overall: { activeUsers: 0 },
      rows: [],
    });
    expect((await analytics.periods(scope)).current).toMatchObject({ users: 0, totals: { requests: 0 } });
    expect((await analytics.history({ tenantId: 'nobody', now: all.to, days: 99, hourlyDays: 9 })).days.size).toBe(0);
    for (const detail of ['model', 'user'] as const)
      expect(await analytics.charges({ ...scope, detail, limit: 99 })).toEqual([]);
  });

  it('counts a range and the one before it, each user once', async () => {
    const { current, previous } = await test.ledger.analytics.periods({ tenantId: 'acme', range: daysOf(6, 12) });
    const expected = async (where: string) => {
      const [sums] = await detail(`'all'`, `tenant_id = 'acme' AND ${where}`);
      const [users] = await test.rows<{ users: number }>(
        `SELECT count(DISTINCT user_id)::int AS users FROM llm_requests WHERE tenant_id = 'acme' AND ${where}`,
      );
      return [sums, users?.users];
    };
    const shown = ({ totals, users }: typeof current) => [{ key: 'all', ...comparable(totals) }, users];
    expect(shown(current)).toEqual(await expected(`created_at >= '2026-03-07'`));
    expect(shown(previous)).toEqual(await expected(`created_at < '2026-03-07'`));
  });

  it('divides by users and calls of features as the detail counts them', async () => {
    for (const tenantId of [undefined, 'globex']) {
      const where = tenantId === undefined ? 'true' : `tenant_id = '${tenantId}'`;
      const counted = (bucket: string) =>
        test.rows(`SELECT ${bucket} AS bucket, count(DISTINCT (tenant_id, user_id)) FILTER (WHERE user_id IS NOT NULL)::int AS users,
          (sum(paid_nano_usd) FILTER (WHERE user_id IS NOT NULL))::text AS user_cost, count(feature_name)::int AS calls,
          (sum(paid_nano_usd) FILTER (WHERE feature_name IS NOT NULL))::text AS feature_cost
          FROM llm_requests WHERE ${where} GROUP BY 1 ORDER BY 1`);
      const { rows, overall } = await test.ledger.analytics.units({ tenantId, range: all, interval: 'day' });
      const shown = (row: typeof overall) => ({
        bucket: row.bucket ?? 'all',
        users: row.activeUsers,
        user_cost: row.userCostNanoUsd.toString(),
        calls: row.featureCalls,
        feature_cost: row.featureCostNanoUsd.toString(),
      });
      expect(rows.map(shown)).toEqual(await counted(`to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`));
      expect([shown(overall)]).toEqual(await counted(`'all'`));
      const alone = await test.ledger.analytics.units({ tenantId, range: all, interval: 'none' });
      expect(alone).toEqual({ overall, rows: [] });
    }
  });

  it('finds what changed most, what is new and what is gone', async () => {
    const { rows } = await test.ledger.analytics.movers({ range: daysOf(6, 12), grouping: 'user', limit: 3 });
    const expected = await test.rows<{ key: string; change: string }>(`
      SELECT tenant_id || '/' || coalesce(user_id, '') AS key,
        (sum(paid_nano_usd) FILTER (WHERE created_at >= '2026-03-07') - sum(paid_nano_usd) FILTER (WHERE created_at < '2026-03-07'))::text AS change
      FROM llm_requests GROUP BY 1 ORDER BY abs(sum(CASE WHEN created_at >= '2026-03-07' THEN paid_nano_usd ELSE -paid_nano_usd END)) DESC LIMIT 3`);
    expect(
      rows.map((row) => ({
        key: `${row.tenant_id}/${row.value}`,
        change: (row.paidNanoUsd - row.previousPaidNanoUsd).toString(),
      })),
    ).toEqual(expected);
    const first = await test.ledger.analytics.movers({ range: daysOf(0, 6), grouping: 'model', limit: 1 });
    expect(first.hasMore).toBe(true);
    expect(first.rows[0]).toMatchObject({ previousPaidNanoUsd: 0n, previousRequests: 0 });
  });

  it('tells what was paid by day and by hour, of everything and of one group', async () => {
    const now = new Date('2026-03-12T15:30:00Z');
    const history = await test.ledger.analytics.history({ now, days: 5, hourlyDays: 2 });
    const paidBy = (format: string, since: string, where = 'true') =>
      test.rows<{ bucket: string; paid: string }>(`SELECT to_char(created_at AT TIME ZONE 'UTC', '${format}') AS bucket,
        sum(paid_nano_usd)::text AS paid FROM llm_requests WHERE created_at >= '${since}' AND ${where} GROUP BY 1`);
    const asMap = (rows: { bucket: string; paid: string }[]) =>
      new Map(rows.map((row) => [row.bucket, BigInt(row.paid)]));
    expect(history.days).toEqual(asMap(await paidBy('YYYY-MM-DD', '2026-03-07')));
    expect(history.hours).toEqual(asMap(await paidBy('YYYY-MM-DD"T"HH24:00:00"Z"', '2026-03-10')));
    const of = { grouping: 'user', value: 'user-3' } as const;
    const ofUser = await test.ledger.analytics.history({ tenantId: 'acme', of, now, days: 5, hourlyDays: 2 });
    expect(ofUser.days).toEqual(
      asMap(await paidBy('YYYY-MM-DD', '2026-03-07', `tenant_id = 'acme' AND user_id = 'user-3'`)),
    );
  });

  it.each(['model', 'user'] as const)(
    'pages through charges by %s without losing or repeating one',
    async (detailName) => {
      for (const tenantId of [undefined, 'acme']) {
        const query = { tenantId, range: all, detail: detailName };
        const whole = await test.ledger.analytics.charges({ ...query, limit: 100_000 });
        const paged = [];
        for (;;) {
          const page = await test.ledger.analytics.charges({ ...query, limit: 7, after: paged.at(-1) });
          paged.push(...page);
          if (page.length < 7) break;
        }
        expect(paged).toEqual(whole);
        const [paid] = await detail(`'all'`, tenantId === undefined ? 'true' : `tenant_id = '${tenantId}'`);
        expect(whole.reduce((sum, row) => sum + row.paidNanoUsd, 0n).toString()).toBe(
          (paid as unknown as { paid: string }).paid,
        );
        expect(whole.every(({ provider }) => provider === 'openai' || provider === 'anthropic')).toBe(true);
      }
    },
  );
});
