import type { BudgetSyncReply, BudgetSyncRequest, LeaseAmount } from '@costlane/contracts';
import type { Database } from '../database';
import {
  accountColumns,
  asRecorded,
  dayOf,
  toAccount,
  toAmount,
  toBudget,
  type AccountRow,
  type BudgetRow,
} from './budget-rows';
import { CHANGED_PAGE, LEASE_TTL_MS } from './budget-types';

const sync = `
  SELECT * FROM costlane_sync_lessees($1, ${LEASE_TTL_MS}, $2::text[], $3::bigint[], $4::boolean[], (
    SELECT array_agg((budget_id, subject, period_start, lessee, amount)::costlane_budget_move)
    FROM unnest($5::text[], $6::text[], $7::date[], $8::text[], $9::bigint[])
      AS given (budget_id, subject, period_start, lessee, amount))) AS lessee`;

/**
 * With how much others want of each: what an ask has not got, or what stands beyond a limit that was lowered. The limit makes each look-up one probe
 * of the key, whatever the planner thinks of the tables.
 */
const accountsOf = `
  SELECT ${accountColumns},
    CASE WHEN held.outstanding > 0 THEN greatest(
      CASE WHEN a.wanted_until > now() THEN a.wanted_nano_usd ELSE 0 END,
      CASE WHEN b.on_exceeded = 'block' THEN a.posted_nano_usd + a.leased_nano_usd - b.limit_nano_usd ELSE 0 END, 0)
    ELSE 0 END AS wanted
  FROM (
    SELECT budget_id, subject, period_start, sum(outstanding_nano_usd) AS outstanding
    FROM budget_leases WHERE lessee = ANY ($1) GROUP BY 1, 2, 3
  ) held
  CROSS JOIN LATERAL (
    SELECT * FROM budget_accounts k
    WHERE (k.budget_id, k.subject, k.period_start) = (held.budget_id, held.subject, held.period_start) LIMIT 1
  ) a
  JOIN budgets b ON b.id = a.budget_id`;

/** Who begins has no need of the marks of removed ones. */
const changedSince = `
  SELECT * FROM budgets WHERE version > $1 AND ($1 > 0 OR NOT is_removed) ORDER BY version LIMIT ${CHANGED_PAGE}`;
const latestVersion = `SELECT coalesce(max(version), 0) AS version FROM budgets`;

/** A few statements: what they tell need not be of one moment, for each is right when it is told. */
export async function syncBudgets(
  database: Database,
  { gatewayId, sinceVersion, lessees }: BudgetSyncRequest,
): Promise<BudgetSyncReply> {
  const names = lessees.map(({ lessee }) => lessee);
  const unknownLessees = lessees.length > 0 ? await takeWord(database, gatewayId, lessees) : [];
  const [changed, rows] = await Promise.all([
    readChanged(database, sinceVersion),
    names.length > 0 ? database.query<AccountRow & { wanted: string }>(accountsOf, [names]) : [],
  ]);
  const wanted: LeaseAmount[] = [];
  for (const row of rows) {
    const amountNanoUsd = toAmount(row.wanted);
    const { budgetId, subject, periodStartMs } = toAccount(row);
    if (amountNanoUsd > 0) wanted.push({ budgetId, subject, periodStartMs, amountNanoUsd });
  }
  return { ...changed, leaseTtlMs: LEASE_TTL_MS, accounts: rows.map(toAccount), wanted, unknownLessees };
}

async function takeWord(
  database: Database,
  gatewayId: string,
  lessees: BudgetSyncRequest['lessees'],
): Promise<string[]> {
  const returned = lessees.flatMap(({ lessee, returned: amounts }) => amounts.map((amount) => ({ ...amount, lessee })));
  const rows = await database.query<{ lessee: string }>(sync, [
    gatewayId,
    lessees.map(({ lessee }) => lessee),
    lessees.map(({ holdMs }) => holdMs),
    lessees.map(({ isClosed }) => isClosed),
    returned.map(({ budgetId }) => budgetId),
    returned.map(({ subject }) => asRecorded(subject)),
    returned.map(({ periodStartMs }) => dayOf(periodStartMs)),
    returned.map(({ lessee }) => lessee),
    returned.map(({ amountNanoUsd }) => amountNanoUsd),
  ]);
  return rows.map(({ lessee }) => lessee);
}

async function readChanged(
  database: Database,
  sinceVersion: number,
): Promise<Pick<BudgetSyncReply, 'changed' | 'latestVersion'>> {
  // Before the changes: one that is made in between is then told with this answer or the next, and not passed over.
  const [row] = await database.query<{ version: string }>(latestVersion);
  const changed = (await database.query<BudgetRow>(changedSince, [sinceVersion])).map(toBudget);
  return { changed, latestVersion: changed.at(-1)?.version ?? Number(row?.version ?? 0) };
}
