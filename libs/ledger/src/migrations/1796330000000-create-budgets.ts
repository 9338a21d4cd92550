import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A removed one stays for a while as a mark under its version, so that gateways hear of it; its place may be taken by another. */
const createBudgets = `
  CREATE TABLE budgets (
    id text COLLATE "C" PRIMARY KEY,
    tenant_id text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('org', 'team', 'user', 'key', 'feature')),
    scope_id text NOT NULL,
    period text NOT NULL CHECK (period IN ('day', 'week', 'month')),
    limit_nano_usd bigint NOT NULL CHECK (limit_nano_usd >= 0),
    soft_limit_nano_usd bigint NOT NULL DEFAULT 0 CHECK (soft_limit_nano_usd >= 0),
    on_exceeded text NOT NULL CHECK (on_exceeded IN ('block', 'throttle', 'downgrade', 'alert')),
    on_unreachable text NOT NULL CHECK (on_unreachable IN ('open', 'closed')),
    version bigint NOT NULL,
    is_removed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT budgets_of_org_have_no_scope_id CHECK ((scope = 'org') = (scope_id = ''))
  )`;

/** leased = Σ outstanding of its leases: kept beside them so that a grant reads one row, which is also what everybody locks who changes any of it. */
const createAccounts = `
  CREATE TABLE budget_accounts (
    budget_id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    period_start date NOT NULL,
    posted_nano_usd bigint NOT NULL DEFAULT 0,
    leased_nano_usd bigint NOT NULL DEFAULT 0 CHECK (leased_nano_usd >= 0),
    wanted_nano_usd bigint NOT NULL DEFAULT 0,
    wanted_until timestamptz,
    overspent_at timestamptz,
    PRIMARY KEY (budget_id, subject, period_start)
  ) WITH (fillfactor = 50)`;

/**
 * What a lease was granted and gave back is entered in the ledger when it ends, half a minute later as a rule: an entry for each of the many times
 * that a gateway asks for a little would be as many as there are requests.
 */
const createLeases = `
  CREATE TABLE budget_leases (
    budget_id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    period_start date NOT NULL,
    lessee text COLLATE "C" NOT NULL,
    outstanding_nano_usd bigint NOT NULL CHECK (outstanding_nano_usd >= 0),
    granted_nano_usd bigint NOT NULL,
    returned_nano_usd bigint NOT NULL DEFAULT 0,
    was_told boolean NOT NULL DEFAULT false,
    has_answered boolean NOT NULL DEFAULT false,
    PRIMARY KEY (budget_id, subject, period_start, lessee)
  ) WITH (fillfactor = 50)`;

/** A released one stays for a day: its name is never lent to again, for records that name it may still come. */
const createLessees = `
  CREATE TABLE budget_lessees (
    lessee text COLLATE "C" PRIMARY KEY,
    gateway_id text,
    expires_at timestamptz NOT NULL,
    hold_until timestamptz NOT NULL,
    closed_at timestamptz,
    released_at timestamptz
  ) WITH (fillfactor = 50)`;

const indexes = [
  `CREATE UNIQUE INDEX budgets_by_place ON budgets (tenant_id, scope, scope_id, period) WHERE NOT is_removed`,
  `CREATE UNIQUE INDEX budgets_by_version ON budgets (version)`,
  `CREATE INDEX budget_leases_by_lessee ON budget_leases (lessee)`,
  `CREATE INDEX budget_accounts_wanted ON budget_accounts (wanted_until) WHERE wanted_until IS NOT NULL`,
  `CREATE INDEX budget_accounts_by_period ON budget_accounts (period_start)`,
  `CREATE INDEX budget_lessees_open ON budget_lessees (lessee) WHERE released_at IS NULL`,
];

const createTypes = [
  `CREATE TYPE costlane_spend AS (
    tenant_id text, team_id text, user_id text, key_id text, feature_name text, day date, lessee text, amount bigint)`,
  `CREATE TYPE costlane_budget_move AS (
    budget_id text COLLATE "C", subject text COLLATE "C", period_start date, lessee text COLLATE "C", amount bigint)`,
];

/**
 * Which accounts some spending concerns, and by how much. One of a subject's own stands in for that for '*' of the same scope and period. The limits,
 * of as many as there are periods, make each look-up a probe of the index, however many budgets there are; and a plan that was made while there
 * were few of them is kept for long.
 */
