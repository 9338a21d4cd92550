import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One gateway's word on its lessees: renews them, takes what they give back, closes those that are at their end, and notes which holders have
 * been asked for more. Gives the lessees that it does not know, or not any more.
 */
const createSync = `
  CREATE FUNCTION costlane_sync_lessees(p_gateway text, p_ttl_ms bigint, p_lessees text[], p_holds bigint[], p_closed boolean[],
    p_returned costlane_budget_move[])
  RETURNS SETOF text LANGUAGE plpgsql AS $$
  DECLARE
    moment timestamptz := clock_timestamp();
    wanted costlane_budget_move[];
    returned costlane_budget_move[];
  BEGIN
    PERFORM 1 FROM budget_lessees WHERE lessee = ANY (p_lessees) ORDER BY lessee FOR UPDATE;
    UPDATE budget_lessees l SET
      expires_at = greatest(l.expires_at, moment + p_ttl_ms * interval '1 ms'),
      hold_until = greatest(l.hold_until, moment + greatest(p_ttl_ms, given.hold_ms) * interval '1 ms'),
      closed_at = CASE WHEN given.is_closed THEN moment END
    FROM unnest(p_lessees, p_holds, p_closed) AS given (lessee, hold_ms, is_closed)
    WHERE l.lessee = given.lessee AND l.closed_at IS NULL AND l.released_at IS NULL;
    SELECT array_agg((w.budget_id, w.subject, w.period_start, l.lessee, 0)::costlane_budget_move) INTO wanted
      FROM budget_accounts w JOIN budget_leases l USING (budget_id, subject, period_start)
      WHERE w.wanted_until > moment AND l.lessee = ANY (p_lessees) AND NOT l.has_answered;
    PERFORM 1 FROM budget_accounts a
      WHERE (a.budget_id, a.subject, a.period_start) IN (
        SELECT m.budget_id, m.subject, m.period_start FROM unnest(p_returned || wanted) m)
      ORDER BY a.budget_id, a.subject, a.period_start FOR UPDATE;
    IF p_returned IS NOT NULL THEN
      SELECT array_agg(part) INTO returned FROM costlane_lower_leases(p_returned) part;
      UPDATE budget_leases l SET returned_nano_usd = l.returned_nano_usd + part.amount
        FROM unnest(returned) part
        WHERE (l.budget_id, l.subject, l.period_start, l.lessee)
          = (part.budget_id, part.subject, part.period_start, part.lessee);
    END IF;
    UPDATE budget_leases l SET has_answered = l.was_told, was_told = true
      FROM unnest(wanted) w
      WHERE (l.budget_id, l.subject, l.period_start, l.lessee) = (w.budget_id, w.subject, w.period_start, w.lessee);
    RETURN QUERY SELECT given FROM unnest(p_lessees) given
      WHERE NOT EXISTS (SELECT 1 FROM budget_lessees l WHERE l.lessee = given AND l.released_at IS NULL);
  END $$`;

/** What these lessees have goes back. Their rows have to be locked by the caller; the accounts are locked here. */
const createRelease = `
  CREATE FUNCTION costlane_release_leases(p_lessees text[], p_budget text, p_reason text) RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    released bigint;
  BEGIN
    PERFORM 1 FROM budget_accounts a
      WHERE (a.budget_id, a.subject, a.period_start) IN (
        SELECT l.budget_id, l.subject, l.period_start FROM budget_leases l
        WHERE l.lessee = ANY (p_lessees) OR l.budget_id = p_budget)
      ORDER BY a.budget_id, a.subject, a.period_start FOR UPDATE;
    WITH gone AS (
      DELETE FROM budget_leases l WHERE l.lessee = ANY (p_lessees) OR l.budget_id = p_budget RETURNING l.*
    ), summed AS (
      UPDATE budget_accounts a SET leased_nano_usd = a.leased_nano_usd - g.part
      FROM (
        SELECT budget_id, subject, period_start, sum(outstanding_nano_usd)::bigint AS part FROM gone GROUP BY 1, 2, 3
      ) g
      WHERE (a.budget_id, a.subject, a.period_start) = (g.budget_id, g.subject, g.period_start) AND g.part > 0
    ), entered AS (
      INSERT INTO ledger_entries (kind, day, tenant_id, budget_id, subject, lessee, amount_nano_usd, reason)
        SELECT moved.kind, (clock_timestamp() AT TIME ZONE 'UTC')::date, b.tenant_id, g.budget_id, g.subject, g.lessee,
          moved.amount, moved.reason
        FROM gone g JOIN budgets b ON b.id = g.budget_id JOIN budget_lessees who ON who.lessee = g.lessee
        CROSS JOIN LATERAL (VALUES
          ('reserve', g.granted_nano_usd, 'granted'),
          ('release', g.returned_nano_usd, 'returned'),
          ('release', g.outstanding_nano_usd,
            coalesce(p_reason, CASE WHEN who.closed_at IS NULL THEN 'expired' ELSE 'closed' END))
        ) moved (kind, amount, reason)
        WHERE moved.amount > 0
    )
    SELECT coalesce(sum(outstanding_nano_usd), 0)::bigint INTO released FROM gone;
    RETURN released;
  END $$`;

