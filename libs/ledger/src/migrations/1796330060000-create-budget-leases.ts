import type { MigrationInterface, QueryRunner } from 'typeorm';

/** False: the name was closed or released, and is not lent to. A hold is never shortened: calls may overtake one another. */
const createRenew = `
  CREATE FUNCTION costlane_renew_lessee(p_lessee text, p_gateway text, p_expires timestamptz, p_hold timestamptz)
  RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO budget_lessees AS l (lessee, gateway_id, expires_at, hold_until)
      VALUES (p_lessee, p_gateway, p_expires, greatest(p_expires, p_hold))
    ON CONFLICT (lessee) DO UPDATE
      SET expires_at = greatest(l.expires_at, EXCLUDED.expires_at), hold_until = greatest(l.hold_until, EXCLUDED.hold_until)
      WHERE l.closed_at IS NULL AND l.released_at IS NULL;
    RETURN FOUND;
  END $$`;

/** Locks an account, making it where its budget is and it is not. False: there is no such budget, or no such period of it. */
const createLock = `
  CREATE FUNCTION costlane_lock_account(p_budget text, p_subject text, p_period date) RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM 1 FROM budget_accounts WHERE (budget_id, subject, period_start) = (p_budget, p_subject, p_period) FOR UPDATE;
    IF FOUND THEN
      RETURN true;
    END IF;
    PERFORM 1 FROM budgets b
      WHERE b.id = p_budget AND NOT b.is_removed AND date_trunc(b.period, p_period::timestamp)::date = p_period;
    IF NOT FOUND THEN
      RETURN false;
    END IF;
    INSERT INTO budget_accounts AS a (budget_id, subject, period_start) VALUES (p_budget, p_subject, p_period)
    ON CONFLICT ON CONSTRAINT budget_accounts_pkey DO UPDATE SET posted_nano_usd = a.posted_nano_usd;
    RETURN true;
  END $$`;

/** Adds to a lease, with the account locked and the room for it looked at. */
const createGrant = `
  CREATE FUNCTION costlane_grant(p_move costlane_budget_move) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO budget_leases AS l (budget_id, subject, period_start, lessee, outstanding_nano_usd, granted_nano_usd)
      VALUES (p_move.budget_id, p_move.subject, p_move.period_start, p_move.lessee, p_move.amount, p_move.amount)
    ON CONFLICT ON CONSTRAINT budget_leases_pkey DO UPDATE
      SET outstanding_nano_usd = l.outstanding_nano_usd + EXCLUDED.outstanding_nano_usd,
        granted_nano_usd = l.granted_nano_usd + EXCLUDED.granted_nano_usd;
    IF p_move.amount > 0 THEN
      UPDATE budget_accounts SET leased_nano_usd = leased_nano_usd + p_move.amount, wanted_until = NULL
        WHERE (budget_id, subject, period_start) = (p_move.budget_id, p_move.subject, p_move.period_start);
    END IF;
  END $$`;

/**
 * What to say of an account that has not enough. Its other holders are asked to give back: told by a first sync, they have answered with
 * their second. Those that are not heard of have nothing to give. 'asked': contended, and holders are to be told of it now.
 */
