import type { CompletionRecord } from '@costlane/contracts';
import {
  describeWithPostgres,
  startTestAnalytics,
  type Line,
  type TestAnalytics,
} from '../analytics/testing/test-analytics';
import { INFRASTRUCTURE_NANO_USD, LAST_DAY } from '../analytics/testing/report-records';
import { testRecord } from '../testing/test-stream';
import { createMeasuredShares } from './measured-shares';

const DAY_MS = 86_400_000;

/**
 * A user's requests over ten days, at list prices of their own. Held out, four fifths of the list price is paid, as the provider gives a discount to anybody; of the others a third of the requests is answered
 * from the cache and the rest costs half.
 */
function requestsOf(tenantId: string, user: number, isHoldout: boolean): CompletionRecord[] {
  return Array.from({ length: 6 }, (_, at) => {
    const baselineNanoUsd = 1_000_000 + 10_000 * ((user * 37 + at * 11) % 50);
    const isHit = !isHoldout && at % 3 === 0;
    const paidNanoUsd = isHoldout ? (baselineNanoUsd * 4) / 5 : isHit ? 0 : baselineNanoUsd / 2;
    const saved = baselineNanoUsd - paidNanoUsd;
    return testRecord(`${tenantId}_${user}_${at}`, {
      tenantId,
      userId: `${tenantId}-user-${user}`,
      cacheTier: isHit ? 'exact' : 'miss',
      baselineNanoUsd,
      paidNanoUsd,
      savings: { cache: isHit ? saved : 0, routing: isHit ? 0 : saved, prefix: 0, batching: 0 },
      createdAtMs: LAST_DAY - ((user + at) % 10) * DAY_MS,
      ...(isHoldout ? { isHoldout: true as const } : {}),
    });
  });
}
const users = (tenantId: string, count: number, held: number): CompletionRecord[] =>
  Array.from({ length: count }, (_, user) => requestsOf(tenantId, user, user < held)).flat();
const amountOf = (text: unknown): number => Number(text);

describeWithPostgres('the report of the holdout', () => {
  let test: TestAnalytics;
  beforeAll(
    async () =>
      void (test = await startTestAnalytics([
        ...users('acme', 200, 40),
        ...users('globex', 100, 10),
        ...users('initech', 50, 0),
      ])),
  );
  afterAll(() => test.end());

  const rowsOf = async (tenantId?: string): Promise<Record<string, Line>> => {
    const { rows } = await test.document('holdout', {}, tenantId);
    return Object.fromEntries(rows.map((row) => [String(row['figure']), row]));
  };

  it('shows what is saved in truth beside what list prices say, net and with an interval', async () => {
    const report = await test.document('holdout', {}, 'acme');
    expect(report).toMatchObject({
      tenant_id: 'acme',
      verdict: 'measured',
      days_more: null,
      is_baseline_alike: true,
      groups: {
        holdout: { users: 40, requests: 240, paid_share_of_baseline: 0.8 },
        optimised: { users: 160, requests: 960 },
      },
    });
    const { computed, measured, measured_per_request: perRequest } = await rowsOf('acme');
    // Two thirds of the requests cost a half: a third of the list price, and our own machines.
    expect(computed?.['saved_share']).toBeCloseTo(1 - 1 / 3, 1);
    expect(amountOf(measured?.['saved_share'])).toBeCloseTo(amountOf(computed?.['saved_share']) - 0.2, 5);
    expect(amountOf(measured?.['high_share'])).toBeLessThan(amountOf(computed?.['saved_share']));
    for (const row of [measured, perRequest]) {
      expect(amountOf(row?.['low_usd'])).toBeLessThan(amountOf(row?.['saved_usd']));
      expect(amountOf(row?.['saved_usd'])).toBeLessThan(amountOf(row?.['high_usd']));
      expect(amountOf(row?.['saved_per_request_usd']) * 960).toBeCloseTo(amountOf(row?.['saved_usd']), 5);
    }
    expect([computed?.['low_usd'], computed?.['high_share']]).toEqual([null, null]);
  });

  it('is of exact sums where it is computed', async () => {
    const own = users('acme', 200, 40).filter(({ isHoldout }) => !isHoldout);
    const net = own.reduce(
      (sum, { baselineNanoUsd, paidNanoUsd }) => sum + baselineNanoUsd - paidNanoUsd - INFRASTRUCTURE_NANO_USD,
      0,
    );
    expect((await rowsOf('acme'))['computed']?.['saved_usd']).toBe((net / 1e9).toFixed(9));
  });

  it('is of all tenants that hold somebody out where nobody is named', async () => {
    const report = await test.document('holdout');
    expect(report).toMatchObject({
      tenant_id: null,
      verdict: 'measured',
      groups: { holdout: { users: 50 }, optimised: { users: 250 } },
    });
  });

  it('says how much longer it takes where too few are held out, and gives no figure before', async () => {
    const report = await test.document('holdout', {}, 'globex');
    expect(report).toMatchObject({ verdict: 'not_enough_users', days_more: 20, minimum_users: 30 });
    expect(report['note']).toContain('Not enough yet: the smaller group has 10 users, and 30 are needed');
    const { measured, computed } = await rowsOf('globex');
    expect([measured?.['saved_usd'], measured?.['low_share']]).toEqual([null, null]);
    expect(computed?.['saved_usd']).not.toBeNull();
  });

  it('says what to do where nobody is held out', async () => {
    const report = await test.document('holdout', {}, 'initech');
    expect(report).toMatchObject({ verdict: 'nobody_held_out', note: expect.stringContaining('HOLDOUT_SHARE') });
    expect(report.rows).toHaveLength(3);
  });

  it('is at hand for rules that look at all tenants, once there are users enough', async () => {
    let nowMs = LAST_DAY + 1.5 * DAY_MS;
    let asked = 0;
    const { holdout, holdoutByTenant } = test.ledger.analytics;
    const shares = createMeasuredShares(
      { holdout: (query) => (asked++, holdout(query)), holdoutByTenant },
      () => nowMs,
    );
    const found = await shares();
    expect(found.map(({ tenantId }) => tenantId)).toEqual(['*', 'acme']);
    for (const { share, upper } of found) {
      expect(share).toBeCloseTo(0.8 - 1 / 3, 1);
      expect(upper).toBeGreaterThan(share);
    }
    expect(await shares()).toBe(found);
    nowMs += 3_600_000;
    expect(await shares()).toEqual(found);
    expect(asked).toBe(2);
  });
});
