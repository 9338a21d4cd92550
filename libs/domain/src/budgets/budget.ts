export const budgetScopes = ['org', 'team', 'user', 'key', 'feature'] as const;
export type BudgetScope = (typeof budgetScopes)[number];

export const budgetPeriods = ['day', 'week', 'month'] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];

/** Only `block` is a hard limit. `downgrade`, `throttle` and `alert` go on beyond it, on cheaper models, slower, or as they are. */
export const exceededActions = ['block', 'throttle', 'downgrade', 'alert'] as const;
export type ExceededAction = (typeof exceededActions)[number];

export const unreachableActions = ['open', 'closed'] as const;
export type UnreachableAction = (typeof unreachableActions)[number];

/** In the place of a `scopeId`: each one of the scope has a budget like this, unless it has one of its own for the period. */
export const everySubject = '*';

/** What may be spent in each period by a tenant, or by a team, user, key or feature of it. Amounts in nano-dollars. */
export interface Budget {
  readonly id: string;
  readonly scope: BudgetScope;
  readonly tenantId: string;
  /** Empty for an org. */
  readonly scopeId: string;
  readonly period: BudgetPeriod;
  readonly limitNanoUsd: number;
  /** 0: none. */
  readonly softLimitNanoUsd: number;
  readonly onExceeded: ExceededAction;
  readonly onUnreachable: UnreachableAction;
  /** Grows with each change of any budget. */
  readonly version: number;
  readonly isRemoved: boolean;
}

/** Whose budgets a request touches. */
export interface BudgetPayer {
  readonly tenantId: string;
  readonly teamId?: string;
  readonly userId?: string;
  readonly keyId?: string;
  readonly featureName?: string;
}

/** Whose account of a scope a payer's is; undefined: it has none of this scope. */
export function subjectOf(payer: BudgetPayer, scope: BudgetScope): string | undefined {
  switch (scope) {
    case 'org':
      return '';
    case 'team':
      return payer.teamId || undefined;
    case 'user':
      return payer.userId || undefined;
    case 'key':
      return payer.keyId || undefined;
    case 'feature':
      return payer.featureName || undefined;
  }
}
