import type { CompletionRecord } from '@costlane/contracts';
import { groupOf, type HoldoutUser } from '@costlane/domain';
import type { ReportScope } from '../analytics/report-query';
import { rollUpAll } from '../analytics/testing/roll-up';
import { sampleRecord } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { holdoutSums, holdoutSumsByTenant } from './holdout-sums';

const from = new Date('2026-03-01T00:00:00Z');
const to = new Date('2026-03-11T00:00:00Z');
const DAY_MS = 86_400_000;
const INFRASTRUCTURE = 900;
/** Shares of users held out, by tenant: one of its own, one of another share, and one that takes no part. */
const heldOf: Record<string, number> = { acme: 5, globex: 3, initech: 0 };

/** A user's requests over the days, each of another price. */
function requestsOf(tenantId: string, user: number): CompletionRecord[] {
  const isHoldout = user < (heldOf[tenantId] ?? 0);
  return Array.from({ length: 1 + ((user * 7) % 5) }, (_, at) => {
    const baselineNanoUsd = 1_000_000 + user * 70_000 + at * 11_000 + (tenantId === 'globex' ? 500_000 : 0);
    const isHit = !isHoldout && at % 2 === 0;
    const paidNanoUsd = isHoldout ? baselineNanoUsd - 40_000 : isHit ? 0 : baselineNanoUsd - 300_000;
    const saved = baselineNanoUsd - paidNanoUsd;
    return sampleRecord({
      requestId: `${tenantId}-${user}-${at}`,
      tenantId,
      userId: `user-${user}`,
      cacheTier: isHit ? 'exact' : 'miss',
      baselineNanoUsd,
      paidNanoUsd,
      savings: { cache: isHit ? saved : 0, routing: 0, prefix: isHit ? 0 : saved, batching: 0 },
      createdAtMs: from.getTime() + ((user + at) % 9) * DAY_MS + 3_600_000,
      ...(isHoldout ? { isHoldout: true as const } : {}),
    });
  });
}
const users = Array.from({ length: 20 }, (_, user) => user);
const records = ['acme', 'globex', 'initech'].flatMap((tenantId) =>
  users.flatMap((user) => requestsOf(tenantId, user)),
);

/** The same from the records themselves. */
function expectedGroup(tenants: readonly string[], isHeld: boolean) {
  const found: HoldoutUser[] = tenants.flatMap((tenantId) => {
    const held = heldOf[tenantId] ?? 0;
    const weight = isHeld ? (users.length - held) / held : 1;
    return users
      .filter((user) => user < held === isHeld)
      .map((user) => {
        const own = requestsOf(tenantId, user);
        const sum = (of: (record: CompletionRecord) => number): number => own.reduce((all, one) => all + of(one), 0);
        const infrastructure = isHeld ? 0 : own.length * INFRASTRUCTURE;
        const cost = sum(({ paidNanoUsd }) => paidNanoUsd) + infrastructure;
        return { requests: own.length, baseline: sum(({ baselineNanoUsd }) => baselineNanoUsd), cost, weight };
      });
  });
  return groupOf(found);
}

/** To a part in a thousand million: the order of sums is not the same. */
function expectAlike(found: unknown, expected: unknown): void {
  if (typeof expected === 'number') expect((found as number) / expected).toBeCloseTo(1, 9);
  else
    for (const [key, value] of Object.entries(expected as object))
      expectAlike((found as Record<string, unknown>)[key], value);
}

describeWithPostgres('the sums of the holdout', () => {
  let test: TestLedger;
  const sumsOf = (scope: Partial<ReportScope>) =>
    holdoutSums(
      { query: (sql, parameters = []) => test.rows(sql, [...parameters]) },
      {
        range: { from, to, grain: 'day' },
        ...scope,
      },
    );

  beforeAll(async () => {
    test = await startTestLedger();
    const ledger = test.another({ infrastructureCostOf: () => INFRASTRUCTURE });
    const nobody = sampleRecord({ requestId: 'nobody', userId: undefined, createdAtMs: from.getTime() });
    // From before its tenant took part.
    const earlier = { ...(records[0] as CompletionRecord), requestId: 'earlier', isHoldout: undefined };
    await ledger.record([...records, nobody, earlier]);
    await rollUpAll(test.rows);
  });
  afterAll(() => test.end());

  it('are those of the users of a tenant, each with all its requests', async () => {
    for (const grain of ['day', 'hour'] as const) {
      const { holdout, optimised, days } = await sumsOf({ tenantId: 'acme', range: { from, to, grain } });
      expectAlike(holdout.group, expectedGroup(['acme'], true));
      expectAlike(optimised.group, expectedGroup(['acme'], false));
      expect([holdout.group.users, optimised.group.users, days]).toEqual([5, 15, 9]);
    }
  });

  it('are of the whole deployment those of tenants that hold somebody out, whose groups weigh alike', async () => {
    const { holdout, optimised } = await sumsOf({});
    expectAlike(holdout.group, expectedGroup(['acme', 'globex'], true));
    expectAlike(optimised.group, expectedGroup(['acme', 'globex'], false));
    expect(holdout.group.costOfRequests.size).toBeGreaterThan(holdout.group.requests);
  });

  it('are of each tenant that holds somebody out what they are where it alone is asked for', async () => {
    const query = <R extends object>(sql: string, parameters: readonly unknown[] = []) =>
      test.rows<R>(sql, [...parameters]);
    const all = await holdoutSumsByTenant({ query }, { from, to, grain: 'day' });
    expect([...all.keys()].sort()).toEqual(['acme', 'globex']);
    for (const [tenantId, sums] of all) {
      const alone = await sumsOf({ tenantId });
      expectAlike(sums.holdout.group, alone.holdout.group);
      expectAlike(sums.optimised.group, alone.optimised.group);
      expect(sums.days).toBe(alone.days);
    }
  });

  it('have the exact amounts beside them', async () => {
    const { holdout, optimised } = await sumsOf({ tenantId: 'globex' });
    const own = records.filter(({ tenantId, isHoldout }) => tenantId === 'globex' && !isHoldout);
    expect(optimised).toMatchObject({
      paidNanoUsd: own.reduce((sum, { paidNanoUsd }) => sum + BigInt(paidNanoUsd), 0n),
      baselineNanoUsd: own.reduce((sum, { baselineNanoUsd }) => sum + BigInt(baselineNanoUsd), 0n),
      infrastructureNanoUsd: BigInt(own.length * INFRASTRUCTURE),
    });
    expect(holdout.infrastructureNanoUsd).toBeGreaterThan(0n);
  });

  it('are nothing where nobody is held out, and outside of the range', async () => {
    const nothing = { group: { users: 0, requests: 0 }, paidNanoUsd: 0n };
    expect(await sumsOf({ tenantId: 'initech' })).toMatchObject({ holdout: nothing, optimised: nothing, days: 0 });
    const later = { from: to, to: new Date(to.getTime() + DAY_MS), grain: 'day' } as const;
    expect(await sumsOf({ range: later })).toMatchObject({ holdout: nothing, optimised: nothing, days: 0 });
  });
});
