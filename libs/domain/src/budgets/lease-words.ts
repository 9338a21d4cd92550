import type { Budget } from './budget';
import type { BudgetAccount } from './budget-account';
import type { LeaseEpoch } from './lease-epoch';

/** What gateways and the authority on budgets say to one another; amounts in nano-dollars, times in epoch milliseconds. */
export interface LeaseAmount {
  readonly budgetId: string;
  readonly subject: string;
  readonly periodStartMs: number;
  readonly amountNanoUsd: number;
}

export interface LesseeState {
  readonly lessee: string;
  readonly holdMs: number;
  readonly returned: readonly LeaseAmount[];
  readonly isClosed: boolean;
}

/** A gateway's side of a sync. */
export interface SyncState {
  readonly sinceVersion: number;
  readonly lessees: readonly LesseeState[];
}

export interface AccountWord {
  readonly budgetId: string;
  readonly subject: string;
  readonly periodStartMs: number;
  readonly postedNanoUsd: number;
  readonly leasedNanoUsd: number;
}

/** The authority's side of it. */
export interface SyncWord {
  readonly changed: readonly Budget[];
  readonly latestVersion: number;
  readonly leaseTtlMs: number;
  readonly accounts: readonly AccountWord[];
  readonly wanted: readonly Omit<LeaseAmount, 'amountNanoUsd'>[];
  readonly unknownLessees: readonly string[];
}

/** More of an account is asked for: `needNanoUsd` at the least, `wantNanoUsd` where there is plenty. */
export interface LeaseAsk {
  readonly account: BudgetAccount;
  readonly needNanoUsd: number;
  readonly wantNanoUsd: number;
}

export interface LeaseCall {
  readonly epoch: LeaseEpoch;
  readonly holdMs: number;
  readonly asks: readonly LeaseAsk[];
  readonly sentAtMs: number;
}

/** `unknown`: there is no such budget, or it is gone. */
export type GrantState = 'granted' | 'contended' | 'exhausted' | 'unknown';

export interface LeaseWord {
  /** In the order of the asks. */
  readonly grants: readonly {
    readonly state: GrantState;
    readonly grantedNanoUsd: number;
    readonly account?: AccountWord;
  }[];
  readonly leaseTtlMs: number;
}
