import {
  CostlaneError,
  type Budget,
  type LeaseCall,
  type LeaseWord,
  type SyncState,
  type SyncWord,
} from '@costlane/domain';
import type { BudgetAuthority } from '../budget-authority';

/** A hard daily budget of the tenant `acme`, changed as wanted. */
export const aBudget = (changes: Partial<Budget> = {}): Budget => ({
  id: 'b1',
  scope: 'org',
  tenantId: 'acme',
  scopeId: '',
  period: 'day',
  limitNanoUsd: 1_000_000_000,
  softLimitNanoUsd: 0,
  onExceeded: 'block',
  onUnreachable: 'open',
  version: 1,
  isRemoved: false,
  ...changes,
});

/** An authority that gives each what it needs while there is room, and what the spec has it say otherwise. */
export class FakeAuthority implements BudgetAuthority {
  budgets: Budget[] = [];
  /** By budget: on record. */
  posted = new Map<string, number>();
  leased = new Map<string, number>();
  leases: LeaseCall[] = [];
  syncs: SyncState[] = [];
  wanted: SyncWord['wanted'] = [];
  mode: 'well' | 'silent' | 'failing' = 'well';
  /** Says contended in the place of exhausted. */
  isContended = false;
  isClosed = false;

  sync(state: SyncState): Promise<SyncWord> {
    this.syncs.push(state);
    return this.answer(() => {
      for (const { returned } of state.lessees)
        for (const { budgetId, amountNanoUsd } of returned) this.add(budgetId, -amountNanoUsd);
      const changed = this.budgets.filter(({ version }) => version > state.sinceVersion);
      const latestVersion = Math.max(0, ...this.budgets.map(({ version }) => version));
      return { changed, latestVersion, leaseTtlMs: 10_000, accounts: [], wanted: this.wanted, unknownLessees: [] };
    });
  }

  lease(call: LeaseCall): Promise<LeaseWord> {
    this.leases.push(call);
    return this.answer(() => ({
      leaseTtlMs: 10_000,
      grants: call.asks.map(({ account, needNanoUsd, wantNanoUsd }) => {
        const { budget, subject, periodStartMs } = account;
        const [posted, leased] = [this.posted.get(budget.id) ?? 0, this.leased.get(budget.id) ?? 0];
        const room = budget.limitNanoUsd - posted - leased;
        const isGranted = room >= needNanoUsd || needNanoUsd === 0;
        const grantedNanoUsd = isGranted
          ? Math.max(needNanoUsd, Math.min(wantNanoUsd, Math.floor(Math.max(0, room) / 4)))
          : 0;
        this.add(budget.id, grantedNanoUsd);
        const standing = {
          budgetId: budget.id,
          subject,
          periodStartMs,
          postedNanoUsd: posted,
          leasedNanoUsd: leased + grantedNanoUsd,
        };
        return {
          state: isGranted ? 'granted' : this.isContended ? 'contended' : 'exhausted',
          grantedNanoUsd,
          account: standing,
        } as const;
      }),
    }));
  }

  close(): void {
    this.isClosed = true;
  }

  private add(budgetId: string, amount: number): void {
    this.leased.set(budgetId, (this.leased.get(budgetId) ?? 0) + amount);
  }

  private answer<T>(what: () => T): Promise<T> {
    if (this.mode === 'silent') return new Promise(() => undefined);
    if (this.mode === 'failing') return Promise.reject(new CostlaneError('unavailable', 'It cannot be reached.'));
    return Promise.resolve().then(what);
  }
}