/**
 * Releases lessees whose end was before `p_settled`, up to when everything is on record: the closed, and those that nobody renews and whose hold is over.
 * Rows that somebody else has in hand are left for the next time.
 */
const createSweep = `
  CREATE FUNCTION costlane_sweep_lessees(p_settled timestamptz, p_limit integer)
  RETURNS TABLE (closed bigint, expired bigint, amount bigint) LANGUAGE plpgsql AS $$
  DECLARE
    moment timestamptz := clock_timestamp();
    closed_ones text[];
    expired_ones text[];
  BEGIN
    SELECT array_agg(lessee) FILTER (WHERE closed_at IS NOT NULL), array_agg(lessee) FILTER (WHERE closed_at IS NULL)
      INTO closed_ones, expired_ones
      FROM (
        SELECT l.lessee, l.closed_at FROM budget_lessees l
        WHERE l.released_at IS NULL
          AND (l.closed_at < p_settled OR (l.expires_at < moment AND l.hold_until < p_settled))
        ORDER BY l.lessee LIMIT p_limit FOR UPDATE SKIP LOCKED
      ) picked;
    closed := coalesce(cardinality(closed_ones), 0);
    expired := coalesce(cardinality(expired_ones), 0);
    amount := 0;
    IF closed + expired > 0 THEN
      amount := costlane_release_leases(closed_ones || expired_ones, NULL, NULL);
      UPDATE budget_lessees l SET released_at = moment WHERE l.lessee = ANY (closed_ones || expired_ones);
    END IF;
    RETURN NEXT;
  END $$`;

/** From the records, exactly: no writer is let in from before the sum until the end of the transaction. */
const createOpen = `
  CREATE FUNCTION costlane_open_accounts(p_budget budgets, p_subject text) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    since date := date_trunc(p_budget.period, clock_timestamp() AT TIME ZONE 'UTC')::date;
  BEGIN
    INSERT INTO budget_accounts (budget_id, subject, period_start, posted_nano_usd)
      SELECT p_budget.id, s.subject COLLATE "C", date_trunc(p_budget.period, s.day::timestamp)::date, sum(s.amount)
      FROM (
        SELECT CASE p_budget.scope WHEN 'org' THEN '' WHEN 'team' THEN r.team_id WHEN 'user' THEN r.user_id
            WHEN 'key' THEN r.key_id ELSE r.feature_name END AS subject,
          (r.created_at AT TIME ZONE 'UTC')::date AS day, r.paid_nano_usd AS amount
        FROM llm_requests r WHERE r.tenant_id = p_budget.tenant_id AND r.created_at >= since::timestamp AT TIME ZONE 'UTC'
        UNION ALL
        SELECT '', e.day, e.amount_nano_usd FROM ledger_entries e
        WHERE p_budget.scope = 'org' AND e.tenant_id = p_budget.tenant_id AND e.day >= since
          AND e.kind = 'correct' AND e.reference IS NOT NULL
      ) s
      WHERE (s.subject <> '' OR p_budget.scope = 'org')
        AND (p_budget.scope_id IN (s.subject, '*'))
        AND (p_subject IS NULL OR s.subject = p_subject)
        AND (p_budget.scope_id = s.subject OR NOT EXISTS (
          SELECT 1 FROM budgets own WHERE NOT own.is_removed AND own.tenant_id = p_budget.tenant_id
            AND own.scope = p_budget.scope AND own.scope_id = s.subject AND own.period = p_budget.period))
      GROUP BY 2, 3 ORDER BY 2, 3
    ON CONFLICT ON CONSTRAINT budget_accounts_pkey DO UPDATE SET posted_nano_usd = EXCLUDED.posted_nano_usd;
  END $$`;

/** Nobody records anything from here to the end of the transaction. In this order: days' partitions are made under the same advisory lock. */
const createShutOut = `
  CREATE FUNCTION costlane_shut_out_writers(with_entries boolean) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    SET LOCAL lock_timeout = '5s';
    PERFORM pg_advisory_xact_lock(hashtextextended('costlane:partitions', 0));
    LOCK TABLE ONLY llm_requests IN SHARE MODE;
    IF with_entries THEN
      LOCK TABLE ledger_entries IN SHARE MODE;
    END IF;
  END $$`;

