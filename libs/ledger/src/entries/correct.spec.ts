import { sampleRecord } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';

const invoice = {
  tenantId: 'acme',
  day: '2026-03-04',
  amountNanoUsd: -12_000_000_000n,
  reference: 'invoice 4711',
  reason: 'the provider has credited an outage',
  by: 'finance@acme',
};

describeWithPostgres('corrections by hand', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(() => test.empty());
  afterAll(() => test.end());

  it('are entries with who made them, why and what for', async () => {
    const { entry, isNew } = await test.ledger.entries.correct(invoice);
    expect(isNew).toBe(true);
    expect(entry).toEqual({
      id: expect.any(String),
      at: expect.any(Date),
      kind: 'correct',
      day: '2026-03-04',
      tenantId: 'acme',
      requests: 0,
      amountNanoUsd: -12_000_000_000n,
      budgetId: null,
      subject: null,
      lessee: null,
      requestId: null,
      reference: 'invoice 4711',
      reason: 'the provider has credited an outage',
      madeBy: 'finance@acme',
    });
  });

  it('are made once for a tenant, a day and a reference, however often and by how many', async () => {
    const ledgers = [test.ledger, test.another(), test.another()];
    const corrected = await Promise.all(ledgers.map(({ entries }) => entries.correct(invoice)));
    expect(corrected.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(corrected.map(({ entry }) => entry.id)).size).toBe(1);
    await test.ledger.entries.correct({ ...invoice, day: '2026-03-05' });
    await test.ledger.entries.correct({ ...invoice, tenantId: 'globex' });
    expect(await test.ledger.entries.list({ limit: 10 })).toHaveLength(3);
    const [latest, ...others] = await test.ledger.entries.list({ limit: 10 });
    expect(await test.ledger.entries.list({ limit: 10, beforeId: latest?.id })).toEqual(others);
  });

  it('of another amount need another reference', async () => {
    await test.ledger.entries.correct(invoice);
    await expect(test.ledger.entries.correct({ ...invoice, amountNanoUsd: 1n })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'reference',
    });
    expect(await test.ledger.entries.list({ limit: 10 })).toHaveLength(1);
  });

  it('are exact beyond what a double can hold', async () => {
    const amountNanoUsd = 2n ** 62n + 1n;
    await test.ledger.entries.correct({ ...invoice, amountNanoUsd });
    expect(await test.ledger.entries.list({ limit: 1 })).toMatchObject([{ amountNanoUsd }]);
  });

  it('are listed beside the other entries, by tenant, kind and day, the latest first', async () => {
    const createdAtMs = Date.parse('2026-03-04T23:59:59Z');
    await test.ledger.record([
      sampleRecord({ createdAtMs }),
      sampleRecord({ requestId: 'req_2', createdAtMs, tenantId: 'globex' }),
    ]);
    await test.ledger.entries.correct(invoice);
    const { entries } = test.ledger;
    expect((await entries.list({ limit: 10, tenantId: 'acme' })).map(({ kind }) => kind)).toEqual([
      'correct',
      'settle',
    ]);
    expect(await entries.list({ limit: 1 })).toMatchObject([{ kind: 'correct' }]);
    expect(await entries.list({ limit: 10, kind: 'settle' })).toHaveLength(2);
    expect(await entries.list({ limit: 10, since: '2026-03-05' })).toEqual([]);
    expect(await entries.list({ limit: 10, until: '2026-03-04' })).toEqual([]);
    expect(await entries.list({ limit: 10, since: '2026-03-04', until: '2026-03-05' })).toHaveLength(3);
  });
});
