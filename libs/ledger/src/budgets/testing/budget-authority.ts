import type { LeaseAsk, LesseeState } from '@costlane/contracts';
import type { BudgetStore, NewBudget } from '../budget-types';

/** A request that is put on record. */
export interface SpentRequest {
  requestId: string;
  tenantId: string;
  teamId?: string;
  userId?: string;
  keyId?: string;
  featureName?: string;
  createdAtMs: number;
  paidNanoUsd: number;
  budgetLessee?: string;
}

/** What any authority on budgets does: that in Postgres, and models of it. */
export type BudgetAuthority = Pick<
  BudgetStore,
  'put' | 'remove' | 'list' | 'sync' | 'lease' | 'reserve' | 'closeLessees' | 'sweep'
>;

/** An authority under test, with the ledger that posts to it and a clock that can be moved. */
export interface AuthorityUnderTest {
  authority: BudgetAuthority;
  /** Puts requests on record; those that are there already change nothing. */
  record(...requests: SpentRequest[]): Promise<void>;
  /** Lets time pass for all that has happened so far. */
  passTime(ms: number): Promise<void>;
  end(): Promise<void>;
}

/** A hard daily budget of the tenant `acme`, changed as wanted. */
export const aBudget = (changes: Partial<NewBudget> = {}): NewBudget => ({
  tenantId: 'acme',
  scope: 'org',
  scopeId: '',
  period: 'day',
  limitNanoUsd: 1_000,
  softLimitNanoUsd: 0,
  onExceeded: 'block',
  onUnreachable: 'open',
  ...changes,
});

/** Midnight UTC of today. */
export const today = (): number => Math.floor(Date.now() / 86_400_000) * 86_400_000;

export const anAsk = (budgetId: string, needNanoUsd: number, changes: Partial<LeaseAsk> = {}): LeaseAsk => ({
  budgetId,
  subject: '',
  periodStartMs: today(),
  needNanoUsd,
  wantNanoUsd: needNanoUsd,
  ...changes,
});

export const aState = (lessee: string, changes: Partial<LesseeState> = {}): LesseeState => ({
  lessee,
  holdMs: 0,
  returned: [],
  isClosed: false,
  ...changes,
});
