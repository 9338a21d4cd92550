import type { Budget, BudgetPayer } from '../budget';
import { LeaseBook, type ReserveResult } from '../lease-book';
import type { LeaseCall } from '../lease-words';
import { MemoryAuthority } from './memory-authority';

export const START_MS = Date.parse('2026-03-11T12:00:00Z');
export const ann: BudgetPayer = { tenantId: 't', userId: 'ann' };

export const budget = (changes: Partial<Budget> = {}): Omit<Budget, 'version'> => ({
  id: 'b1',
  scope: 'org',
  tenantId: 't',
  scopeId: '',
  period: 'day',
  limitNanoUsd: 1_000,
  softLimitNanoUsd: 0,
  onExceeded: 'block',
  onUnreachable: 'open',
  isRemoved: false,
  ...changes,
});

/** A book beside an authority that answers at once; the spec moves the clock. */
export class SpecGateway {
  readonly authority = new MemoryAuthority({ onWanted: () => undefined });
  readonly book: LeaseBook;
  nowMs = START_MS;

  constructor(budgets: readonly Omit<Budget, 'version'>[], maxAccounts?: number) {
    this.book = new LeaseBook({ gatewayId: 'g', usualRequestMs: 20_000, maxAccounts });
    for (const one of budgets) this.authority.put(one);
    this.sync();
  }

  sync(): void {
    let isMore = true;
    while (isMore) {
      const state = this.book.syncState(this.nowMs);
      isMore = this.book.synced(state, this.authority.sync('g', state, this.nowMs), this.nowMs, this.nowMs);
    }
  }

  reserve(worstNanoUsd: number, payer = ann, deadlineMs = 10_000, recordedAtMs = this.nowMs): ReserveResult {
    const ask = { payer, worstNanoUsd, recordedAtMs, deadlineAtMs: this.nowMs + deadlineMs };
    return this.book.reserve(ask, this.nowMs);
  }

  /** Leases what a reservation lacks, and makes it. */
  lease(worstNanoUsd: number, payer = ann, deadlineMs = 10_000, recordedAtMs = this.nowMs): ReserveResult {
    const short = this.reserve(worstNanoUsd, payer, deadlineMs, recordedAtMs);
    if (short.kind !== 'short') return short;
    const asks = short.accounts.map((account) => ({ account, needNanoUsd: worstNanoUsd, wantNanoUsd: worstNanoUsd }));
    this.send(this.book.callFor(asks, this.nowMs + deadlineMs, this.nowMs));
    return this.reserve(worstNanoUsd, payer, deadlineMs, recordedAtMs);
  }

  send(call: LeaseCall): void {
    const asks = call.asks.map(({ account, needNanoUsd, wantNanoUsd }) => ({
      budgetId: account.budget.id,
      subject: account.subject,
      periodStartMs: account.periodStartMs,
      needNanoUsd,
      wantNanoUsd,
    }));
    this.book.granted(call, this.authority.lease('g', call.epoch.lessee, call.holdMs, asks, this.nowMs), this.nowMs);
  }

  leased(): number {
    return [...this.authority.accounts.values()].reduce((sum, account) => sum + account.leased, 0);
  }

  settle(result: ReserveResult, paidNanoUsd: number): void {
    if (result.kind === 'reserved') this.book.settle(result.reservation, paidNanoUsd, this.nowMs);
  }
}

export const gateway = (budgets = [budget()]): SpecGateway => new SpecGateway(budgets);