const createContend = `
  CREATE FUNCTION costlane_contend(p_account budget_accounts, p_lessee text, p_need bigint, p_limit bigint) RETURNS text
  LANGUAGE plpgsql AS $$
  DECLARE
    moment timestamptz := clock_timestamp();
    holders bigint;
    silent bigint;
  BEGIN
    SELECT count(*), count(*) FILTER (WHERE NOT l.has_answered) INTO holders, silent
      FROM budget_leases l JOIN budget_lessees who USING (lessee)
      WHERE (l.budget_id, l.subject, l.period_start) = (p_account.budget_id, p_account.subject, p_account.period_start)
        AND l.lessee <> p_lessee AND l.outstanding_nano_usd > 0 AND who.gateway_id IS NOT NULL
        AND (who.closed_at IS NOT NULL OR who.expires_at > moment);
    IF p_account.posted_nano_usd + p_need > p_limit OR holders = 0 THEN
      RETURN 'exhausted';
    END IF;
    IF coalesce(p_account.wanted_until < moment, true) THEN
      UPDATE budget_accounts SET wanted_until = moment + interval '2 seconds', wanted_nano_usd = p_need
        WHERE (budget_id, subject, period_start) = (p_account.budget_id, p_account.subject, p_account.period_start);
      UPDATE budget_leases SET was_told = false, has_answered = false
        WHERE (budget_id, subject, period_start) = (p_account.budget_id, p_account.subject, p_account.period_start)
          AND (was_told OR has_answered);
      RETURN 'asked';
    END IF;
    UPDATE budget_accounts SET wanted_until = CASE WHEN silent > 0 THEN moment + interval '2 seconds' END
      WHERE (budget_id, subject, period_start) = (p_account.budget_id, p_account.subject, p_account.period_start)
        AND (silent = 0 OR p_account.wanted_until < moment + interval '1 second');
    RETURN CASE WHEN silent > 0 THEN 'contended' ELSE 'exhausted' END;
  END $$`;

/** In the order of the accounts' keys, each ask by itself. A lessee that may not be lent to any more is told to wait: its next sync tells it why. */
const createLease = `
  CREATE FUNCTION costlane_lease_budgets(p_lessee text, p_gateway text, p_ttl_ms bigint, p_hold_ms bigint,
    p_budgets text[], p_subjects text[], p_periods date[], p_needs bigint[], p_wants bigint[])
  RETURNS TABLE (ordinal integer, state text, granted bigint, posted bigint, leased bigint) LANGUAGE plpgsql AS $$
  DECLARE
    moment timestamptz := clock_timestamp();
    gateways bigint;
    ask record;
    budget budgets;
    account budget_accounts;
    room bigint;
  BEGIN
    IF NOT costlane_renew_lessee(p_lessee, p_gateway, moment + p_ttl_ms * interval '1 ms', moment + p_hold_ms * interval '1 ms') THEN
      RETURN QUERY SELECT i, 'contended', 0::bigint, NULL::bigint, NULL::bigint FROM generate_subscripts(p_budgets, 1) i;
      RETURN;
    END IF;
    SELECT greatest(1, count(DISTINCT gateway_id)) INTO gateways FROM budget_lessees
      WHERE released_at IS NULL AND closed_at IS NULL AND expires_at > moment;
    FOR ask IN
      SELECT given.* FROM unnest(p_budgets, p_subjects, p_periods, p_needs, p_wants)
        WITH ORDINALITY AS given (budget_id, subject, period_start, need, want, at_place)
      ORDER BY budget_id COLLATE "C", subject COLLATE "C", period_start, at_place
    LOOP
      ordinal := ask.at_place;
      granted := 0;
      posted := NULL;
      leased := NULL;
      state := 'unknown';
      IF costlane_lock_account(ask.budget_id, ask.subject, ask.period_start) THEN
        SELECT * INTO budget FROM budgets b WHERE b.id = ask.budget_id AND NOT b.is_removed;
        IF FOUND THEN
          SELECT * INTO account FROM budget_accounts a
            WHERE (a.budget_id, a.subject, a.period_start) = (ask.budget_id, ask.subject, ask.period_start);
          room := budget.limit_nano_usd - account.posted_nano_usd - account.leased_nano_usd;
          IF ask.need = 0 OR room >= ask.need THEN
            granted := greatest(ask.need, least(ask.want, greatest(room, 0) / 4 / gateways));
            state := CASE WHEN account.posted_nano_usd > budget.limit_nano_usd THEN 'exhausted' ELSE 'granted' END;
            PERFORM costlane_grant(
              (ask.budget_id, ask.subject, ask.period_start, p_lessee, granted)::costlane_budget_move);
          ELSE
            state := costlane_contend(account, p_lessee, ask.need, budget.limit_nano_usd);
          END IF;
          posted := account.posted_nano_usd;
          leased := account.leased_nano_usd + granted;
        END IF;
      END IF;
      RETURN NEXT;
    END LOOP;
  END $$`;

