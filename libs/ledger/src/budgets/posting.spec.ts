import { databaseUrlForTests } from '@costlane/testing';
import type { Ledger } from '../ledger';
import { startTestLedger, type TestLedger } from '../testing/test-ledger';
import { aBudget, anAsk, today, type AuthorityUnderTest, type SpentRequest } from './testing/budget-authority';
import { recordOf, startPostgresAuthority } from './testing/postgres-authority';

const DAY_MS = 86_400_000;

(databaseUrlForTests() ? describe : describe.skip)('what is posted to budgets', () => {
  let test: TestLedger;
  let under: AuthorityUnderTest;
  let next = 0;
  beforeAll(async () => void (test = await startTestLedger()));
  beforeEach(async () => void (under = await startPostgresAuthority(test)));
  afterAll(() => test.end());

  const spend = (paidNanoUsd: number, changes: Partial<SpentRequest> = {}): SpentRequest => ({
    requestId: `posted_${(next += 1)}`,
    tenantId: 'acme',
    createdAtMs: Date.now(),
    paidNanoUsd,
    ...changes,
  });
  const put = async (changes = {}): Promise<string> => (await under.authority.put(aBudget(changes)))?.id ?? '';
  const posted = async (budgetId: string, subject = '', tenantId = 'acme'): Promise<number> => {
    const { accounts } = await under.authority.list(tenantId);
    return accounts.find((each) => each.budgetId === budgetId && each.subject === subject)?.postedNanoUsd ?? 0;
  };

  it('begins with what the period has cost, by subject, and not with what others or earlier periods have', async () => {
    await under.record(
      spend(5, { userId: 'ada' }),
      spend(7, { userId: 'bob' }),
      spend(11),
      spend(100, { tenantId: 'globex', userId: 'ada' }),
      spend(1_000, { userId: 'ada', createdAtMs: today() - 40 * DAY_MS }),
    );
    expect(await posted(await put())).toBe(23);
    const everybody = await put({ scope: 'user', scopeId: '*' });
    expect([await posted(everybody, 'ada'), await posted(everybody, 'bob')]).toEqual([5, 7]);
    expect(await posted(await put({ scope: 'user', scopeId: 'bob', period: 'month' }), 'bob')).toBe(7);
  });

  it('misses nothing and counts nothing twice while budgets come up among writers', async () => {
    const writers: Ledger[] = [0, 1, 2, 3].map(() => test.another());
    let areDone = false;
    let total = 0;
    const writing = writers.map(async (ledger, which) => {
      while (!areDone) {
        const batch = Array.from({ length: 20 }, () => spend(3, { userId: `u${which}` }));
        await ledger.record(batch.map(recordOf));
        total += 60;
      }
    });
    const ids: string[] = [];
    const periods = ['day', 'week', 'month'] as const;
    for (const period of periods) {
      ids.push(await put({ period }));
      ids.push(await put({ period, scope: 'user', scopeId: '*' }));
      const own = await put({ period, scope: 'user', scopeId: 'u1' });
      await under.authority.remove(own);
    }
    areDone = true;
    await Promise.all(writing);
    const { accounts } = await under.authority.list('acme');
    const sums = new Map<string, number>();
    for (const { budgetId, postedNanoUsd } of accounts) sums.set(budgetId, (sums.get(budgetId) ?? 0) + postedNanoUsd);
    expect(ids.map((id) => sums.get(id))).toEqual(ids.map(() => total));
  });

  it('follows what is amended on a record', async () => {
    const id = await put();
    const stale = { ...recordOf(spend(0, { budgetLessee: 'g1#1' })), attempt: 'stale', isStale: true as const };
    await test.ledger.record([stale]);
    await under.authority.lease({ lessee: 'g1#1', holdMs: 0, asks: [anAsk(id, 100)] });
    const late = { ...recordOf(spend(40)), requestId: stale.requestId, createdAtMs: stale.createdAtMs, attempt: 'a2' };
    for (let times = 0; times < 2; times++) await test.ledger.record([late]);
    const { accounts } = await under.authority.list('acme');
    expect(accounts).toMatchObject([{ postedNanoUsd: 40, leasedNanoUsd: 60 }]);
    await test.rows(`DELETE FROM llm_requests WHERE request_id = $1`, [stale.requestId]);
    expect(await posted(id)).toBe(0);
  });

  it('takes from a lease what a late answer cost, where only the worker’s record names it', async () => {
    const id = await put();
    await under.authority.lease({ lessee: 'g1#1', holdMs: 0, asks: [anAsk(id, 100)] });
    const stale = { ...recordOf(spend(0)), attempt: 'stale', isStale: true as const };
    const late = { ...recordOf(spend(40, { budgetLessee: 'g1#1' })), attempt: 'a2' };
    const { requestId, createdAtMs } = stale;
    await test.ledger.record([stale]);
    for (let times = 0; times < 2; times++) await test.ledger.record([{ ...late, requestId, createdAtMs }]);
    const { accounts } = await under.authority.list('acme');
    expect(accounts).toMatchObject([{ postedNanoUsd: 40, leasedNanoUsd: 60 }]);
  });

  it('takes corrections by hand to the tenant’s own budgets, also those made before', async () => {
    const day = new Date(today()).toISOString().slice(0, 10);
    const correct = (reference: string, amountNanoUsd: number) =>
      test.ledger.entries.correct({
        tenantId: 'corrected',
        day,
        amountNanoUsd: BigInt(amountNanoUsd),
        reference,
        reason: 'invoice',
        by: 'ada',
      });
    const reference = `invoice-${Date.now()}`;
    await correct(`${reference}-1`, 50);
    const tenantId = 'corrected';
    const id = await put({ tenantId });
    const team = await put({ tenantId, scope: 'team', scopeId: '*' });
    expect(await posted(id, '', tenantId)).toBe(50);
    for (let times = 0; times < 2; times++) await correct(`${reference}-2`, -20);
    expect([await posted(id, '', tenantId), await posted(team, '', tenantId)]).toEqual([30, 0]);
  });

  it('is not touched by rows that move between partitions', async () => {
    const id = await put({ period: 'month' });
    const month = new Date(today());
    const future = Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 12);
    await under.record(spend(9, { createdAtMs: future }));
    const sums = () =>
      test.rows<{ posted: string }>('SELECT sum(posted_nano_usd) AS posted FROM budget_accounts WHERE budget_id = $1', [
        id,
      ]);
    expect(await sums()).toEqual([{ posted: '9' }]);
    const day = new Date(future).toISOString().slice(0, 10);
    expect(await test.rows(`SELECT costlane_ensure_partitions($1, $1) AS made`, [day])).toEqual([{ made: 1 }]);
    expect(await sums()).toEqual([{ posted: '9' }]);
  });

  const entriesOf = (budgetId: string) =>
    test.rows(
      `SELECT kind, tenant_id, lessee, amount_nano_usd::integer AS amount, reason FROM ledger_entries WHERE budget_id = $1 ORDER BY id`,
      [budgetId],
    );

  it('leaves entries for what a lease was granted and gave back, when it ends', async () => {
    const id = await put();
    for (const need of [40, 60]) await under.authority.lease({ lessee: 'g1#1', holdMs: 0, asks: [anAsk(id, need)] });
    await under.record(spend(30, { budgetLessee: 'g1#1' }));
    const back = [{ budgetId: id, subject: '', periodStartMs: today(), amountNanoUsd: 20 }];
    const state = { lessee: 'g1#1', holdMs: 0, returned: back, isClosed: true };
    await under.authority.sync({ gatewayId: 'g1', sinceVersion: 0, lessees: [state] });
    await under.passTime(10);
    expect(await entriesOf(id)).toEqual([]);
    await under.authority.sweep(async () => 0);
    const of = { tenant_id: 'acme', lessee: 'g1#1' };
    expect(await entriesOf(id)).toEqual([
      { ...of, kind: 'reserve', amount: 100, reason: 'granted' },
      { ...of, kind: 'release', amount: 20, reason: 'returned' },
      { ...of, kind: 'release', amount: 50, reason: 'closed' },
    ]);
  });

  it('leaves an entry for a batch at once, and another for what it did not need', async () => {
    const id = await put();
    const who = { tenantId: 'acme', teamId: '', userId: '', keyId: '', featureName: '', createdAtMs: Date.now() };
    const request = { lessee: 'batch:e', holdUntilMs: Date.now() + 60_000, items: [{ ...who, amountNanoUsd: 70 }] };
    for (let times = 0; times < 2; times++) await under.authority.reserve(request);
    const of = { tenant_id: 'acme', lessee: 'batch:e' };
    const reserved = { ...of, kind: 'reserve', amount: 70, reason: 'granted' };
    expect(await entriesOf(id)).toEqual([reserved]);
    await under.authority.remove(id);
    expect(await entriesOf(id)).toEqual([reserved, { ...of, kind: 'release', amount: 70, reason: 'removed' }]);
  });

  it('finds accounts that are beyond a hard limit, each once', async () => {
    await put({ limitNanoUsd: 10 });
    await put({ limitNanoUsd: 10, period: 'month', onExceeded: 'alert' });
    await under.record(spend(11));
    expect((await test.ledger.budgets.totals()).newlyOverspent).toBe(1);
    expect((await test.ledger.budgets.totals()).newlyOverspent).toBe(0);
    await put({ limitNanoUsd: 20 });
    expect((await test.ledger.budgets.totals()).newlyOverspent).toBe(0);
    await under.record(spend(11));
    expect((await test.ledger.budgets.totals()).newlyOverspent).toBe(1);
  });

  it('lets go of what is old and keeps what is leased or is to be heard of', async () => {
    const id = await put();
    await put({ scope: 'team', scopeId: 'x' });
    const gone = await put({ scope: 'team', scopeId: 'y' });
    await under.authority.remove(gone);
    await put({ scope: 'team', scopeId: 'z' });
    await under.record(spend(1, { createdAtMs: today() - 200 * DAY_MS }), spend(2));
    await test.rows(`UPDATE budgets SET updated_at = updated_at - interval '31 days'`);
    await test.ledger.budgets.deleteOld();
    expect(await test.rows(`SELECT count(*)::integer AS n FROM budget_accounts WHERE budget_id = $1`, [id])).toEqual([
      { n: 1 },
    ]);
    expect(await test.rows(`SELECT count(*)::integer AS n FROM budgets WHERE is_removed`)).toEqual([{ n: 0 }]);
    expect((await under.authority.list()).budgets).toHaveLength(3);
  });

  it('lets go of all that is old at once, however much there is', async () => {
    await test.rows(
      `INSERT INTO budget_lessees (lessee, expires_at, hold_until, closed_at, released_at)
      SELECT 'g#' || n, old, old, old, old FROM generate_series(1, 20100) n, (SELECT now() - interval '2 days' AS old) t`,
    );
    await test.ledger.budgets.deleteOld();
    expect(await test.rows(`SELECT count(*)::integer AS left FROM budget_lessees`)).toEqual([{ left: 0 }]);
  });
});
