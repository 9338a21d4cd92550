import { databaseUrlForTests } from '@costlane/testing';
import { startTestLedger, type TestLedger } from '../testing/test-ledger';
import { aBudget, anAsk, aState, today, type AuthorityUnderTest } from './testing/budget-authority';
import { recordOf, startPostgresAuthority } from './testing/postgres-authority';

const CONNECTIONS = 8;
const EACH = 1_000;

(databaseUrlForTests() ? describe : describe.skip)('budgets that many want at once', () => {
  let test: TestLedger;
  let under: AuthorityUnderTest;
  beforeAll(async () => void (test = await startTestLedger()));
  beforeEach(async () => void (under = await startPostgresAuthority(test)));
  afterAll(() => test.end());

  const stores = () => Array.from({ length: CONNECTIONS }, () => test.another({ poolSize: 2 }));
  const beyond = (): Promise<object[]> =>
    test.rows(`
      SELECT a.* FROM budget_accounts a JOIN budgets b ON b.id = a.budget_id
      WHERE b.on_exceeded = 'block' AND a.posted_nano_usd + a.leased_nano_usd > b.limit_nano_usd
        OR a.leased_nano_usd <> (
          SELECT coalesce(sum(l.outstanding_nano_usd), 0) FROM budget_leases l
          WHERE (l.budget_id, l.subject, l.period_start) = (a.budget_id, a.subject, a.period_start))`);

  it('never grant more than there is, and all of it', async () => {
    const limitNanoUsd = 5_000_000;
    const { id } = (await under.authority.put(aBudget({ limitNanoUsd }))) ?? { id: '' };
    const granted = await Promise.all(
      stores().map(async ({ budgets }, which) => {
        let sum = 0;
        for (let at = 0; at < EACH; at++) {
          const asks = [anAsk(id, 1_000, { wantNanoUsd: 1_000 + ((at * 37) % 900) })];
          const { reply } = await budgets.lease({ lessee: `g${which}#1`, holdMs: 0, asks });
          sum += reply.grants[0]?.grantedNanoUsd ?? 0;
        }
        return sum;
      }),
    );
    const total = granted.reduce((sum, each) => sum + each, 0);
    expect(total).toBeLessThanOrEqual(limitNanoUsd);
    expect(total).toBeGreaterThan(limitNanoUsd - 1_000);
    expect(await beyond()).toEqual([]);
  }, 120_000);

  it('never wait for one another in a circle: writers, leases, returns, sweeps and changed limits over the same accounts', async () => {
    const users = ['ada', 'bob', 'cy', 'di', 'ed', 'flo'];
    const limitNanoUsd = 1_000_000_000;
    const ids: string[] = [];
    for (const period of ['day', 'week', 'month'] as const) {
      ids.push((await under.authority.put(aBudget({ period, limitNanoUsd })))?.id ?? '');
      for (const userId of users)
        ids.push(
          (await under.authority.put(aBudget({ period, limitNanoUsd, scope: 'user', scopeId: userId })))?.id ?? '',
        );
    }
    const { budgets } = await under.authority.list();
    const startOf = { day: today(), week: weekStart(), month: monthStart() } as Record<string, number>;
    const asks = budgets.map(({ id, scopeId, period }) =>
      anAsk(id, 10, { subject: scopeId, periodStartMs: startOf[period] ?? 0, wantNanoUsd: 500 }),
    );
    const rounds = 40;
    const work = stores().map(async (ledger, which) => {
      for (let at = 0; at < rounds; at++) {
        const lessee = `g${which}#${Math.floor(at / 10)}`;
        const mixed = asks.filter((_, index) => (index * 7 + at + which) % 3 > 0).reverse();
        const { reply } = await ledger.budgets.lease({ lessee, holdMs: 0, asks: mixed });
        expect(reply.grants.every(({ state }) => state === 'granted')).toBe(true);
        const records = users.map((userId, index) =>
          recordOf({
            requestId: `c_${which}_${at}_${index}`,
            tenantId: 'acme',
            userId: users[(index + which) % users.length],
            createdAtMs: Date.now(),
            paidNanoUsd: 3,
            budgetLessee: lessee,
          }),
        );
        const returned = mixed.slice(0, 5).map(({ budgetId, subject, periodStartMs }) => ({
          budgetId,
          subject,
          periodStartMs,
          amountNanoUsd: 2,
        }));
        await Promise.all([
          ledger.record(records),
          ledger.budgets.sync({
            gatewayId: `g${which}`,
            sinceVersion: 0,
            lessees: [aState(lessee, { returned, isClosed: at % 10 === 9 })],
          }),
          which === 0 ? ledger.budgets.sweep(async () => 0) : undefined,
          which === 1 && at % 4 === 0 ? ledger.budgets.put(aBudget({ limitNanoUsd: limitNanoUsd + at })) : undefined,
        ]);
      }
    });
    await Promise.all(work);
    expect(await beyond()).toEqual([]);
    const { accounts } = await under.authority.list();
    const org = accounts.filter(({ subject }) => subject === '');
    expect(org.map(({ postedNanoUsd }) => postedNanoUsd)).toEqual(
      [1, 2, 3].map(() => CONNECTIONS * rounds * users.length * 3),
    );
  }, 120_000);
});

const weekStart = (): number => today() - ((new Date(today()).getUTCDay() + 6) % 7) * 86_400_000;
const monthStart = (): number => Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1);
