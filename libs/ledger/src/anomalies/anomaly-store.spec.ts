import { sampleRecord } from '../testing/sample-record';
import { rollUpAll } from '../analytics/testing/roll-up';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 10, 20, 12);

describeWithPostgres('what a scope spent', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
    const savings = { cache: 0, routing: 0, prefix: 0, batching: 0 };
    const record = (requestId: string, tenantId: string, userId: string, createdAtMs: number, paidNanoUsd: number) =>
      sampleRecord({ requestId, tenantId, userId, createdAtMs, paidNanoUsd, baselineNanoUsd: paidNanoUsd, savings });
    await test.ledger.record([
      record('r1', 'acme', 'ann', NOON + 60_000, 7),
      { ...record('r2', 'acme', 'ann', NOON + HOUR_MS, 30), isHoldout: true },
      record('r3', 'acme', 'ann', NOON - 1, 500),
      record('r4', 'acme', 'bob', NOON, 1_000),
      record('r5', 'globex', 'ann', NOON, 10_000),
    ]);
    await rollUpAll(test.rows);
  });
  afterAll(() => test.end());

  it('is of that tenant and scope alone, from the beginning of the hour on', async () => {
    const { anomalies } = test.ledger;
    const since = new Date(NOON + 30 * 60_000);
    expect(await anomalies.spentSince({ tenantId: 'acme', dimension: 'user', value: 'ann' }, since)).toBe(37);
    expect(await anomalies.spentSince({ tenantId: 'acme', dimension: 'total', value: '' }, since)).toBe(1_037);
    expect(await anomalies.spentSince({ tenantId: 'initech', dimension: 'total', value: '' }, since)).toBe(0);
  });
});
