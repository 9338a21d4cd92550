import type { Budget, LeaseAsk, LeaseGrant } from '@costlane/contracts';
import type { NewBudget } from '../budget-types';
import { aBudget, anAsk, aState, today, type AuthorityUnderTest } from './budget-authority';

/**
 * What every authority on budgets has to do. `describe` and `it` are Jest's; `create` makes an empty one. Amounts are small so that they can be
 * followed by eye.
 */
export function describeBudgetAuthority(name: string, create: () => Promise<AuthorityUnderTest>): void {
  describe(`budget authority: ${name}`, () => {
    let test: AuthorityUnderTest;
    beforeEach(async () => void (test = await create()));
    afterEach(() => test.end());

    const put = async (changes: Partial<NewBudget> = {}): Promise<Budget> => {
      const stored = await test.authority.put(aBudget(changes));
      if (!stored) throw new Error('the budget was not stored');
      return stored;
    };
    const leases = async (lessee: string, ...asks: LeaseAsk[]): Promise<LeaseGrant[]> =>
      (await test.authority.lease({ lessee, holdMs: 0, asks })).reply.grants;
    const lease = async (lessee: string, ask: LeaseAsk): Promise<LeaseGrant | undefined> =>
      (await leases(lessee, ask))[0];
    const standing = async (budgetId: string, subject = ''): Promise<[posted: number, leased: number]> => {
      const { accounts } = await test.authority.list();
      const found = accounts.find((each) => each.budgetId === budgetId && each.subject === subject);
      return [found?.postedNanoUsd ?? 0, found?.leasedNanoUsd ?? 0];
    };
    const sync = (gatewayId: string, ...lessees: ReturnType<typeof aState>[]) =>
      test.authority.sync({ gatewayId, sinceVersion: 0, lessees });
    const sweep = (ageMs: number) => test.authority.sweep(async () => ageMs);
    let next = 0;
    const spend = (paidNanoUsd: number, changes: object = {}) => ({
      requestId: `r${(next += 1)}`,
      tenantId: 'acme',
      createdAtMs: Date.now(),
      paidNanoUsd,
      ...changes,
    });

    it('grants what is needed, and of what is wanted no more than a quarter of the rest by the gateways that are there', async () => {
      const { id } = await put();
      expect(await lease('g1#1', anAsk(id, 10, { wantNanoUsd: 20 }))).toMatchObject({
        state: 'granted',
        grantedNanoUsd: 20,
      });
      expect(await lease('g1#1', anAsk(id, 10, { wantNanoUsd: 900 }))).toMatchObject({ grantedNanoUsd: 245 });
      expect(await lease('g2#1', anAsk(id, 10, { wantNanoUsd: 900 }))).toMatchObject({ grantedNanoUsd: 91 });
      expect(await lease('g2#1', anAsk(id, 500))).toMatchObject({
        grantedNanoUsd: 500,
        account: { budgetId: id, subject: '', periodStartMs: today(), postedNanoUsd: 0, leasedNanoUsd: 856 },
      });
      expect(await standing(id)).toEqual([0, 856]);
    });

    it('answers asks in their order, however many, each by itself', async () => {
      const { id } = await put({ scope: 'user', scopeId: '*', limitNanoUsd: 10 });
      const asks = Array.from({ length: 1_100 }, (_, at) =>
        anAsk(at % 7 === 0 ? 'never' : id, (at % 3) * 6, { subject: `u${at}` }),
      );
      const grants = await leases('g1#1', ...asks, anAsk(id, 9, { subject: 'u1' }));
      expect(grants.map(({ state }) => state)).toEqual([
        ...asks.map(({ budgetId, needNanoUsd }) =>
          budgetId === 'never' ? 'unknown' : needNanoUsd > 10 ? 'exhausted' : 'granted',
        ),
        'exhausted',
      ]);
      expect(grants[1]).toMatchObject({ grantedNanoUsd: 6, account: { subject: 'u1', leasedNanoUsd: 6 } });
    });

    it('moves what is recorded from the lease to the account, once, and no more than the lease has', async () => {
      const { id } = await put();
      await lease('g1#1', anAsk(id, 100));
      const paid = spend(60, { budgetLessee: 'g1#1' });
      await test.record(paid);
      await test.record(paid);
      expect(await standing(id)).toEqual([60, 40]);
      await test.record(spend(70, { budgetLessee: 'g1#1' }), spend(5), spend(3, { budgetLessee: 'nobody' }));
      expect(await standing(id)).toEqual([138, 0]);
      await test.record(spend(1_000, { tenantId: 'globex', budgetLessee: 'g1#1' }));
      expect(await standing(id)).toEqual([138, 0]);
    });

    it('posts to every budget that a request meets, and to somebody’s own in the place of that for everybody of the same period', async () => {
      const ids: Record<string, string> = {};
      const of = { org: '', team: 'search', user: 'ada', key: 'k1', feature: 'chat' };
      for (const [scope, scopeId] of Object.entries(of)) ids[scope] = (await put({ scope, scopeId })).id;
      const daily = await put({ scope: 'user', scopeId: '*' });
      const monthly = await put({ scope: 'user', scopeId: '*', period: 'month' });
      const who = { teamId: 'search', userId: 'ada', keyId: 'k1', featureName: 'chat' };
      await test.record(spend(5, who), spend(7, { userId: 'bob' }), spend(1));
      expect(await standing(ids['org'] ?? '')).toEqual([13, 0]);
      for (const scope of ['team', 'user', 'key', 'feature'] as const)
        expect(await standing(ids[scope] ?? '', of[scope])).toEqual([5, 0]);
      expect(await standing(daily.id, 'ada')).toEqual([0, 0]);
      expect(await standing(daily.id, 'bob')).toEqual([7, 0]);
      expect(await standing(monthly.id, 'ada')).toEqual([5, 0]);
      await test.authority.remove(ids['user'] ?? '');
      expect(await standing(daily.id, 'ada')).toEqual([5, 0]);
    });

    it('takes the period from the request’s own time', async () => {
      const { id } = await put();
      await test.record(spend(5, { createdAtMs: today() - 1 }), spend(7, { createdAtMs: today() }));
      expect(await standing(id)).toEqual([7, 0]);
      const yesterday = anAsk(id, 0, { periodStartMs: today() - 86_400_000 });
      expect(await lease('g1#1', yesterday)).toMatchObject({ account: { postedNanoUsd: 5 } });
      expect(await lease('g1#1', anAsk(id, 1, { periodStartMs: today() + 86_400_000 }))).toMatchObject({
        state: 'granted',
      });
    });

    it('says exhausted where what is on record leaves no room, or nobody else has any', async () => {
      const { id } = await put();
      await test.record(spend(900));
      expect(await lease('g1#1', anAsk(id, 101))).toMatchObject({ state: 'exhausted', grantedNanoUsd: 0 });
      expect(await lease('g1#1', anAsk(id, 100))).toMatchObject({ state: 'granted' });
      expect(await lease('g1#1', anAsk(id, 1))).toMatchObject({ state: 'exhausted' });
    });

    it('says contended while others have some, tells them once, and exhausted when all have answered', async () => {
      const { id } = await put();
      await lease('g1#1', anAsk(id, 600));
      await lease('g2#1', anAsk(id, 300));
      const wanted = { budgetId: id, subject: '', periodStartMs: today() };
      const ask = { lessee: 'g3#1', holdMs: 0, asks: [anAsk(id, 200)] };
      expect(await test.authority.lease(ask)).toMatchObject({
        reply: { grants: [{ state: 'contended' }] },
        wanted: [wanted],
      });
      expect(await test.authority.lease(ask)).toMatchObject({
        reply: { grants: [{ state: 'contended' }] },
        wanted: [],
      });
      expect((await sync('g1', aState('g1#1'))).wanted).toEqual([{ ...wanted, amountNanoUsd: 200 }]);
      // Its first one may have been on its way before it was told.
      await sync('g2', aState('g2#1'));
      await sync('g1', aState('g1#1'));
      expect(await lease('g3#1', anAsk(id, 200))).toMatchObject({ state: 'contended' });
      await sync('g2', aState('g2#1'));
      expect(await lease('g3#1', anAsk(id, 200))).toMatchObject({ state: 'exhausted' });
      const returned = [{ ...wanted, amountNanoUsd: 150 }];
      expect(await lease('g3#1', anAsk(id, 200))).toMatchObject({ state: 'contended' });
      await sync('g1', aState('g1#1', { returned }));
      expect(await lease('g3#1', anAsk(id, 200))).toMatchObject({ state: 'granted', grantedNanoUsd: 200 });
      expect((await sync('g1', aState('g1#1'))).wanted).toEqual([]);
    });

    it('does not wait for the word of a gateway that is not heard of any more', async () => {
      const { id } = await put();
      await lease('g1#1', anAsk(id, 900));
      await test.passTime(10_100);
      expect(await lease('g2#1', anAsk(id, 200))).toMatchObject({ state: 'exhausted' });
    });

    it('takes back no more than a lease has', async () => {
      const { id } = await put();
      await lease('g1#1', anAsk(id, 100));
      await lease('g2#1', anAsk(id, 100));
      const returned = [{ budgetId: id, subject: '', periodStartMs: today(), amountNanoUsd: 70 }];
      await sync('g1', aState('g1#1', { returned }));
      expect(await standing(id)).toEqual([0, 130]);
      await sync('g1', aState('g1#1', { returned }));
      expect(await standing(id)).toEqual([0, 100]);
    });

    it('knows no budget that is removed or was never there, nor a period that is none', async () => {
      const { id } = await put({ period: 'month' });
      const notFirst = new Date(today()).getUTCDate() === 1 ? today() + 86_400_000 : today();
      expect(await leases('g1#1', anAsk('never', 1), anAsk(id, 1, { periodStartMs: notFirst }))).toEqual([
        { state: 'unknown', grantedNanoUsd: 0, account: undefined },
        { state: 'unknown', grantedNanoUsd: 0, account: undefined },
      ]);
      const daily = await put();
      await lease('g1#1', anAsk(daily.id, 100));
      expect(await test.authority.remove(daily.id, 'globex')).toBeUndefined();
      expect(await test.authority.remove(daily.id, 'acme')).toMatchObject({ isRemoved: true });
      expect(await lease('g1#1', anAsk(daily.id, 1))).toMatchObject({ state: 'unknown' });
      expect((await test.authority.list('acme')).budgets.map((each) => each.id)).toEqual([id]);
    });

    it('makes an account known that nothing is needed of, and keeps telling how it stands', async () => {
      const { id } = await put({ onExceeded: 'alert' });
      expect(await lease('g1#1', anAsk(id, 0))).toMatchObject({ state: 'granted', grantedNanoUsd: 0 });
      await test.record(spend(1_001));
      const { accounts } = await sync('g1', aState('g1#1'));
      expect(accounts).toEqual([
        { budgetId: id, subject: '', periodStartMs: today(), postedNanoUsd: 1_001, leasedNanoUsd: 0 },
      ]);
      expect(await lease('g1#1', anAsk(id, 0))).toMatchObject({ state: 'exhausted' });
    });

    it('frees what a closed lessee has left when all that is older is on record, and lends to its name no more', async () => {
      const { id } = await put();
      await lease('g1#1', anAsk(id, 100));
      await sync('g1', aState('g1#1', { isClosed: true }));
      await test.passTime(1_000);
      expect(await sweep(5_000)).toMatchObject({ closed: 0 });
      await test.record(spend(30, { budgetLessee: 'g1#1' }));
      expect(await standing(id)).toEqual([30, 70]);
      expect(await sweep(500)).toEqual({ closed: 1, expired: 0, releasedNanoUsd: 70 });
      expect(await standing(id)).toEqual([30, 0]);
      expect(await lease('g1#1', anAsk(id, 10))).toMatchObject({ state: 'contended', grantedNanoUsd: 0 });
      expect((await sync('g1', aState('g1#1'))).unknownLessees).toEqual(['g1#1']);
      await test.record(spend(30, { budgetLessee: 'g1#1' }));
      expect(await standing(id)).toEqual([60, 0]);
    });

    it('frees what a lost gateway has left after its hold, and not before', async () => {
      const { id } = await put();
      await test.authority.lease({ lessee: 'g1#1', holdMs: 60_000, asks: [anAsk(id, 100)] });
      await test.passTime(30_000);
      expect(await sweep(0)).toMatchObject({ expired: 0 });
      await sync('g1', aState('g1#1', { holdMs: 20_000 }));
      await test.passTime(31_000);
      expect(await sweep(5_000)).toMatchObject({ expired: 0 });
      expect(await sweep(0)).toEqual({ closed: 0, expired: 1, releasedNanoUsd: 100 });
      expect(await standing(id)).toEqual([0, 0]);
    });

    it('reserves for many at once or not at all, and once however often it is asked', async () => {
      const org = await put();
      const user = await put({ scope: 'user', scopeId: '*', limitNanoUsd: 100 });
      const soft = await put({ period: 'month', onExceeded: 'alert', limitNanoUsd: 1 });
      const item = (userId: string, amountNanoUsd: number) => ({
        tenantId: 'acme',
        teamId: '',
        userId,
        keyId: '',
        featureName: '',
        createdAtMs: Date.now(),
        amountNanoUsd,
      });
      const holdUntilMs = Date.now() + 3_600_000;
      const refused = { lessee: 'batch:1', holdUntilMs, items: [item('ada', 60), item('ada', 60), item('bob', 5)] };
      expect(await test.authority.reserve(refused)).toEqual({
        isReserved: false,
        budgetId: user.id,
        subject: 'ada',
        remainingNanoUsd: 100,
      });
      expect(await standing(org.id)).toEqual([0, 0]);
      const request = { lessee: 'batch:1', holdUntilMs, items: [item('ada', 60), item('bob', 5)] };
      for (let times = 0; times < 2; times++)
        expect(await test.authority.reserve(request)).toMatchObject({ isReserved: true });
      expect(await standing(org.id)).toEqual([0, 65]);
      expect(await standing(user.id, 'ada')).toEqual([0, 60]);
      expect(await standing(soft.id)).toEqual([0, 0]);
      await test.record(spend(20, { userId: 'ada', budgetLessee: 'batch:1' }));
      expect(await standing(user.id, 'ada')).toEqual([20, 40]);
      await test.authority.closeLessees(['batch:1', 'batch:none']);
      await test.passTime(1_000);
      expect(await sweep(0)).toMatchObject({ closed: 1, releasedNanoUsd: 90 });
      expect(await test.authority.reserve(request)).toBe('closed');
      expect(await test.authority.reserve({ lessee: 'batch:2', holdUntilMs, items: [] })).toMatchObject({
        isReserved: true,
      });
    });

    it('keeps what is reserved for a batch until its time, though nobody renews it', async () => {
      const { id } = await put();
      const item = { tenantId: 'acme', teamId: '', userId: '', keyId: '', featureName: '' };
      const items = [{ ...item, createdAtMs: Date.now(), amountNanoUsd: 50 }];
      await test.authority.reserve({ lessee: 'batch:1', holdUntilMs: Date.now() + 3_600_000, items });
      await test.passTime(3_500_000);
      await sweep(0);
      expect((await test.authority.list()).accounts.find((each) => each.budgetId === id)?.leasedNanoUsd).toBe(50);
      await test.passTime(200_000);
      expect(await sweep(0)).toMatchObject({ expired: 1, releasedNanoUsd: 50 });
    });

    it('tells what changed since a version, in order, and wants back what is beyond a lowered limit', async () => {
      const first = await put();
      const second = await put({ scope: 'team', scopeId: 'search' });
      await lease('g1#1', anAsk(first.id, 800));
      const lowered = await put({ limitNanoUsd: 500 });
      expect(lowered).toMatchObject({ id: first.id, createdAt: first.createdAt, limitNanoUsd: 500 });
      await test.authority.remove(second.id);
      const told = await test.authority.sync({
        gatewayId: 'g1',
        sinceVersion: first.version,
        lessees: [aState('g1#1')],
      });
      expect(told.changed.map(({ id, isRemoved }) => [id, isRemoved])).toEqual([
        [first.id, false],
        [second.id, true],
      ]);
      expect(told.latestVersion).toBe(told.changed[1]?.version);
      expect(told.wanted).toEqual([{ budgetId: first.id, subject: '', periodStartMs: today(), amountNanoUsd: 300 }]);
      expect(await lease('g2#1', anAsk(first.id, 1))).toMatchObject({ state: 'contended' });
      const nothing = await test.authority.sync({ gatewayId: 'g1', sinceVersion: told.latestVersion, lessees: [] });
      expect(nothing).toMatchObject({ changed: [], latestVersion: told.latestVersion });
    });
  });
}
