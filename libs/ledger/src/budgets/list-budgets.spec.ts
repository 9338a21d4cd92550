import { databaseUrlForTests } from '@costlane/testing';
import { startTestLedger, type TestLedger } from '../testing/test-ledger';
import { aBudget, today } from './testing/budget-authority';
import { recordOf } from './testing/postgres-authority';

(databaseUrlForTests() ? describe : describe.skip)('the list of budgets', () => {
  let test: TestLedger;
  beforeAll(async () => void (test = await startTestLedger()));
  afterAll(() => test.end());

  it('tells how each stands that is somebody’s own, however many stand under one for everybody', async () => {
    const { budgets } = test.ledger;
    const everybody = await budgets.put(aBudget({ scope: 'user', scopeId: '*' }));
    const own = await budgets.put(aBudget({ scope: 'user', scopeId: 'ada' }));
    await test.rows(
      `INSERT INTO budget_accounts (budget_id, subject, period_start, posted_nano_usd)
      SELECT $1, 'u' || n, (now() AT TIME ZONE 'UTC')::date, 500 FROM generate_series(1, 10001) n`,
      [everybody?.id],
    );
    const spent = { requestId: 'r1', tenantId: 'acme', userId: 'ada', createdAtMs: today(), paidNanoUsd: 3 };
    await test.ledger.record([recordOf(spent)]);
    const { accounts } = await budgets.list('acme');
    expect(accounts).toHaveLength(10_000);
    expect(accounts.filter(({ budgetId }) => budgetId === own?.id)).toMatchObject([{ postedNanoUsd: 3 }]);
  });

  it('tells of those that are used up the most, be their limits small', async () => {
    const { budgets } = test.ledger;
    const [small, large] = [
      await budgets.put(aBudget({ tenantId: 'globex', scope: 'team', scopeId: '*', limitNanoUsd: 10 })),
      await budgets.put(aBudget({ tenantId: 'globex', scope: 'user', scopeId: '*', limitNanoUsd: 1_000_000 })),
    ];
    await test.rows(
      `INSERT INTO budget_accounts (budget_id, subject, period_start, posted_nano_usd)
      SELECT $1, 'u' || n, (now() AT TIME ZONE 'UTC')::date, 500 FROM generate_series(1, 10000) n
      UNION ALL SELECT $2, 'search', (now() AT TIME ZONE 'UTC')::date, 9`,
      [large?.id, small?.id],
    );
    const { accounts } = await budgets.list('globex');
    expect(accounts[0]).toMatchObject({ budgetId: small?.id, subject: 'search' });
  });
});