/** All or nothing, and once: a lessee that holds something holds all of it. `budget_id` and `subject`: what has not enough. */
const createReserve = `
  CREATE FUNCTION costlane_reserve_budgets(p_lessee text, p_hold timestamptz, p_spent costlane_spend[])
  RETURNS TABLE (outcome text, budget_id text, subject text, remaining bigint) LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  DECLARE
    moves costlane_budget_move[] := costlane_budget_moves(p_spent, true);
    move costlane_budget_move;
  BEGIN
    outcome := 'reserved';
    IF moves IS NULL THEN
      RETURN NEXT;
      RETURN;
    END IF;
    IF NOT costlane_renew_lessee(p_lessee, NULL, p_hold, p_hold) THEN
      outcome := 'closed';
      RETURN NEXT;
      RETURN;
    END IF;
    IF EXISTS (SELECT 1 FROM budget_leases l WHERE l.lessee = p_lessee) THEN
      RETURN NEXT;
      RETURN;
    END IF;
    FOR move IN SELECT * FROM unnest(moves) m ORDER BY m.budget_id, m.subject, m.period_start LOOP
      PERFORM costlane_lock_account(move.budget_id, move.subject, move.period_start);
      SELECT b.limit_nano_usd - a.posted_nano_usd - a.leased_nano_usd INTO remaining
        FROM budgets b JOIN budget_accounts a ON a.budget_id = b.id
        WHERE (a.budget_id, a.subject, a.period_start) = (move.budget_id, move.subject, move.period_start)
          AND NOT b.is_removed AND b.on_exceeded = 'block';
      IF remaining < move.amount THEN
        DELETE FROM budget_lessees l WHERE l.lessee = p_lessee;
        outcome := 'refused';
        budget_id := move.budget_id;
        subject := move.subject;
        remaining := greatest(remaining, 0);
        RETURN NEXT;
        RETURN;
      END IF;
    END LOOP;
    PERFORM costlane_grant(m)
      FROM unnest(moves) m JOIN budgets b ON b.id = m.budget_id AND NOT b.is_removed AND b.on_exceeded = 'block';
    -- It may take hours: this is entered at once.
    INSERT INTO ledger_entries (kind, day, tenant_id, budget_id, subject, lessee, amount_nano_usd, reason)
      SELECT 'reserve', (clock_timestamp() AT TIME ZONE 'UTC')::date, b.tenant_id, l.budget_id, l.subject, l.lessee,
        l.granted_nano_usd, 'granted'
      FROM budget_leases l JOIN budgets b ON b.id = l.budget_id WHERE l.lessee = p_lessee AND l.granted_nano_usd > 0;
    UPDATE budget_leases l SET granted_nano_usd = 0 WHERE l.lessee = p_lessee;
    remaining := NULL;
    RETURN NEXT;
  END $$`;

const functions = {
  'costlane_renew_lessee(text, text, timestamptz, timestamptz)': createRenew,
  'costlane_lock_account(text, text, date)': createLock,
  'costlane_grant(costlane_budget_move)': createGrant,
  'costlane_contend(budget_accounts, text, bigint, bigint)': createContend,
  'costlane_lease_budgets(text, text, bigint, bigint, text[], text[], date[], bigint[], bigint[])': createLease,
  'costlane_reserve_budgets(text, timestamptz, costlane_spend[])': createReserve,
};

export class CreateBudgetLeases1796330060000 implements MigrationInterface {
  readonly name = 'CreateBudgetLeases1796330060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of Object.values(functions)) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(functions).reverse()) await queryRunner.query(`DROP FUNCTION ${name}`);
  }
}
