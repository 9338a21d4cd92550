import type {
  Budget,
  BudgetSyncReply,
  BudgetSyncRequest,
  LeaseReply,
  LeaseRequest,
  ListBudgetsReply,
  ReserveReply,
  ReserveRequest,
} from '@costlane/contracts';

/** What an administrator says of a budget; the rest of it is the authority's. Already validated. */
export type NewBudget = Pick<
  Budget,
  'scope' | 'tenantId' | 'scopeId' | 'period' | 'limitNanoUsd' | 'softLimitNanoUsd' | 'onExceeded' | 'onUnreachable'
>;

/** Budgets of one tenant. */
export const MAX_BUDGETS_OF_TENANT = 10_000;
/** Budgets in one answer to a sync; while any come there may be more. */
export const CHANGED_PAGE = 1_000;
/** A lease that is not renewed holds so long after it was asked for. */
export const LEASE_TTL_MS = 10_000;

/** An account that somebody needs more of than is free. */
export interface WantedAccount {
  budgetId: string;
  subject: string;
  periodStartMs: number;
}

export interface SweepOutcome {
  /** Lessees that were at their end, and those that nobody had renewed. */
  closed: number;
  expired: number;
  releasedNanoUsd: number;
}

export interface BudgetTotals {
  leasedNanoUsd: number;
  /** Accounts of budgets that block which were found beyond their limit for the first time. */
  newlyOverspent: number;
}

/**
 * The authority on budgets; see `docs/decisions/0012-budgets.md` for what its lessees have to keep to. Amounts are nano-dollars; those beyond 2^53
 * are told as that. All throw `DatabaseError`; texts have to be free of NUL.
 */
export interface BudgetStore {
  /** One of a scope, scope id and period in a tenant; putting it again changes it. Undefined: the tenant has {@link MAX_BUDGETS_OF_TENANT}. */
  put(budget: NewBudget): Promise<Budget | undefined>;
  /** Undefined: there is none, or not of this tenant. No tenant: of any. */
  remove(id: string, tenantId?: string): Promise<Budget | undefined>;
  /**
   * Of a tenant, or of all; accounts of the current periods, 10,000 of each at the most: first those of budgets that are somebody's own, then those
   * under one for everybody, with the most on record first.
   */
  list(tenantId?: string): Promise<ListBudgetsReply>;
  sync(request: BudgetSyncRequest): Promise<BudgetSyncReply>;
  /** `wanted`: accounts whose holders are to be told now. */
  lease(request: LeaseRequest): Promise<{ reply: LeaseReply; wanted: WantedAccount[] }>;
  /** May be repeated. `closed`: the lessee's name was used up before. */
  reserve(request: ReserveRequest): Promise<ReserveReply | 'closed'>;
  closeLessees(lessees: readonly string[]): Promise<void>;
  /**
   * Releases lessees that ended before anything that is not on record yet. `unrecordedAgeMs`: how long ago the oldest such record was made, 0 where
   * there is none; asked only when there is somebody to release, and what it throws is passed on.
   */
  sweep(unrecordedAgeMs: () => Promise<number>): Promise<SweepOutcome>;
  totals(): Promise<BudgetTotals>;
  /** Whether a tenant has a budget that blocks. */
  isLimited(tenantId: string): Promise<boolean>;
  /** Deletes what nobody needs any more: names of lessees after a day, removed budgets after 30, accounts 100 days after their period began. */
  deleteOld(): Promise<void>;
}
