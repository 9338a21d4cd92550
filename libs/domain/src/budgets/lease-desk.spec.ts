import type { Budget, BudgetPayer } from './budget';
import { LeaseBook } from './lease-book';
import { LeaseDesk, type DeskOutcome } from './lease-desk';
import type { GrantState, LeaseCall, LeaseWord } from './lease-words';

const START_MS = Date.parse('2026-03-11T12:00:00Z');

/** A desk whose authority says what the spec has it say. */
class SpecDesk {
  readonly book = new LeaseBook({ gatewayId: 'g' });
  readonly desk = new LeaseDesk({ book: this.book });
  readonly outcomes: DeskOutcome['kind'][] = [];
  nowMs = START_MS;

  constructor() {
    const users: Budget = {
      id: 'users',
      scope: 'user',
      tenantId: 't',
      scopeId: '*',
      period: 'day',
      limitNanoUsd: 1_000,
      softLimitNanoUsd: 0,
      onExceeded: 'block',
      onUnreachable: 'closed',
      version: 1,
      isRemoved: false,
    };
    for (const changed of [[users], []]) {
      const state = this.book.syncState(this.nowMs);
      const word = { changed, latestVersion: 1, leaseTtlMs: 10_000, accounts: [], wanted: [], unknownLessees: [] };
      this.book.synced(state, word, this.nowMs, this.nowMs);
    }
  }

  ask(userId: string, worstNanoUsd = 10, isGone = () => false): DeskOutcome | undefined {
    const payer: BudgetPayer = { tenantId: 't', userId };
    const ask = { payer, worstNanoUsd, recordedAtMs: this.nowMs, deadlineAtMs: this.nowMs + 10_000 };
    return this.desk.reserve(ask, this.nowMs, isGone, ({ kind }) => this.outcomes.push(kind));
  }

  answer(call: LeaseCall, state: GrantState): void {
    const grants: LeaseWord['grants'] = call.asks.map(({ needNanoUsd }) => ({
      state,
      grantedNanoUsd: state === 'granted' ? needNanoUsd : 0,
    }));
    this.desk.answered(call, { grants, leaseTtlMs: 10_000 }, this.nowMs);
  }
}

describe('where requests wait for the authority', () => {
  it('asks about so many accounts at a time as are answered in a moment, and about all in turn', () => {
    const at = new SpecDesk();
    for (let user = 0; user < 250; user++) at.ask(`user${user}`);
    const asked: number[] = [];
    for (let call = at.desk.next(at.nowMs); call; call = at.desk.next(at.nowMs)) {
      asked.push(call.asks.length);
      at.answer(call, 'granted');
    }
    expect(asked).toEqual([100, 100, 50]);
    expect([at.desk.waiting, at.outcomes.length]).toEqual([0, 250]);
  });

  it('asks ahead of need for what there is room for in a call, and for the rest with the next', () => {
    const at = new SpecDesk();
    for (let user = 0; user < 150; user++)
      at.book.remaining({ tenantId: 't', userId: `user${user}` }, START_MS, START_MS);
    const first = at.desk.next(at.nowMs);
    if (first) at.answer(first, 'granted');
    expect([first?.asks.length, at.book.needsRefill, at.desk.next(at.nowMs)?.asks.length]).toEqual([100, true, 50]);
    expect(at.book.needsRefill).toBe(false);
  });

  it('serves who waits once for all that was settled in a turn', () => {
    const at = new SpecDesk();
    at.ask('ann', 1_000);
    const call = at.desk.next(at.nowMs);
    if (call) at.answer(call, 'granted');
    const held = at.book.totals();
    expect(held.openReservations).toBe(1);
    let looks = 0;
    at.ask('ann', 10, () => (looks++, false));
    for (let n = 0; n < 100; n++) at.desk.settled();
    expect(looks).toBe(0);
    at.desk.next(at.nowMs);
    expect(looks).toBe(2);
  });

  it('keeps nothing of accounts that nobody waits for, though somebody waits for something at all times', () => {
    const at = new SpecDesk();
    const kept = (): number => (at.desk as unknown as { queues: { size: number } }).queues.size;
    at.ask('patient', 999);
    for (let user = 0; user < 5_000; user++) {
      at.ask(`user${user}`);
      const call = at.desk.next(at.nowMs);
      if (!call) throw new Error('nothing was asked for');
      const grants: LeaseWord['grants'] = call.asks.map(({ account, needNanoUsd }) =>
        account.subject === 'patient'
          ? { state: 'contended', grantedNanoUsd: 0 }
          : { state: 'granted', grantedNanoUsd: needNanoUsd },
      );
      at.desk.answered(call, { grants, leaseTtlMs: 10_000 }, at.nowMs);
    }
    expect(at.desk.waiting).toBe(1);
    expect(kept()).toBeLessThan(1_100);
  });
});
