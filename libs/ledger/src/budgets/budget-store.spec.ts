import { databaseUrlForTests } from '@costlane/testing';
import { startTestLedger, type TestLedger } from '../testing/test-ledger';
import { describeBudgetAuthority } from './testing/describe-budget-authority';
import { startPostgresAuthority } from './testing/postgres-authority';

(databaseUrlForTests() ? describe : describe.skip)('budgets in Postgres', () => {
  let test: TestLedger;
  beforeAll(async () => void (test = await startTestLedger()));
  afterAll(() => test.end());

  describeBudgetAuthority('Postgres', () => startPostgresAuthority(test));
});
