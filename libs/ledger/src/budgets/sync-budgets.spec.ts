import { databaseUrlForTests } from '@costlane/testing';
import { createDatabase, type Database } from '../database';
import { quiet, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { syncBudgets } from './sync-budgets';
import { aBudget } from './testing/budget-authority';

(databaseUrlForTests() ? describe : describe.skip)('what a sync tells of budgets', () => {
  let test: TestLedger;
  let database: Database;
  beforeAll(async () => {
    test = await startTestLedger();
    const limits = { poolSize: 2, connectTimeoutMs: 3_000, statementTimeoutMs: 10_000 };
    database = createDatabase({ databaseUrl: test.url, logger: quiet, ...limits });
  });
  afterAll(async () => {
    await database.close();
    await test.end();
  });

  const changesOf = async (from: number, through: Database = database) => {
    const { changed, latestVersion } = await syncBudgets(through, {
      gatewayId: 'gw',
      sinceVersion: from,
      lessees: [],
    });
    return { ids: changed.map(({ id, isRemoved }) => `${id} ${isRemoved ? 'gone' : 'there'}`), latestVersion };
  };

  it('passes over no change that is made while it reads, after any of its statements', async () => {
    const budget = await test.ledger.budgets.put(aBudget({ tenantId: 'acme' }));
    const id = budget?.id ?? '';
    for (let changesAfter = 1; ; changesAfter += 1) {
      const before = (await changesOf(0)).latestVersion;
      let statements = 0;
      let made: string | undefined;
      const interrupted: Database = {
        ...database,
        async query<Row extends object>(sql: string, parameters?: readonly unknown[]) {
          const rows = await database.query<Row>(sql, parameters);
          statements += 1;
          if (statements === changesAfter) {
            const other = await test.ledger.budgets.put(aBudget({ tenantId: `tenant-${changesAfter}` }));
            made = `${other?.id ?? ''} there`;
          }
          return rows;
        },
      };
      const first = await changesOf(before, interrupted);
      if (made === undefined) break;
      const next = await changesOf(first.latestVersion);
      expect([...first.ids, ...next.ids]).toEqual([made]);
    }
    const before = (await changesOf(0)).latestVersion;
    await test.ledger.budgets.remove(id);
    expect((await changesOf(before)).ids).toEqual([`${id} gone`]);
  });
});
