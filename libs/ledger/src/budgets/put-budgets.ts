import { randomUUID } from 'node:crypto';
import type { Budget, ListBudgetsReply } from '@costlane/contracts';
import type { Database } from '../database';
import { accountColumns, asRecorded, toAccount, toBudget, type AccountRow, type BudgetRow } from './budget-rows';
import { MAX_BUDGETS_OF_TENANT, type NewBudget } from './budget-types';

const LIST_LIMIT = 10_000;
/** A first budget of a tenant sums up what its period has cost: millions of rows at the worst. */
const PUT_TIMEOUT_MS = 60_000;

const put = `SELECT * FROM costlane_put_budget(jsonb_populate_record(NULL::budgets, $1), $2)`;
const remove = `SELECT * FROM costlane_remove_budget($1, $2)`;
const listBudgets = `
  SELECT * FROM budgets WHERE NOT is_removed AND $1 IN ('', tenant_id)
  ORDER BY tenant_id, scope, scope_id, period LIMIT ${LIST_LIMIT}`;
/** Those of the budgets that are listed. Under one for everybody there may be any number: the others come first, of which each has one; then those that are used up the most. */
const listAccounts = `
  SELECT ${accountColumns} FROM (${listBudgets}) b JOIN budget_accounts a ON a.budget_id = b.id
  WHERE a.period_start = date_trunc(b.period, now() AT TIME ZONE 'UTC')::date
  ORDER BY b.scope_id = '*', a.posted_nano_usd::double precision / greatest(b.limit_nano_usd, 1) DESC, a.budget_id, a.subject LIMIT ${LIST_LIMIT}`;

export async function putBudget(database: Database, budget: NewBudget): Promise<Budget | undefined> {
  const row = {
    id: `bud_${randomUUID()}`,
    tenant_id: budget.tenantId,
    scope: budget.scope,
    scope_id: asRecorded(budget.scopeId),
    period: budget.period,
    limit_nano_usd: budget.limitNanoUsd,
    soft_limit_nano_usd: budget.softLimitNanoUsd,
    on_exceeded: budget.onExceeded,
    on_unreachable: budget.onUnreachable,
  };
  const parameters = [JSON.stringify(row), MAX_BUDGETS_OF_TENANT];
  const [stored] = await database.transaction((query) => query<BudgetRow>(put, parameters), PUT_TIMEOUT_MS);
  return stored && toBudget(stored);
}

export async function removeBudget(database: Database, id: string, tenantId: string): Promise<Budget | undefined> {
  const [row] = await database.transaction((query) => query<BudgetRow>(remove, [id, tenantId]), PUT_TIMEOUT_MS);
  return row && toBudget(row);
}

export async function listAllBudgets(database: Database, tenantId: string): Promise<ListBudgetsReply> {
  const [budgets, accounts] = await Promise.all([
    database.query<BudgetRow>(listBudgets, [tenantId]),
    database.query<AccountRow>(listAccounts, [tenantId]),
  ]);
  return { budgets: budgets.map(toBudget), accounts: accounts.map(toAccount) };
}
