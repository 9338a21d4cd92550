import type { CompletionRecord } from '@costlane/contracts';
import { reports } from './all-reports';
import {
  DAYS,
  INFRASTRUCTURE_NANO_USD,
  LAST_DAY,
  NOW,
  reportRecords,
  RESERVED_NANO_USD_PER_HOUR,
} from './testing/report-records';
import { describeWithPostgres, startTestAnalytics, type Line, type TestAnalytics } from './testing/test-analytics';
import { usd } from './usd';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIRST_DAY = LAST_DAY - (DAYS - 1) * DAY_MS;
const records = reportRecords();
/** Those of the default range: 30 days up to the end of today, which has none. */
const recent = records.filter(({ createdAtMs }) => createdAtMs >= LAST_DAY - 28 * DAY_MS);
const ofAcme = recent.filter(({ tenantId }) => tenantId === 'acme');

const total = (of: CompletionRecord[], amount: (record: CompletionRecord) => number): bigint =>
  of.reduce((sum, record) => sum + BigInt(amount(record)), 0n);
const paid = (of: CompletionRecord[]): string => usd(total(of, ({ paidNanoUsd }) => paidNanoUsd));
const baseline = (of: CompletionRecord[]): string => usd(total(of, ({ baselineNanoUsd }) => baselineNanoUsd));
const infrastructure = (of: CompletionRecord[]): string => usd(BigInt(of.length * INFRASTRUCTURE_NANO_USD));
const nano = (text: unknown): bigint => BigInt(String(text).replace('.', ''));
const sumOf = (rows: Line[], column: string): bigint => rows.reduce((sum, row) => sum + nano(row[column]), 0n);