const createMoves = `
  CREATE FUNCTION costlane_budget_moves(p_spent costlane_spend[], p_hard_only boolean)
  RETURNS costlane_budget_move[] LANGUAGE plpgsql SET enable_seqscan = off AS $$
  DECLARE
    moves costlane_budget_move[];
  BEGIN
    WITH who AS (
      SELECT s.tenant_id, w.scope, w.subject, s.day, s.lessee, sum(s.amount)::bigint AS amount
      FROM unnest(p_spent) s
      CROSS JOIN LATERAL (VALUES
        ('org', ''), ('team', s.team_id), ('user', s.user_id), ('key', s.key_id), ('feature', s.feature_name)
      ) w (scope, subject)
      WHERE w.subject <> '' OR w.scope = 'org'
      GROUP BY 1, 2, 3, 4, 5
    ), met AS (
      SELECT who.*, b.id, b.period FROM who CROSS JOIN LATERAL (
        SELECT o.id, o.period FROM budgets o
        WHERE NOT o.is_removed AND (o.tenant_id, o.scope, o.scope_id) = (who.tenant_id, who.scope, who.subject)
          AND (o.on_exceeded = 'block' OR NOT p_hard_only) LIMIT 3
      ) b
      UNION ALL
      SELECT who.*, b.id, b.period FROM who CROSS JOIN LATERAL (
        SELECT g.id, g.period FROM budgets g
        WHERE NOT g.is_removed AND (g.tenant_id, g.scope, g.scope_id) = (who.tenant_id, who.scope, '*')
          AND (g.on_exceeded = 'block' OR NOT p_hard_only)
          AND NOT EXISTS (
            SELECT 1 FROM budgets own WHERE NOT own.is_removed
              AND (own.tenant_id, own.scope, own.scope_id, own.period) = (g.tenant_id, g.scope, who.subject, g.period))
        LIMIT 3
      ) b
      WHERE who.scope <> 'org' AND who.subject <> '*'
    )
    SELECT array_agg((id, subject, period_start, lessee, amount)::costlane_budget_move) INTO moves
    FROM (
      SELECT id, subject, date_trunc(period, day::timestamp)::date AS period_start, lessee, sum(amount)::bigint AS amount
      FROM met GROUP BY 1, 2, 3, 4
    ) AS sums;
    RETURN moves;
  END $$`;

/** Takes from leases what they have of it, and gives the parts that were taken. The accounts have to be locked by the caller. */
const createLower = `
  CREATE FUNCTION costlane_lower_leases(p_moves costlane_budget_move[])
  RETURNS SETOF costlane_budget_move LANGUAGE plpgsql SET enable_seqscan = off AS $$
  BEGIN
    RETURN QUERY
      WITH taken AS (
        SELECT l.budget_id, l.subject, l.period_start, l.lessee, least(l.outstanding_nano_usd, m.amount) AS part
        FROM (
          SELECT m.budget_id, m.subject, m.period_start, m.lessee, sum(m.amount)::bigint AS amount
          FROM unnest(p_moves) m WHERE m.lessee IS NOT NULL AND m.amount > 0 GROUP BY 1, 2, 3, 4
        ) m
        JOIN budget_leases l USING (budget_id, subject, period_start, lessee)
        WHERE l.outstanding_nano_usd > 0
      ), lowered AS (
        UPDATE budget_leases l SET outstanding_nano_usd = l.outstanding_nano_usd - t.part
        FROM taken t
        WHERE (l.budget_id, l.subject, l.period_start, l.lessee) = (t.budget_id, t.subject, t.period_start, t.lessee)
      ), summed AS (
        UPDATE budget_accounts a SET leased_nano_usd = a.leased_nano_usd - t.part
        FROM (SELECT budget_id, subject, period_start, sum(part)::bigint AS part FROM taken GROUP BY 1, 2, 3) t
        WHERE (a.budget_id, a.subject, a.period_start) = (t.budget_id, t.subject, t.period_start)
      )
      SELECT budget_id, subject, period_start, lessee, part FROM taken;
  END $$`;

/** The upsert locks accounts in the order of their keys, as everybody does: writers wait for one another, and never in a circle. */
const createPost = `
  CREATE FUNCTION costlane_post_to_budgets(p_spent costlane_spend[]) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    moves costlane_budget_move[] := costlane_budget_moves(p_spent, false);
  BEGIN
    IF moves IS NULL THEN
      RETURN;
    END IF;
    INSERT INTO budget_accounts AS a (budget_id, subject, period_start, posted_nano_usd)
      SELECT budget_id, subject, period_start, sum(amount) FROM unnest(moves) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT budget_accounts_pkey DO UPDATE
      SET posted_nano_usd = a.posted_nano_usd + EXCLUDED.posted_nano_usd;
    IF EXISTS (SELECT 1 FROM unnest(moves) WHERE lessee IS NOT NULL) THEN
      PERFORM costlane_lower_leases(moves);
    END IF;
  END $$`;

