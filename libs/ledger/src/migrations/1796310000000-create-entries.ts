import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What moved, and when: the ledger proper, of which `llm_requests` is the evidence. Σ settle + correct without a reference = Σ paid of `llm_requests`,
 * by tenant and UTC day of the request, to the nano-dollar.
 *
 * Whoever keeps budgets writes its entries itself, in the transaction that changes its leases:
 *   INSERT INTO ledger_entries (kind, day, tenant_id, budget_id, subject, lessee, amount_nano_usd, reason)
 *   SELECT 'reserve' or 'release', <UTC day of the move>, …, <amount, not negative>, …
 * Entries of these kinds are outside the sum above. A correction by hand is an entry of kind `correct` with a reference; nobody else is told of it: whoever has
 * to follow (budgets) needs a trigger AFTER INSERT ON ledger_entries FOR EACH ROW WHEN (NEW.kind = 'correct' AND NEW.reference IS NOT NULL).
 */
const createEntries = `
  CREATE TABLE ledger_entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    amount_nano_usd bigint NOT NULL,
    requests bigint NOT NULL DEFAULT 0,
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('reserve', 'settle', 'release', 'correct')),
    tenant_id text NOT NULL,
    budget_id text,
    subject text,
    lessee text,
    request_id text,
    reference text,
    reason text,
    made_by text,
    CONSTRAINT ledger_entries_of_budgets CHECK ((kind IN ('reserve', 'release')) = (budget_id IS NOT NULL)),
    CONSTRAINT ledger_entries_by_hand CHECK (
      CASE WHEN reference IS NULL THEN made_by IS NULL
      ELSE kind = 'correct' AND reference <> '' AND reason IS NOT NULL AND made_by IS NOT NULL AND requests = 0 END
    )
  )`;

const createIndexes = [
  `CREATE INDEX ledger_entries_by_day ON ledger_entries (day, tenant_id)`,
  `CREATE INDEX ledger_entries_by_tenant ON ledger_entries (tenant_id, id)`,
  `CREATE UNIQUE INDEX ledger_entries_by_reference ON ledger_entries (tenant_id, day, reference) WHERE reference IS NOT NULL`,
];

const createRefusal = `
  CREATE FUNCTION costlane_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION '% takes no %: what is wrong is put right by an entry of kind correct', TG_TABLE_NAME, TG_OP
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END $$`;

/**
 * In the transaction of what they are about, so exactly once. They fire for statements on `llm_requests` itself: rows that move between its
 * partitions by statements on these (costlane_ensure_partitions), or leave with one that is dropped, make no entry.
 */
const createSettle = `
  CREATE FUNCTION costlane_settle() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO ledger_entries (kind, day, tenant_id, requests, amount_nano_usd, request_id)
      SELECT 'settle', (created_at AT TIME ZONE 'UTC')::date, tenant_id, count(*), sum(paid_nano_usd),
        CASE WHEN count(*) = 1 THEN min(request_id) END
      FROM added GROUP BY 2, 3;
    RETURN NULL;
  END $$`;

const createAmend = `
  CREATE FUNCTION costlane_correct_amended() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO ledger_entries (kind, day, tenant_id, requests, amount_nano_usd, request_id, reason)
      SELECT 'correct', day, tenant_id, sum(requests), sum(paid), request_id, 'amended'
      FROM (
        SELECT (created_at AT TIME ZONE 'UTC')::date AS day, tenant_id, request_id, 1 AS requests, paid_nano_usd AS paid FROM amended
        UNION ALL
        SELECT (created_at AT TIME ZONE 'UTC')::date, tenant_id, request_id, -1, -paid_nano_usd FROM replaced
      ) AS moved
      GROUP BY day, tenant_id, request_id HAVING sum(requests) <> 0 OR sum(paid) <> 0;
    RETURN NULL;
  END $$`;

const createDelete = `
  CREATE FUNCTION costlane_correct_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO ledger_entries (kind, day, tenant_id, requests, amount_nano_usd, request_id, reason)
      SELECT 'correct', (created_at AT TIME ZONE 'UTC')::date, tenant_id, -count(*), -sum(paid_nano_usd),
        CASE WHEN count(*) = 1 THEN min(request_id) END, 'deleted'
      FROM deleted GROUP BY 2, 3;
    RETURN NULL;
  END $$`;

const triggers = [
  `CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION costlane_refuse_change()`,
  `CREATE TRIGGER llm_requests_settle AFTER INSERT ON llm_requests
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION costlane_settle()`,
  `CREATE TRIGGER llm_requests_correct_amended AFTER UPDATE ON llm_requests
    REFERENCING OLD TABLE AS replaced NEW TABLE AS amended FOR EACH STATEMENT EXECUTE FUNCTION costlane_correct_amended()`,
  `CREATE TRIGGER llm_requests_correct_deleted AFTER DELETE ON llm_requests
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION costlane_correct_deleted()`,
];

/** After the triggers, whose lock keeps writers out until the end: what they do not see is all here. */
const open = `
  INSERT INTO ledger_entries (kind, day, tenant_id, requests, amount_nano_usd, reason)
  SELECT 'settle', (created_at AT TIME ZONE 'UTC')::date AS day, tenant_id, count(*), sum(paid_nano_usd), 'opening'
  FROM llm_requests GROUP BY 2, 3 ORDER BY 2, 3`;

const comments = [
  `COMMENT ON TABLE ledger_entries IS 'Append-only; amounts in nano-dollars. settle + correct without a reference = paid of llm_requests, by tenant and day'`,
  `COMMENT ON COLUMN ledger_entries.day IS 'UTC day of the requests it is about; of reserve and release, of the move'`,
  `COMMENT ON COLUMN ledger_entries.reference IS 'Of a correction by hand, an invoice number and the like; NULL: made by a trigger'`,
];

export class CreateEntries1796310000000 implements MigrationInterface {
  readonly name = 'CreateEntries1796310000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const functions = [createRefusal, createSettle, createAmend, createDelete];
    for (const statement of [createEntries, ...createIndexes, ...functions, ...triggers, open, ...comments])
      await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of ['settle', 'correct_amended', 'correct_deleted']) {
      await queryRunner.query(`DROP TRIGGER llm_requests_${name} ON llm_requests`);
      await queryRunner.query(`DROP FUNCTION costlane_${name}()`);
    }
    await queryRunner.query(`DROP TABLE ledger_entries`);
    await queryRunner.query(`DROP FUNCTION costlane_refuse_change()`);
  }
}
