import { sampleRecord } from './testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from './testing/test-ledger';

const day = Date.parse('2026-03-04T00:00:00Z');
const DAY_MS = 86_400_000;
const paid = (requestId: string, paidNanoUsd: number, createdAtMs = day, tenantId = 'acme') =>
  sampleRecord({
    requestId,
    createdAtMs,
    tenantId,
    paidNanoUsd,
    baselineNanoUsd: paidNanoUsd,
    savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
  });

describeWithPostgres('the check of the ledger', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(() => test.empty());
  afterAll(() => test.end());

  const rollUp = () => test.ledger.rollups.run();
  /** Changes rows behind the back of the triggers. */
  const tamper = async (statement: string) => {
    await test.rows(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; COMMIT`);
  };

  it('adds up of an empty ledger', async () => {
    expect(await test.ledger.check()).toMatchObject({
      isBalanced: true,
      requests: 0,
      paidNanoUsd: 0n,
      enteredNanoUsd: 0n,
    });
  });

  it('adds up of what was recorded, twice and rolled up or not', async () => {
    const records = [paid('req_1', 10), paid('req_2', 20), paid('req_3', 5, day + DAY_MS, 'globex')];
    await test.ledger.record(records);
    await test.ledger.record(records);
    expect(await test.ledger.check()).toMatchObject({
      isBalanced: true,
      requests: 3,
      paidNanoUsd: 35n,
      enteredNanoUsd: 35n,
      daysCompared: 0,
      daysWaiting: 2,
    });
    await rollUp();
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true, daysCompared: 2, daysWaiting: 0 });
  });

  it('names the tenants and days whose entries are not what the records say', async () => {
    await test.ledger.record([paid('req_1', 10), paid('req_2', 20, day + DAY_MS), paid('req_3', 7, day, 'globex')]);
    await tamper(`UPDATE llm_requests SET paid_nano_usd = 21, baseline_nano_usd = 21 WHERE request_id = 'req_2'`);
    await tamper(`DELETE FROM llm_requests WHERE request_id = 'req_3'`);
    const check = await test.ledger.check();
    expect(check).toMatchObject({ isBalanced: false, paidNanoUsd: 31n, enteredNanoUsd: 37n });
    const exactly = { requests: 1, expectedRequests: 1, paidNanoUsd: 20n, expectedPaidNanoUsd: 21n };
    expect(check.entryDifferences).toEqual({
      count: 2,
      listed: [
        {
          tenantId: 'globex',
          day: '2026-03-04',
          requests: 1,
          expectedRequests: 0,
          paidNanoUsd: 7n,
          expectedPaidNanoUsd: 0n,
        },
        { tenantId: 'acme', day: '2026-03-05', ...exactly },
      ],
    });
  });

  it('names no more than fifty of them, and says how many there are', async () => {
    await test.ledger.record(Array.from({ length: 60 }, (_, i) => paid(`req_${i}`, 1, day + i * DAY_MS)));
    await tamper(`DELETE FROM llm_requests`);
    const { entryDifferences } = await test.ledger.check();
    expect(entryDifferences.count).toBe(60);
    expect(entryDifferences.listed).toHaveLength(50);
    expect(entryDifferences.listed[0]?.day).toBe('2026-03-04');
  });

  it('names the days whose rollups are not what the records say, and passes over what is not rolled up yet', async () => {
    await test.ledger.record([paid('req_1', 10), paid('req_2', 20, day + DAY_MS)]);
    await rollUp();
    await tamper(`UPDATE cost_daily_rollup SET paid_nano_usd = 11 WHERE bucket = '2026-03-04' AND dimension = 'total'`);
    const check = await test.ledger.check();
    expect(check).toMatchObject({ isBalanced: false, daysCompared: 2, rollupDifferences: { count: 1 } });
    expect(check.rollupDifferences.listed).toMatchObject([
      { tenantId: 'acme', day: '2026-03-04', paidNanoUsd: 11n, expectedPaidNanoUsd: 10n },
    ]);
    await test.ledger.record([paid('req_3', 1)]);
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true, daysCompared: 1, daysWaiting: 1 });
  });

  it('sees a rollup that lacks a day altogether', async () => {
    await test.ledger.record([paid('req_1', 10)]);
    await rollUp();
    await tamper(`DELETE FROM cost_daily_rollup`);
    expect(await test.ledger.check()).toMatchObject({ isBalanced: false, rollupDifferences: { count: 1 } });
  });

  it('shows corrections by hand apart', async () => {
    await test.ledger.record([paid('req_1', 10)]);
    const why = { reference: 'invoice 1', reason: 'rounding', by: 'finance' };
    await test.ledger.entries.correct({ tenantId: 'acme', day: '2026-03-04', amountNanoUsd: -3n, ...why });
    expect(await test.ledger.check()).toMatchObject({
      isBalanced: true,
      enteredNanoUsd: 10n,
      corrections: 1,
      correctedNanoUsd: -3n,
    });
  });

  it('is of whole days, and of one tenant where one is named', async () => {
    await test.ledger.record([
      paid('req_1', 1),
      paid('req_2', 2, day + DAY_MS),
      paid('req_3', 4, day + 2 * DAY_MS),
      paid('req_4', 8, day + DAY_MS, 'globex'),
    ]);
    const requests = async (range: Parameters<typeof test.ledger.check>[0]) =>
      (await test.ledger.check(range)).paidNanoUsd;
    expect(await requests({ since: new Date(day + DAY_MS + 1) })).toBe(14n);
    expect(await requests({ until: new Date(day + DAY_MS) })).toBe(1n);
    expect(await requests({ until: new Date(day + DAY_MS + 1) })).toBe(11n);
    expect(await requests({ tenantId: 'globex' })).toBe(8n);
    expect(await test.ledger.check({ tenantId: 'globex' })).toMatchObject({ isBalanced: true, requests: 1 });
  });

  it('does not add up while records are set aside, of that tenant', async () => {
    await test.ledger.record([{ ...paid('req_1', 1), paidNanoUsd: -1 }]);
    expect(await test.ledger.check()).toMatchObject({ isBalanced: false, rejectedRecords: 1 });
    expect(await test.ledger.check({ tenantId: 'globex' })).toMatchObject({ isBalanced: true, rejectedRecords: 0 });
  });

  it('tells what was paid twice by the operator', async () => {
    await test.ledger.record([paid('req_1', 10)]);
    await test.ledger.record([{ ...paid('req_1', 13), attempt: 'a2' }]);
    expect(await test.ledger.check()).toMatchObject({
      isBalanced: true,
      duplicateCompletions: 1,
      duplicatePaidNanoUsd: 13n,
    });
  });
});
