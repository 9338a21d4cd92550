import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Days whose detail is gone on purpose: a record of one that comes later is set aside. Their entries and rollups stay. */
const createDropped = `
  CREATE TABLE dropped_days (
    day date PRIMARY KEY,
    epoch_day integer NOT NULL GENERATED ALWAYS AS (day - date '1970-01-01') STORED UNIQUE,
    dropped_at timestamptz NOT NULL DEFAULT now()
  )`;

/** What there is of an older day, in a partition or not. Each day is found by one look into the index of the entries. */
const createDetailDays = `
  CREATE FUNCTION costlane_detail_days(before_day date, most integer) RETURNS SETOF date LANGUAGE plpgsql STABLE AS $$
  BEGIN
    RETURN QUERY
      WITH RECURSIVE entered AS (
        SELECT min(e.day) AS day FROM ledger_entries e WHERE e.day < before_day
        UNION ALL
        SELECT (SELECT min(e.day) FROM ledger_entries e WHERE e.day > entered.day AND e.day < before_day) FROM entered
        WHERE entered.day IS NOT NULL
      ), stored AS (
        SELECT day FROM entered WHERE day IS NOT NULL
        UNION
        SELECT to_date(right(c.relname, 8), 'YYYYMMDD')
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'llm_requests'::regclass AND c.relname ~ '^llm_requests_\\d{8}$'
      )
      SELECT s.day FROM stored s
      WHERE s.day < before_day AND NOT EXISTS (SELECT FROM dropped_days d WHERE d.day = s.day)
      ORDER BY s.day LIMIT most;
  END $$`;

/**
 * Drops a day's detail, unless something of it is not in the rollups yet: then false, and it stays. With the table locked nobody writes in
 * between, and whoever waited for the lock sees that the day is gone. Nobody is told of the rows: the entries stay as they are.
 */
const createDrop = `
  CREATE FUNCTION costlane_drop_detail(asked date) RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE
    partition_name text := 'llm_requests_' || to_char(asked, 'YYYYMMDD');
    starts_at timestamptz := asked::timestamp AT TIME ZONE 'UTC';
    ends_at timestamptz := (asked + 1)::timestamp AT TIME ZONE 'UTC';
  BEGIN
    SET LOCAL lock_timeout = '5s';
    PERFORM pg_advisory_xact_lock(hashtextextended('costlane:partitions', 0));
    LOCK TABLE llm_requests IN ACCESS EXCLUSIVE MODE;
    IF NOT costlane_is_rolled_up(asked) THEN
      RETURN false;
    END IF;
    IF costlane_is_hypertable() THEN
      PERFORM drop_chunks('llm_requests', older_than => ends_at, newer_than => starts_at);
    ELSIF to_regclass(partition_name) IS NOT NULL THEN
      EXECUTE format('ALTER TABLE llm_requests DETACH PARTITION %I', partition_name);
      EXECUTE format('DROP TABLE %I', partition_name);
    ELSE
      DELETE FROM llm_requests_default WHERE created_at >= starts_at AND created_at < ends_at;
    END IF;
    DELETE FROM duplicate_completions WHERE created_at >= starts_at AND created_at < ends_at;
    INSERT INTO dropped_days (day) VALUES (asked) ON CONFLICT (day) DO NOTHING;
    RETURN true;
  END $$`;

/** Rows that no day's partition took. */
const createRowsInDefault = `
  CREATE FUNCTION costlane_rows_in_default() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
  BEGIN
    IF to_regclass('llm_requests_default') IS NULL THEN
      RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM llm_requests_default);
  END $$`;

/** Days from tomorrow on that have their partition; a hypertable makes its own when the first row comes. */
const createPartitionsAhead = `
  CREATE FUNCTION costlane_partitions_ahead() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
  BEGIN
    IF costlane_is_hypertable() THEN
      RETURN 366;
    END IF;
    RETURN (
      SELECT count(*) FROM generate_series(1, 366) AS ahead
      WHERE to_regclass('llm_requests_' || to_char((now() AT TIME ZONE 'UTC')::date + ahead, 'YYYYMMDD')) IS NOT NULL
    );
  END $$`;

/** A table that is not partitioned by Postgres itself is one by the extension. */
const createIsHypertable = `
  CREATE FUNCTION costlane_is_hypertable() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT relkind = 'r' FROM pg_class WHERE oid = 'llm_requests'::regclass
  $$`;

const signatures = [
  'costlane_is_hypertable()',
  'costlane_detail_days(date, integer)',
  'costlane_drop_detail(date)',
  'costlane_rows_in_default()',
  'costlane_partitions_ahead()',
];

export class CreateDetailRetention1796310120000 implements MigrationInterface {
  readonly name = 'CreateDetailRetention1796310120000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const functions = [createIsHypertable, createDetailDays, createDrop, createRowsInDefault, createPartitionsAhead];
    for (const statement of [createDropped, ...functions]) await queryRunner.query(statement);
    await queryRunner.query(
      `COMMENT ON TABLE dropped_days IS 'UTC days whose rows of llm_requests were dropped because of their age'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const signature of signatures) await queryRunner.query(`DROP FUNCTION ${signature}`);
    await queryRunner.query(`DROP TABLE dropped_days`);
  }
}