/** Writers take turns, so that versions become visible in their order. No row: the tenant has as many as it may. */
const createPut = `
  CREATE FUNCTION costlane_put_budget(p budgets, p_max integer) RETURNS SETOF budgets LANGUAGE plpgsql AS $$
  DECLARE
    before budgets;
    next_version bigint;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('costlane:budgets', 0));
    SELECT * INTO before FROM budgets b
      WHERE NOT b.is_removed AND (b.tenant_id, b.scope, b.scope_id, b.period) = (p.tenant_id, p.scope, p.scope_id, p.period);
    IF before.id IS NULL THEN
      IF (SELECT count(*) FROM budgets b WHERE b.tenant_id = p.tenant_id AND NOT b.is_removed) >= p_max THEN
        RETURN;
      END IF;
      PERFORM costlane_shut_out_writers(p.scope = 'org');
    ELSE
      -- A grant that is under way ends first: none goes by the old limit after this.
      PERFORM 1 FROM budget_accounts a
        WHERE a.budget_id = before.id AND a.period_start >= date_trunc(before.period, clock_timestamp() AT TIME ZONE 'UTC')::date
        ORDER BY a.budget_id, a.subject, a.period_start FOR UPDATE;
    END IF;
    SELECT coalesce(max(b.version), 0) + 1 INTO next_version FROM budgets b;
    p.id := coalesce(before.id, p.id);
    p.version := next_version;
    p.is_removed := false;
    p.created_at := coalesce(before.created_at, clock_timestamp());
    p.updated_at := clock_timestamp();
    INSERT INTO budgets SELECT p.*
    ON CONFLICT ON CONSTRAINT budgets_pkey DO UPDATE SET
      limit_nano_usd = EXCLUDED.limit_nano_usd, soft_limit_nano_usd = EXCLUDED.soft_limit_nano_usd,
      on_exceeded = EXCLUDED.on_exceeded, on_unreachable = EXCLUDED.on_unreachable,
      version = EXCLUDED.version, updated_at = EXCLUDED.updated_at;
    IF before.id IS NULL THEN
      PERFORM costlane_open_accounts(p, NULL);
    END IF;
    RETURN NEXT p;
  END $$`;

/** What was leased of it is free. Somebody's own: from here on the one for '*' counts for him, with what it has missed. */
const createRemove = `
  CREATE FUNCTION costlane_remove_budget(p_id text, p_tenant text) RETURNS SETOF budgets LANGUAGE plpgsql AS $$
  DECLARE
    gone budgets;
    general budgets;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('costlane:budgets', 0));
    SELECT * INTO gone FROM budgets b WHERE b.id = p_id AND NOT b.is_removed AND p_tenant IN ('', b.tenant_id);
    IF gone.id IS NULL THEN
      RETURN;
    END IF;
    SELECT * INTO general FROM budgets b
      WHERE NOT b.is_removed AND b.id <> gone.id
        AND (b.tenant_id, b.scope, b.scope_id, b.period) = (gone.tenant_id, gone.scope, '*', gone.period);
    IF general.id IS NOT NULL THEN
      PERFORM costlane_shut_out_writers(false);
    END IF;
    PERFORM 1 FROM budget_accounts a
      WHERE a.budget_id = gone.id OR (a.budget_id, a.subject) = (general.id, gone.scope_id)
      ORDER BY a.budget_id, a.subject, a.period_start FOR UPDATE;
    PERFORM costlane_release_leases(NULL, gone.id, 'removed');
    UPDATE budgets b SET is_removed = true, version = (SELECT max(m.version) + 1 FROM budgets m), updated_at = clock_timestamp()
      WHERE b.id = gone.id RETURNING * INTO gone;
    IF general.id IS NOT NULL THEN
      PERFORM costlane_open_accounts(general, gone.scope_id);
    END IF;
    RETURN NEXT gone;
  END $$`;

const functions = {
  'costlane_sync_lessees(text, bigint, text[], bigint[], boolean[], costlane_budget_move[])': createSync,
  'costlane_release_leases(text[], text, text)': createRelease,
  'costlane_sweep_lessees(timestamptz, integer)': createSweep,
  'costlane_open_accounts(budgets, text)': createOpen,
  'costlane_shut_out_writers(boolean)': createShutOut,
  'costlane_put_budget(budgets, integer)': createPut,
  'costlane_remove_budget(text, text)': createRemove,
};

export class CreateBudgetKeeping1796330120000 implements MigrationInterface {
  readonly name = 'CreateBudgetKeeping1796330120000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of Object.values(functions)) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(functions).reverse()) await queryRunner.query(`DROP FUNCTION ${name}`);
  }
}
