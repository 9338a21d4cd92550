import type { Budget, BudgetAccount } from '@costlane/contracts';
import { cleanText } from '../record/clean-text';
import { NAME_LIMIT } from '../record/request-columns';

const DAY_MS = 86_400_000;

export interface BudgetRow {
  id: string;
  tenant_id: string;
  scope: string;
  scope_id: string;
  period: string;
  limit_nano_usd: string;
  soft_limit_nano_usd: string;
  on_exceeded: string;
  on_unreachable: string;
  version: string;
  is_removed: boolean;
  created_at: Date;
  updated_at: Date;
}

export interface AccountRow {
  budget_id: string;
  subject: string;
  /** Days since 1970: a `date` as the driver reads it depends on the process' time zone. */
  period_day: number;
  posted: string;
  leased: string;
}

/** Columns of an account `a`, as {@link AccountRow}. */
export const accountColumns = `a.budget_id, a.subject, a.period_start - 'epoch'::date AS period_day,
  a.posted_nano_usd AS posted, a.leased_nano_usd AS leased`;

/** An amount as the wire has it: what is beyond 2^53 is told as that. */
export const toAmount = (text: string): number =>
  Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));

export const toBudget = (row: BudgetRow): Budget => ({
  id: row.id,
  scope: row.scope,
  tenantId: row.tenant_id,
  scopeId: row.scope_id,
  period: row.period,
  limitNanoUsd: toAmount(row.limit_nano_usd),
  softLimitNanoUsd: toAmount(row.soft_limit_nano_usd),
  onExceeded: row.on_exceeded,
  onUnreachable: row.on_unreachable,
  version: Number(row.version),
  isRemoved: row.is_removed,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

export const toAccount = (row: AccountRow): BudgetAccount => ({
  budgetId: row.budget_id,
  subject: row.subject,
  periodStartMs: row.period_day * DAY_MS,
  postedNanoUsd: toAmount(row.posted),
  leasedNanoUsd: toAmount(row.leased),
});

/** The UTC day of a moment, as Postgres reads it. */
export const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** A name as the books write it, so that it is the same one. */
export const asRecorded = (name: string): string => cleanText(name, NAME_LIMIT);

/** A lessee is named `<gateway>#<epoch>`. */
export const gatewayOf = (lessee: string): string => lessee.split('#', 1)[0] ?? lessee;
