import { databaseUrlForTests } from '@costlane/testing';
import { startTestLedger, type TestLedger } from '../testing/test-ledger';
import { today, type AuthorityUnderTest, type BudgetAuthority, type SpentRequest } from './testing/budget-authority';
import { startPostgresAuthority } from './testing/postgres-authority';
import { RandomCourse } from './testing/random-course';

/** As many as take some 20 seconds on a quiet machine; `RANDOM_COURSES=100` runs more of them. */
const SEEDS = Number(process.env['RANDOM_COURSES'] ?? 50);
const STEPS = 30;
const CONNECTIONS = 4;

interface Standing {
  budget_id: string;
  subject: string;
  posted: number;
  leased: number;
  outstanding: number;
}

(databaseUrlForTests() ? describe : describe.skip)('random courses of budgets', () => {
  let test: TestLedger;
  beforeAll(async () => void (test = await startTestLedger()));
  afterAll(() => test.end());

  const standings = (tenantId: string): Promise<Standing[]> =>
    test.rows<Standing>(
      `SELECT a.budget_id, a.subject, a.posted_nano_usd::float8 AS posted, a.leased_nano_usd::float8 AS leased,
        (SELECT coalesce(sum(l.outstanding_nano_usd), 0)::float8 FROM budget_leases l
          WHERE (l.budget_id, l.subject, l.period_start) = (a.budget_id, a.subject, a.period_start)) AS outstanding
      FROM budget_accounts a JOIN budgets b ON b.id = a.budget_id WHERE b.tenant_id = $1`,
      [tenantId],
    );

  const paid = (requests: SpentRequest[], isLeased?: boolean): number =>
    requests
      .filter(({ budgetLessee }) => isLeased === undefined || (budgetLessee !== undefined) === isLeased)
      .reduce((sum, { paidNanoUsd }) => sum + paidNanoUsd, 0);

  async function run(
    seed: number,
    under: AuthorityUnderTest,
    authorities: readonly BudgetAuthority[],
  ): Promise<RandomCourse> {
    const tenantId = `course-${seed}`;
    const course = new RandomCourse({
      seed,
      tenantId,
      authorities,
      record: (requests) => under.record(...requests),
      passTime: (ms) => under.passTime(ms),
      dayMs: today(),
    });
    await course.begin();
    const last = new Map<string, { sum: number; unleased: number }>();
    const look = async (): Promise<Standing[]> => {
      const found = await standings(tenantId);
      for (const { budget_id: id, subject, posted, leased, outstanding } of found) {
        const recorded = course.recorded.filter(({ userId }) => id === course.orgId || userId === subject);
        const unleased = paid(recorded, false);
        const sum = posted + leased;
        const before = last.get(`${id} ${subject}`) ?? { sum: 0, unleased: 0 };
        expect(leased).toBe(outstanding);
        expect(posted).toBe(paid(recorded));
        expect(sum).toBeGreaterThanOrEqual(posted + course.owed(id, subject));
        const most = Math.max(course.upper.get(id) ?? 0, before.sum) + unleased - before.unleased;
        expect(sum).toBeLessThanOrEqual(most);
        last.set(`${id} ${subject}`, { sum, unleased });
      }
      course.looked();
      return found;
    };
    for (let step = 0; step < STEPS; step++) {
      await course.step();
      await look();
    }
    await course.end();
    for (const { leased } of await look()) expect(leased).toBe(0);
    return course;
  }

  it(`never lend more than there is, lose nothing and leak nothing (${SEEDS} seeds)`, async () => {
    const authorities = Array.from({ length: CONNECTIONS }, () => test.another({ poolSize: 2 }).budgets);
    const under = await startPostgresAuthority(test);
    let [recorded, refusals] = [0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        const course = await run(seed, under, authorities);
        recorded += course.recorded.length;
        refusals += course.refusals;
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
    // Both have to have happened, or nothing was shown.
    expect(recorded).toBeGreaterThan(SEEDS * 5);
    expect(refusals).toBeGreaterThan(SEEDS);
  }, 600_000);
});
