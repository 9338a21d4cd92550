import type { CompletionRecord } from '@costlane/contracts';
import { sampleRecord, sampleRecords } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';

interface EntryRow {
  kind: string;
  day: string;
  tenant_id: string;
  requests: string;
  amount_nano_usd: string;
  request_id: string | null;
  reason: string | null;
}

const noon = Date.parse('2026-03-04T12:00:00Z');
const paidRecord = (requestId: string, paid: number, changes: Partial<CompletionRecord> = {}): CompletionRecord =>
  sampleRecord({
    requestId,
    createdAtMs: noon,
    paidNanoUsd: paid,
    baselineNanoUsd: paid,
    savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
    ...changes,
  });

describeWithPostgres('ledger entries', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(() => test.empty());
  afterAll(() => test.end());

  const entries = () =>
    test.rows<EntryRow>(
      `SELECT kind, day::text, tenant_id, requests, amount_nano_usd, request_id, reason FROM ledger_entries ORDER BY id`,
    );

  /** Tenants and days whose entries and records differ. */
  const differing = () =>
    test.rows(`
      SELECT * FROM (
        SELECT tenant_id, day, sum(amount_nano_usd) AS amount, sum(requests) AS requests FROM ledger_entries
        WHERE kind IN ('settle', 'correct') AND reference IS NULL GROUP BY 1, 2 HAVING sum(requests) <> 0
      ) e FULL JOIN (
        SELECT tenant_id, (created_at AT TIME ZONE 'UTC')::date AS day, sum(paid_nano_usd) AS amount, count(*) AS requests
        FROM llm_requests GROUP BY 1, 2
      ) r USING (tenant_id, day) WHERE (e.amount, e.requests) IS DISTINCT FROM (r.amount, r.requests)`);

  it('settle what is recorded, one for each tenant and UTC day of a batch', async () => {
    const day = 86_400_000;
    await test.ledger.record([
      paidRecord('req_1', 10),
      paidRecord('req_2', 20),
      paidRecord('req_3', 5, { tenantId: 'globex' }),
      paidRecord('req_4', 7, { createdAtMs: noon + day }),
    ]);
    expect(await entries()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'settle',
          day: '2026-03-04',
          tenant_id: 'acme',
          requests: '2',
          amount_nano_usd: '30',
          request_id: null,
        }),
        expect.objectContaining({ tenant_id: 'globex', amount_nano_usd: '5', request_id: 'req_3' }),
        expect.objectContaining({ day: '2026-03-05', amount_nano_usd: '7', request_id: 'req_4' }),
      ]),
    );
    expect(await entries()).toHaveLength(3);
  });

  it('are not made again by what is delivered again', async () => {
    await test.ledger.record([paidRecord('req_1', 10), paidRecord('req_2', 20)]);
    await test.ledger.record([paidRecord('req_2', 20), paidRecord('req_3', 4), paidRecord('req_1', 10)]);
    expect((await entries()).map((entry) => [entry.requests, entry.amount_nano_usd])).toEqual([
      ['2', '30'],
      ['1', '4'],
    ]);
  });

  it('correct an amount that is amended, and are silent where only words are', async () => {
    const stale = { isStale: true as const, attempt: 'stale', cacheTier: 'exact' as const };
    await test.ledger.record([paidRecord('req_1', 0, stale)]);
    await test.ledger.record([paidRecord('req_1', 900, { errorCode: 'upstream_error', httpStatus: 502 })]);
    await test.rows(`UPDATE llm_requests SET endpoint = '/elsewhere'`);
    expect(await entries()).toMatchObject([
      { kind: 'settle', requests: '1', amount_nano_usd: '0' },
      { kind: 'correct', requests: '0', amount_nano_usd: '900', request_id: 'req_1', reason: 'amended' },
    ]);
    expect(await differing()).toEqual([]);
  });

  it('follow a request that is moved to another day, and one that is deleted', async () => {
    await test.ledger.record([paidRecord('req_1', 10), paidRecord('req_2', 20)]);
    await test.rows(`UPDATE llm_requests SET created_at = created_at + interval '1 day' WHERE request_id = 'req_1'`);
    expect(await differing()).toEqual([]);
    await test.rows(`DELETE FROM llm_requests WHERE request_id = 'req_2'`);
    expect(await differing()).toEqual([]);
    expect((await entries()).at(-1)).toMatchObject({ requests: '-1', amount_nano_usd: '-20', reason: 'deleted' });
  });

  it('are not made by rows that move to the partition of their day', async () => {
    await test.ledger.record([paidRecord('req_1', 10)]);
    const before = await entries();
    await test.rows(`SELECT costlane_ensure_partitions('2026-03-04', '2026-03-04')`);
    expect(await test.rows('SELECT FROM llm_requests_20260304')).toHaveLength(1);
    expect(await entries()).toEqual(before);
  });

  it('cannot be changed, deleted or emptied', async () => {
    await test.ledger.record([paidRecord('req_1', 10)]);
    const before = await entries();
    for (const statement of [
      `UPDATE ledger_entries SET amount_nano_usd = 0`,
      `DELETE FROM ledger_entries`,
      `DELETE FROM ledger_entries WHERE false`,
      `TRUNCATE ledger_entries`,
    ])
      await expect(test.rows(statement)).rejects.toThrow('entry of kind correct');
    expect(await entries()).toEqual(before);
  });

  it('of a batch that fails are not there either', async () => {
    await test.rows(`ALTER TABLE llm_requests ADD CONSTRAINT no_poison CHECK (request_id <> 'poison')`);
    await test.ledger.record([paidRecord('good', 10), paidRecord('poison', 20)]);
    expect(await entries()).toMatchObject([{ requests: '1', amount_nano_usd: '10' }]);
  });

  it('open with what was on record before there were any', async () => {
    await test.ledger.record(sampleRecords(50));
    const { CreateEntries1796310000000 } = await import('../migrations/1796310000000-create-entries');
    const migration = new CreateEntries1796310000000();
    const runner = { query: (sql: string) => test.rows(sql) } as unknown as Parameters<typeof migration.up>[0];
    await migration.down(runner);
    await migration.up(runner);
    const opened = await entries();
    expect(opened.every(({ kind, reason }) => kind === 'settle' && reason === 'opening')).toBe(true);
    expect(opened.length).toBeGreaterThanOrEqual(8);
    expect(await differing()).toEqual([]);
  });
});