/** In the transaction that records: exactly once, however often a record is delivered. Where nobody has a budget it looks whether anybody has. */
const createTriggers = [
  ['inserted', 'added', ''],
  ['amended', 'added', 'replaced'],
  ['deleted', '', 'replaced'],
].map(([name, added, replaced]) => {
  const spent = (rows: string, sign: string): string => `
      SELECT tenant_id, team_id, user_id, key_id, feature_name, (created_at AT TIME ZONE 'UTC')::date AS day,
        budget_lessee, ${sign}paid_nano_usd AS amount FROM ${rows}`;
  const rows = [added && spent(added, ''), replaced && spent(replaced, '-')].filter(Boolean).join('\n      UNION ALL');
  return `
  CREATE FUNCTION costlane_post_${name}() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    limited text[];
  BEGIN
    IF NOT EXISTS (SELECT 1 FROM budgets WHERE NOT is_removed) THEN
      RETURN NULL;
    END IF;
    SELECT array_agg(tenant_id) INTO limited
      FROM (SELECT DISTINCT tenant_id FROM ${added || replaced}) AS tenants
      WHERE (SELECT true FROM budgets b WHERE NOT b.is_removed AND b.tenant_id = tenants.tenant_id LIMIT 1);
    IF limited IS NOT NULL THEN
      PERFORM costlane_post_to_budgets(array_agg(
        (tenant_id, team_id, user_id, key_id, feature_name, day, budget_lessee, amount)::costlane_spend))
      FROM (
        SELECT tenant_id, team_id, user_id, key_id, feature_name, day, budget_lessee, sum(amount)::bigint AS amount
        FROM (${rows}) AS moved
        WHERE tenant_id = ANY (limited)
        GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(amount) <> 0
      ) AS spent;
    END IF;
    RETURN NULL;
  END $$`;
});

/** Triggers fire in the order of their names: last, so that accounts are locked for as short a while as can be. */
const attachTriggers = [
  `CREATE TRIGGER llm_requests_z_post_inserted AFTER INSERT ON llm_requests
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION costlane_post_inserted()`,
  `CREATE TRIGGER llm_requests_z_post_amended AFTER UPDATE ON llm_requests
    REFERENCING OLD TABLE AS replaced NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION costlane_post_amended()`,
  `CREATE TRIGGER llm_requests_z_post_deleted AFTER DELETE ON llm_requests
    REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION costlane_post_deleted()`,
];

/** What a person has corrected by hand is nobody's but the tenant's: no budget but that of the org has a share in it. */
const createCorrection = [
  `CREATE FUNCTION costlane_post_correction() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM costlane_post_to_budgets(ARRAY[
      (NEW.tenant_id, NULL, NULL, NULL, NULL, NEW.day, NULL, NEW.amount_nano_usd)::costlane_spend]);
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER ledger_entries_post_correction AFTER INSERT ON ledger_entries FOR EACH ROW
    WHEN (NEW.kind = 'correct' AND NEW.reference IS NOT NULL) EXECUTE FUNCTION costlane_post_correction()`,
];

const comments = [
  `COMMENT ON TABLE budget_accounts IS 'How a budget stands for one subject in one period, nano-dollars; posted + leased never passes a hard limit by a grant'`,
  `COMMENT ON COLUMN budget_leases.outstanding_nano_usd IS 'Set aside for the lessee and not on record yet'`,
  `COMMENT ON COLUMN budget_leases.granted_nano_usd IS 'Granted, and not in ledger_entries yet; returned_nano_usd likewise'`,
];

export class CreateBudgets1796330000000 implements MigrationInterface {
  readonly name = 'CreateBudgets1796330000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const tables = [createBudgets, createAccounts, createLeases, createLessees, ...indexes];
    const functions = [...createTypes, createMoves, createLower, createPost, ...createTriggers];
    for (const statement of [...tables, ...functions, ...attachTriggers, ...createCorrection, ...comments])
      await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const what of ['inserted', 'amended', 'deleted']) {
      await queryRunner.query(`DROP TRIGGER llm_requests_z_post_${what} ON llm_requests`);
      await queryRunner.query(`DROP FUNCTION costlane_post_${what}()`);
    }
    await queryRunner.query(`DROP TRIGGER ledger_entries_post_correction ON ledger_entries`);
    await queryRunner.query(`DROP FUNCTION costlane_post_correction()`);
    await queryRunner.query(`DROP FUNCTION costlane_post_to_budgets(costlane_spend[])`);
    await queryRunner.query(`DROP FUNCTION costlane_lower_leases(costlane_budget_move[])`);
    await queryRunner.query(`DROP FUNCTION costlane_budget_moves(costlane_spend[], boolean)`);
    await queryRunner.query(`DROP TYPE costlane_budget_move`);
    await queryRunner.query(`DROP TYPE costlane_spend`);
    for (const table of ['lessees', 'leases', 'accounts']) await queryRunner.query(`DROP TABLE budget_${table}`);
    await queryRunner.query(`DROP TABLE budgets`);
  }
}
