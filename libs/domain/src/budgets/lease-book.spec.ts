import { reservationGraceMs, type ReserveResult } from './lease-book';
import { ann, budget, gateway, SpecGateway, START_MS } from './testing/spec-gateway';

const TTL_MS = 10_000;
const DAY_MS = 86_400_000;

const lesseeOf = (result: ReserveResult): string =>
  result.kind === 'reserved' ? result.reservation.epoch.lessee : result.kind;
const accountsOf = (result: ReserveResult): string[] =>
  result.kind === 'reserved'
    ? result.reservation.leases.map(({ account: { budget: one, subject } }) => `${one.id}/${subject}`)
    : [];

describe('what a gateway holds of budgets', () => {
  it('is nothing to a payer whom none concerns, and to a request that costs nothing', () => {
    expect(gateway([budget({ scope: 'team', scopeId: 'red' })]).reserve(5).kind).toBe('none');
    expect(gateway().reserve(0).kind).toBe('none');
    expect(gateway([]).book.index.size).toBe(0);
  });

  it('is reserved on every budget that a request touches, or on none', () => {
    const at = gateway([
      budget(),
      budget({ id: 'users', scope: 'user', scopeId: '*' }),
      budget({ id: 'bobs', scope: 'user', scopeId: 'bob' }),
      budget({ id: 'bobs-month', scope: 'user', scopeId: 'bob', period: 'month' }),
      budget({ id: 'others', tenantId: 'other' }),
    ]);
    expect(accountsOf(at.lease(10)).sort()).toEqual(['b1/', 'users/ann']);
    expect(accountsOf(at.lease(10, { tenantId: 't', userId: 'bob' })).sort()).toEqual([
      'b1/',
      'bobs-month/bob',
      'bobs/bob',
    ]);
    at.authority.put(budget({ id: 'users', scope: 'user', scopeId: '*', limitNanoUsd: 15 }));
    at.sync();
    const free = at.book.totals().freeNanoUsd;
    expect(at.reserve(16).kind).not.toBe('reserved');
    expect(at.book.totals().freeNanoUsd).toBe(free);
  });

  it('is free again but for what was paid, once, and at most so much is told to be left', () => {
    const at = gateway();
    const one = at.lease(100);
    expect(at.book.remaining(ann, at.nowMs, at.nowMs)).toBe(900);
    at.settle(one, 30);
    at.settle(one, 30);
    expect(at.book.remaining(ann, at.nowMs, at.nowMs)).toBe(970);
  });

  it('is refused at once where what is on record leaves no room', () => {
    const at = gateway();
    at.lease(1);
    at.authority.post({ payer: ann, recordedAtMs: at.nowMs, paidNanoUsd: 950, lessee: undefined });
    at.sync();
    expect([at.reserve(51).kind, at.reserve(40).kind]).toEqual(['refused', 'short']);
  });

  it('cannot be reserved any more when its time is over, counted from when it was asked for', () => {
    const at = gateway();
    at.settle(at.lease(500), 0);
    at.nowMs += TTL_MS - 1;
    const last = at.reserve(1);
    expect(last.kind).toBe('reserved');
    at.nowMs += 1;
    expect(at.reserve(1).kind).toBe('short');
    const renewed = at.lease(1);
    expect(lesseeOf(renewed)).not.toBe(lesseeOf(last));
  });

  it('goes on for as long as the authority hears of it', () => {
    const at = gateway();
    at.settle(at.lease(500), 0);
    for (let n = 0; n < 8; n++) {
      at.nowMs += 3_000;
      const one = at.reserve(1);
      expect(one.kind).toBe('reserved');
      at.settle(one, 0);
      at.sync();
    }
  });

  it('is held by the authority until what it reserves has ended, whatever becomes of the gateway', () => {
    const at = gateway();
    const one = at.lease(100, ann, 20_000);
    const lessee = at.authority.lessees.get(lesseeOf(one));
    expect(lessee?.holdUntilMs).toBeGreaterThanOrEqual(START_MS + 20_000 + reservationGraceMs);
    // One that may take longer than what was asked for asks for more time.
    at.settle(at.lease(200), 0);
    expect(at.reserve(1, ann, 3_600_000).kind).toBe('short');
    expect(at.lease(1, ann, 3_600_000).kind).toBe('reserved');
    expect(lessee?.holdUntilMs).toBe(START_MS + 3_600_000 + reservationGraceMs);
  });

  it('is gone where the authority does not know the lessee', () => {
    const at = gateway();
    const one = at.lease(500);
    at.settle(one, 0);
    at.authority.lessees.delete(lesseeOf(one));
    at.sync();
    expect(at.reserve(1).kind).toBe('short');
  });

  it('goes back when nobody needed it for five seconds, and at once when others do', () => {
    const at = gateway();
    const [one, other] = [at.lease(300), at.lease(300)];
    at.settle(one, 0);
    at.nowMs += 4_900;
    at.sync();
    expect(at.leased()).toBe(600);
    for (let n = 0; n < 3; n++) {
      at.nowMs += 5_100;
      at.sync();
    }
    expect(at.leased()).toBeLessThanOrEqual(310);
    at.settle(other, 0);
    const account = [...at.authority.accounts.values()][0];
    at.book.want('b1', '', account?.startMs ?? 0, at.nowMs);
    at.sync();
    expect(at.leased()).toBe(0);
  });

  it('is not given back a second time when nobody has heard of the first', () => {
    const at = gateway();
    at.settle(at.lease(300), 0);
    at.book.close();
    const lost = at.book.syncState(at.nowMs);
    expect(lost.lessees[0]?.returned).toMatchObject([{ amountNanoUsd: 300 }]);
    expect(at.book.syncState(at.nowMs).lessees).toMatchObject([{ returned: [], isClosed: true }]);
  });

  it('is leased under another name each half minute, before it is needed, and the old one ends with its last request', () => {
    const at = gateway();
    const old = at.lease(100);
    at.nowMs += 8_000;
    for (let n = 0; n < 3; n++) {
      at.sync();
      at.settle(at.lease(1), 0);
      at.nowMs += 8_000;
    }
    at.settle(at.lease(1), 0);
    const warm = at.book.warmCall(at.nowMs);
    expect(warm?.asks).toMatchObject([{ needNanoUsd: 0 }]);
    if (warm) at.send(warm);
    const fresh = at.lease(1);
    expect(lesseeOf(fresh)).not.toBe(lesseeOf(old));
    at.sync();
    expect(at.authority.lessees.get(lesseeOf(old))?.closedAtMs).toBeUndefined();
    at.settle(old, 100);
    at.sync();
    expect(at.authority.lessees.get(lesseeOf(old))?.closedAtMs).toBe(at.nowMs);
  });

  it('ends a minute after the deadline of a request that nobody has heard of', () => {
    const at = gateway();
    const lost = at.lease(100);
    at.book.close();
    at.nowMs += 10_000 + reservationGraceMs;
    expect(at.book.syncState(at.nowMs).lessees).toMatchObject([{ lessee: lesseeOf(lost), isClosed: false }]);
    at.nowMs += 1;
    expect(at.book.syncState(at.nowMs).lessees).toMatchObject([{ isClosed: true, returned: [] }]);
  });

  it('is of the period under which a request is on record', () => {
    const at = gateway();
    at.lease(900);
    const yesterday = at.lease(900, ann, 10_000, START_MS - DAY_MS);
    expect(yesterday.kind).toBe('reserved');
    expect(at.lease(900).kind).toBe('short');
    at.nowMs += DAY_MS;
    at.sync();
    expect(at.lease(900).kind).toBe('reserved');
  });

  it('follows budgets that are changed, removed and no hard ones', () => {
    const at = gateway();
    at.lease(100);
    at.authority.put(budget({ limitNanoUsd: 10 }));
    at.sync();
    expect(at.lease(100).kind).not.toBe('reserved');
    at.authority.put(budget({ onExceeded: 'throttle', limitNanoUsd: 10 }));
    at.sync();
    expect(at.reserve(100).kind).toBe('none');
    expect(at.book.exceeded(ann, 'throttle', at.nowMs, at.nowMs)).toEqual([]);
    at.authority.post({ payer: ann, recordedAtMs: at.nowMs, paidNanoUsd: 10, lessee: undefined });
    at.sync();
    expect(at.book.exceeded(ann, 'throttle', at.nowMs, at.nowMs)).toHaveLength(1);
    expect(at.book.exceeded(ann, 'downgrade', at.nowMs, at.nowMs)).toEqual([]);
    at.authority.put(budget({ isRemoved: true }));
    at.sync();
    expect([at.book.index.size, at.book.index.has('t')]).toEqual([0, false]);
  });

  it('lets nobody pass for whom there is no account left to be kept', () => {
    const at = new SpecGateway([budget({ scope: 'user', scopeId: '*' })], 1);
    expect(at.lease(1).kind).toBe('reserved');
    const bob = { tenantId: 't', userId: 'bob' };
    expect(at.book.limitsOf(bob, at.nowMs, at.nowMs)).toMatchObject({ isHard: true });
    expect(at.reserve(1, bob).kind).toBe('crowded');
  });

  it('takes a database that knows less than it has told for another one, and nothing for known until all is told anew', () => {
    const at = gateway();
    at.lease(100);
    const state = at.book.syncState(at.nowMs);
    const word = { ...at.authority.sync('g', state, at.nowMs), changed: [], latestVersion: 0 };
    expect(at.book.synced(state, word, at.nowMs, at.nowMs)).toBe(true);
    expect([at.book.isSynced, at.book.index.size]).toEqual([false, 0]);
    at.sync();
    expect([at.book.isSynced, at.book.index.size]).toEqual([true, 1]);
  });

  it('hears of it where less is on record than there was, though all is refused and nothing is leased', () => {
    const at = gateway();
    at.settle(at.lease(10), 0);
    at.authority.post({ payer: ann, recordedAtMs: at.nowMs, paidNanoUsd: 1_000, lessee: undefined });
    at.sync();
    at.nowMs += 40_000;
    at.book.warmCall(at.nowMs);
    at.sync();
    at.book.refillAsks(at.nowMs, 10);
    at.authority.post({ payer: ann, recordedAtMs: at.nowMs, paidNanoUsd: -500, lessee: undefined });
    expect([at.reserve(10).kind, at.book.needsRefill]).toEqual(['refused', true]);
    at.send(at.book.callFor(at.book.refillAsks(at.nowMs, 10), at.nowMs, at.nowMs));
    expect([at.lease(10).kind, at.book.needsRefill]).toEqual(['reserved', false]);
  });

  it('keeps no account that nobody has used for a minute', () => {
    const at = gateway([budget({ scope: 'user', scopeId: '*' })]);
    for (let n = 0; n < 50; n++) at.settle(at.lease(1, { tenantId: 't', userId: `user${n}` }), 0);
    expect(at.book.index.accounts).toBe(50);
    at.nowMs += 40_000;
    at.book.warmCall(at.nowMs);
    for (let n = 0; n < 4; n++) {
      at.sync();
      at.nowMs += 30_000;
    }
    expect([at.book.index.accounts, at.leased()]).toEqual([0, 0]);
  });
});
