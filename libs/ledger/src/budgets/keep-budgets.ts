import type { Database } from '../database';
import { toAmount } from './budget-rows';
import type { BudgetTotals, SweepOutcome } from './budget-types';

/** Lessees that one sweep releases. */
const SWEEP_LIMIT = 500;
/** Rows that one statement deletes. */
const DELETE_LIMIT = 10_000;
/** Statements of a kind that one round makes at the most: more than comes in an hour, and far from what it may take. */
const DELETE_TIMES = 100;

const close = `
  UPDATE budget_lessees l SET closed_at = clock_timestamp()
  FROM (SELECT lessee FROM budget_lessees WHERE lessee = ANY ($1) ORDER BY lessee FOR UPDATE) named
  WHERE l.lessee = named.lessee AND l.closed_at IS NULL AND l.released_at IS NULL`;

/** The moment as text, for the driver knows no microseconds. */
const lookForEnded = `
  SELECT clock_timestamp()::text AS moment, EXISTS (
    SELECT 1 FROM budget_lessees
    WHERE released_at IS NULL AND (closed_at IS NOT NULL OR (expires_at < now() AND hold_until < now()))) AS any`;
const sweep = `
  SELECT * FROM costlane_sweep_lessees($1::timestamptz - $2::bigint * interval '1 millisecond', ${SWEEP_LIMIT})`;

const leased = `SELECT coalesce(sum(outstanding_nano_usd), 0) AS leased FROM budget_leases`;

/** Of the current periods. One that came back below a limit that was raised may be found again. */
const noteOverspent = `
  WITH current AS (
    SELECT a.budget_id, a.subject, a.period_start, a.overspent_at, a.posted_nano_usd > b.limit_nano_usd AS is_over
    FROM budget_accounts a JOIN budgets b ON b.id = a.budget_id
    WHERE NOT b.is_removed AND b.on_exceeded = 'block'
      AND a.period_start >= (now() AT TIME ZONE 'UTC')::date - 31
      AND a.period_start = date_trunc(b.period, now() AT TIME ZONE 'UTC')::date
  ), noted AS (
    UPDATE budget_accounts a SET overspent_at = CASE WHEN c.is_over THEN now() END
    FROM (
      SELECT l.budget_id, l.subject, l.period_start, c.is_over
      FROM budget_accounts l JOIN current c USING (budget_id, subject, period_start)
      WHERE c.is_over <> (l.overspent_at IS NOT NULL)
      ORDER BY l.budget_id, l.subject, l.period_start FOR UPDATE OF l
    ) c
    WHERE (a.budget_id, a.subject, a.period_start) = (c.budget_id, c.subject, c.period_start)
    RETURNING c.is_over
  )
  SELECT count(*) FILTER (WHERE is_over)::integer AS overspent FROM noted`;

const deletions = [
  `DELETE FROM budget_lessees WHERE lessee IN (
    SELECT lessee FROM budget_lessees WHERE released_at < now() - interval '1 day' LIMIT ${DELETE_LIMIT})`,
  `DELETE FROM budget_accounts a USING (
    SELECT o.budget_id, o.subject, o.period_start FROM budget_accounts o
    WHERE o.period_start < (now() AT TIME ZONE 'UTC')::date - 100 AND o.leased_nano_usd = 0
    ORDER BY o.budget_id, o.subject, o.period_start LIMIT ${DELETE_LIMIT} FOR UPDATE
  ) old WHERE (a.budget_id, a.subject, a.period_start) = (old.budget_id, old.subject, old.period_start)`,
  `DELETE FROM budgets b WHERE b.is_removed AND b.updated_at < now() - interval '30 days'
    AND b.version < (SELECT max(version) FROM budgets)`,
];

export async function closeLessees(database: Database, lessees: readonly string[]): Promise<void> {
  if (lessees.length > 0) await database.query(close, [lessees]);
}

/** Looks at Postgres' clock before it asks how old the oldest unrecorded entry is: what comes in between is younger than anything that is released. */
export async function sweepLessees(database: Database, unrecordedAgeMs: () => Promise<number>): Promise<SweepOutcome> {
  const [ended] = await database.query<{ moment: string; any: boolean }>(lookForEnded);
  if (!ended?.any) return { closed: 0, expired: 0, releasedNanoUsd: 0 };
  const parameters = [ended.moment, Math.ceil(Math.max(0, await unrecordedAgeMs()))];
  const [row] = await database.query<{ closed: string; expired: string; amount: string }>(sweep, parameters);
  return {
    closed: Number(row?.closed ?? 0),
    expired: Number(row?.expired ?? 0),
    releasedNanoUsd: toAmount(row?.amount ?? '0'),
  };
}

export async function totalBudgets(database: Database): Promise<BudgetTotals> {
  const [sum] = await database.query<{ leased: string }>(leased);
  const [noted] = await database.query<{ overspent: number }>(noteOverspent);
  return { leasedNanoUsd: toAmount(sum?.leased ?? '0'), newlyOverspent: noted?.overspent ?? 0 };
}

export async function isLimited(database: Database, tenantId: string): Promise<boolean> {
  const [row] = await database.query<{ is_limited: boolean }>(
    `SELECT EXISTS (
      SELECT 1 FROM budgets WHERE tenant_id = $1 AND NOT is_removed AND on_exceeded = 'block') AS is_limited`,
    [tenantId],
  );
  return row?.is_limited === true;
}

/** In small bites, one statement each, until nothing old is left. */
export async function deleteOldBudgets(database: Database): Promise<void> {
  for (const deletion of deletions) {
    const statement = `WITH gone AS (${deletion} RETURNING 1) SELECT count(*)::integer AS deleted FROM gone`;
    for (let times = 0; times < DELETE_TIMES; times++) {
      const [row] = await database.query<{ deleted: number }>(statement);
      if (!row || row.deleted < DELETE_LIMIT) break;
    }
  }
}
