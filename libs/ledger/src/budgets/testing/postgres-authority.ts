import { sampleRecord } from '../../testing/sample-record';
import type { TestLedger } from '../../testing/test-ledger';
import type { AuthorityUnderTest, SpentRequest } from './budget-authority';

/** The real one, on a database of its own. `end` leaves the database as it was, for the next one. */
export async function startPostgresAuthority(test: TestLedger): Promise<AuthorityUnderTest> {
  const tables = ['budgets', 'budget_accounts', 'budget_leases', 'budget_lessees', 'llm_requests'];
  await test.rows(`TRUNCATE ${tables.join(', ')}`);
  return {
    authority: test.ledger.budgets,
    record: async (...requests) => void (await test.ledger.record(requests.map(recordOf))),
    passTime: async (ms) => {
      await test.rows(
        // In the order of their names, as everybody locks them.
        `UPDATE budget_lessees l SET expires_at = l.expires_at - $1 * interval '1 ms',
          hold_until = l.hold_until - $1 * interval '1 ms', closed_at = l.closed_at - $1 * interval '1 ms'
        FROM (SELECT lessee FROM budget_lessees WHERE released_at IS NULL ORDER BY lessee FOR UPDATE) open
        WHERE l.lessee = open.lessee`,
        [ms],
      );
    },
    end: async () => undefined,
  };
}

export const recordOf = ({ paidNanoUsd, ...request }: SpentRequest) =>
  sampleRecord({
    teamId: undefined,
    userId: undefined,
    keyId: undefined,
    featureName: undefined,
    ...request,
    paidNanoUsd,
    baselineNanoUsd: paidNanoUsd,
    savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
  });