describeWithPostgres('reports', () => {
  let test: TestAnalytics;
  beforeAll(async () => void (test = await startTestAnalytics()));
  afterAll(() => test.end());

  it('sum a period up, beside the one before', async () => {
    const { current, previous, change_share } = await test.document('summary', {}, 'acme');
    expect(current).toMatchObject({
      requests: ofAcme.length,
      paid_usd: paid(ofAcme),
      baseline_usd: baseline(ofAcme),
      infrastructure_usd: infrastructure(ofAcme),
      users: new Set(ofAcme.map(({ userId }) => userId).filter((user) => user !== undefined)).size,
      hit_rate: Number((ofAcme.filter(({ cacheTier }) => cacheTier !== 'miss').length / ofAcme.length).toFixed(6)),
      from: '2026-10-29T00:00:00.000Z',
      to: '2026-11-28T00:00:00.000Z',
    });
    const before = records.filter((one) => one.tenantId === 'acme' && !ofAcme.includes(one));
    expect(previous).toMatchObject({ requests: before.length, paid_usd: paid(before) });
    expect(change_share['requests']).toBeCloseTo(ofAcme.length / before.length - 1, 5);
  });

  it('tell costs apart by user, each with its exact sums, the largest first', async () => {
    const { rows, totals } = await test.document('costs', { group_by: 'user' }, 'acme');
    expect(totals).toMatchObject({ requests: ofAcme.length, paid_usd: paid(ofAcme) });
    for (const row of rows) {
      const own = ofAcme.filter(({ userId }) => (userId ?? '') === row['user_id']);
      expect(row).toMatchObject({
        tenant_id: 'acme',
        requests: own.length,
        paid_usd: paid(own),
        infrastructure_usd: infrastructure(own),
        net_savings_usd: usd(nano(baseline(own)) - nano(paid(own)) - nano(infrastructure(own))),
        tokens_output: own.length * 23,
        mean_latency_ms: 100,
      });
    }
    expect(rows.map((row) => nano(row['paid_usd']))).toEqual(
      rows.map((row) => nano(row['paid_usd'])).sort((a, b) => Number(b - a)),
    );
    expect(sumOf(rows, 'paid_usd')).toBe(nano(paid(ofAcme)));
  });

  it('name what they are told apart by as cost_events does', async () => {
    const namesOf = async (group_by: string) => Object.keys((await test.document('costs', { group_by })).rows[0] ?? {});
    expect(await namesOf('model')).toEqual(expect.arrayContaining(['model', 'provider']));
    expect((await namesOf('experiment')).slice(0, 3)).toEqual(['tenant_id', 'experiment_id', 'experiment_variant']);
    expect((await namesOf('tenant')).slice(0, 2)).toEqual(['tenant_id', 'requests']);
    expect((await namesOf('tier'))[0]).toBe('cache_tier');
    const { rows } = await test.document('costs', { group_by: 'feature', interval: 'day', limit: '2' });
    expect(Object.keys(rows[0] ?? {}).slice(0, 2)).toEqual(['date', 'feature_name']);
    expect(rows).toHaveLength(2 * 29);
  });

  it('split savings by cause, and take off what saving costs', async () => {
    const { rows, ...head } = await test.document('savings');
    const amounts = Object.fromEntries(rows.map(({ cause, amount_usd }) => [cause, amount_usd]));
    const saved = nano(baseline(recent)) - nano(paid(recent));
    expect(amounts).toEqual({
      cache: usd(total(recent, ({ savings }) => savings.cache)),
      routing: usd(total(recent, ({ savings }) => savings.routing)),
      prefix: usd(total(recent, ({ savings }) => savings.prefix)),
      batching: usd(0n),
      infrastructure: `-${infrastructure(recent)}`,
      net: usd(saved - nano(infrastructure(recent))),
    });
    expect(head).toMatchObject({ savings_usd: usd(saved), baseline_usd: baseline(recent) });
    const shares = rows.slice(0, 4).map((row) => Number(row['share_of_savings']));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    const daily = await test.document('savings', { interval: 'day' });
    expect(daily.rows).toHaveLength(6 * 29);
    expect(
      sumOf(
        daily.rows.filter(({ cause }) => cause === 'net'),
        'amount_usd',
      ),
    ).toBe(nano(amounts['net']));
  });

  it('tell of the whole deployment what it keeps ready and what of that no request accounts for', async () => {
    const { machines, ...head } = await test.document('savings');
    const until = Math.floor(NOW.getTime() / HOUR_MS) * HOUR_MS;
    // The first day of the range that has a request.
    const from = LAST_DAY - 28 * DAY_MS;
    const reserved = BigInt(((until - from) / HOUR_MS) * RESERVED_NANO_USD_PER_HOUR);
    expect(machines).toEqual({
      from: new Date(from).toISOString(),
      to: new Date(until).toISOString(),
      reserved_usd: usd(reserved),
      attributed_usd: infrastructure(recent),
      idle_usd: usd(reserved - nano(infrastructure(recent))),
      savings_less_reserved_usd: usd(nano(head['savings_usd']) - reserved),
    });
    expect((await test.document('savings', {}, 'acme'))['machines']).toBeUndefined();
  });

  it('count what is kept ready from the first request on, from within a day, and up to now only', async () => {
    const hoursOf = async (from: string, to: string): Promise<number> => {
      const { machines } = await test.document('savings', { from, to });
      return Number(nano((machines as Line)['reserved_usd'])) / RESERVED_NANO_USD_PER_HOUR;
    };
    expect(await hoursOf('2026-11-20T10:00:00Z', '2026-11-21')).toBe(14);
    expect(await hoursOf('2026-10-01', '2026-10-20')).toBe((Date.parse('2026-10-20') - FIRST_DAY) / HOUR_MS);
    expect(await hoursOf('2026-09-01', '2026-09-20')).toBe(0);
    expect(await hoursOf('2026-11-26', '2027-11-20')).toBe(Math.floor((NOW.getTime() - LAST_DAY) / HOUR_MS));
  });

  it('set what is saved against what it costs, per call', async () => {
    const { rows } = await test.document('roi', { group_by: 'experiment' }, 'acme');
    expect(rows.map((row) => row['experiment_variant']).sort()).toEqual(['a', 'b']);
    for (const row of rows) {
      const own = ofAcme.filter(({ experimentVariant }) => experimentVariant === row['experiment_variant']);
      const saved = nano(baseline(own)) - nano(paid(own));
      expect(row).toMatchObject({
        requests: own.length,
        savings_usd: usd(saved),
        infrastructure_per_call_usd: '0.000001000',
        savings_per_call_usd: usd((saved + BigInt(own.length) / 2n) / BigInt(own.length)),
      });
      expect(row['roi']).toBeCloseTo(Number(saved) / (own.length * INFRASTRUCTURE_NANO_USD), 5);
    }
  });

  it('say what would have been paid with a lever off', async () => {
    const cost = nano(paid(ofAcme)) + nano(infrastructure(ofAcme));
    const cached = total(ofAcme, ({ savings }) => savings.cache);
    const withoutCache = await test.document('what-if', { without: 'cache' }, 'acme');
    expect(withoutCache.total).toMatchObject({
      cost_usd: usd(cost),
      what_if_cost_usd: usd(cost + cached),
      difference_usd: usd(cached),
    });
    expect(withoutCache.rows).toHaveLength(29);
    const withoutAll = await test.document('what-if', {}, 'acme');
    expect(withoutAll.total).toMatchObject({ what_if_cost_usd: baseline(ofAcme) });
  });

  it('divide costs by users, calls of features, requests and tokens', async () => {
    const { total: all, rows, users } = await test.document('unit-economics', {}, 'acme');
    const named = ofAcme.filter(({ userId }) => userId !== undefined);
    const cost = (of: CompletionRecord[]) => nano(paid(of)) + nano(infrastructure(of));
    const per = (amount: bigint, count: number) => usd((amount + BigInt(count) / 2n) / BigInt(count));
    expect(users).toBe(new Set(named.map(({ userId }) => userId)).size);
    expect(all).toMatchObject({
      cost_per_user_usd: per(cost(named), Number(users)),
      cost_per_request_usd: per(cost(ofAcme), ofAcme.length),
      cost_per_feature_call_usd: per(cost(ofAcme), ofAcme.length),
    });
    const first = ofAcme.filter(({ createdAtMs }) => createdAtMs < LAST_DAY - 27 * DAY_MS);
    const active = new Set(first.map(({ userId }) => userId).filter((user) => user !== undefined));
    expect(rows[0]).toMatchObject({
      date: '2026-10-29',
      active_users: active.size,
      cost_per_active_user_usd: per(cost(first.filter(({ userId }) => userId !== undefined)), active.size),
    });
    expect((await test.document('unit-economics', { interval: 'none' }, 'acme')).rows).toEqual([all]);
  });

  it('find what moved, and tell the new and the gone', async () => {
    const range = { from: '2026-11-17', to: '2026-11-27' };
    const { rows } = await test.document('movers', { ...range, group_by: 'model' }, 'acme');
    const during = (from: string, to: string, model: unknown) =>
      records.filter(
        (one) =>
          one.tenantId === 'acme' &&
          one.modelUsed === model &&
          one.createdAtMs >= Date.parse(from) &&
          one.createdAtMs < Date.parse(to),
      );
    for (const row of rows)
      expect(row).toMatchObject({
        paid_usd: paid(during('2026-11-17', '2026-11-27', row['model'])),
        previous_paid_usd: paid(during('2026-11-07', '2026-11-17', row['model'])),
        kind: 'up',
      });
    const gone = await test.document('movers', { from: '2026-11-27', to: '2026-12-07', group_by: 'model' }, 'acme');
    expect(gone.rows[0]).toMatchObject({ kind: 'gone', paid_usd: '0.000000000', change_share: -1 });
    const fresh = await test.document('movers', { from: '2026-10-18', to: '2026-10-28', group_by: 'model' }, 'acme');
    expect(fresh.rows[0]).toMatchObject({ kind: 'new', change_share: null });
  });

  it('forecast the end of the month, with a budget set against it', async () => {
    const forecast = await test.document('forecast', { budget_usd: '0.03' }, 'acme');
    const month = records.filter((one) => one.tenantId === 'acme' && one.createdAtMs >= Date.parse('2026-11-01'));
    expect(forecast).toMatchObject({
      method: 'weekly',
      paid_so_far_usd: paid(month),
      period_end: '2026-12-01T00:00:00.000Z',
    });
    const interval = forecast['interval_80'] as { low_usd: string; high_usd: string };
    const [low, expected, high] = [interval.low_usd, forecast['expected_usd'], interval.high_usd].map(nano);
    expect(nano(paid(month)) <= (low ?? 0n) && (low ?? 0n) < (expected ?? 0n) && (expected ?? 0n) < (high ?? 0n)).toBe(
      true,
    );
    expect(forecast.rows).toHaveLength(30);
    expect(sumOf(forecast.rows, 'expected_usd')).toBeGreaterThan(nano(paid(month)));
    expect(forecast.rows.at(-1)).toMatchObject({ date: '2026-11-30', paid_usd: null });
    const budget = forecast['budget'] as Line;
    expect(budget['limit_usd']).toBe('0.030000000');
    expect(budget['used_share']).toBeCloseTo(Number(nano(paid(month))) / 30_000_000, 5);
    const rich = await test.document('forecast', { budget_usd: '1000', group_by: 'feature', value: 'chat' }, 'acme');
    expect(rich['budget']).toMatchObject({ chance_exceeded: 0, expected_on: null });
  });

  it('come as the same table that their rows are, with a header also when empty, and without a formula', async () => {
    for (const name of reports.keys()) {
      const csv = await test.exported(name, { format: 'csv' }, 'acme');
      const empty = await test.exported(name, { format: 'csv' }, 'nobody');
      expect(empty.split('\r\n')[0]).toBe(csv.split('\r\n')[0]);
      expect(csv).not.toMatch(/(^|,)"?[=@+]/m);
    }
    const { rows } = await test.document('costs', { group_by: 'feature' }, 'acme');
    const lines = (await test.exported('costs', { group_by: 'feature', format: 'csv' }, 'acme'))
      .trimEnd()
      .split('\r\n');
    expect(lines[0]).toBe(Object.keys(rows[0] ?? {}).join(','));
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(
      rows.map(({ feature_name }) => (feature_name === '=cmd|calc' ? `'=cmd|calc` : feature_name)),
    );
  });

  it('name no other tenant, nor anything of it', async () => {
    for (const name of reports.keys()) {
      const shown = JSON.stringify(await test.document(name, {}, 'acme')) + (await test.exported(name, {}, 'acme'));
      expect(shown).not.toContain('globex');
    }
    for (const group_by of ['user', 'team', 'tenant', 'feature', 'key', 'experiment'])
      expect(JSON.stringify(await test.document('costs', { group_by }, 'acme'))).not.toContain('globex');
    expect(await test.exported('focus', { detail: 'user' }, 'acme')).not.toContain('globex');
    const everyone = await test.document('costs', { group_by: 'tenant' });
    expect(everyone.rows.map(({ tenant_id }) => tenant_id).sort()).toEqual(['acme', 'globex']);
  });

  it('are refused by name where a parameter is wrong, unknown or missing', async () => {
    const refused = async (report: string, parameters: Record<string, string>, tenantId?: string) =>
      test.analytics.report({ report, tenantId, parameters }).then(
        () => 'taken',
        (error: { code: string; field?: string }) => [error.code, error.field],
      );
    expect(await refused('weather', {})).toEqual(['not_found', 'report']);
    for (const name of reports.keys())
      expect(await refused(name, { colour: 'red' })).toEqual(['invalid_request', 'colour']);
    expect(await refused('costs', { group_by: 'colour' })).toEqual(['invalid_request', 'group_by']);
    expect(await refused('costs', { order: 'paid.up' })).toEqual(['invalid_request', 'order']);
    expect(await refused('what-if', { without: 'luck' })).toEqual(['invalid_request', 'without']);
    expect(await refused('forecast', { group_by: 'user' }, 'acme')).toEqual(['invalid_request', 'value']);
    expect(await refused('forecast', { value: 'x' }, 'acme')).toEqual(['invalid_request', 'group_by']);
    expect(await refused('forecast', { group_by: 'user', value: 'x' })).toEqual(['invalid_request', 'tenant_id']);
    const focus = test.exported('focus', { from: '2026-11-01T01:00:00Z' });
    await expect(focus).rejects.toMatchObject({ code: 'invalid_request', field: 'from' });
  });

  it('are one statement each, and none while the answer is kept', async () => {
    test.rolledUp();
    for (const name of reports.keys()) {
      const before = test.statements();
      await test.document(name, {}, 'globex');
      await test.document(name, {}, 'globex');
      expect(test.statements() - before).toBe(1);
    }
    expect(DAYS).toBeGreaterThan(30);
  });

  it('show what a rollup has brought as soon as it is said', async () => {
    const requests = async () => (await test.document('summary', {}, 'acme')).current['requests'];
    const before = await requests();
    const [record] = records.filter(({ tenantId }) => tenantId === 'acme');
    await test.ledger.record([{ ...(record as CompletionRecord), requestId: 'req_late', createdAtMs: LAST_DAY }]);
    await test.ledger.rollups.run();
    expect(await requests()).toBe(before);
    test.rolledUp();
    expect(await requests()).toBe(Number(before) + 1);
  });
});
