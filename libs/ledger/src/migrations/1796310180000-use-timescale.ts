import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From 2.18 on statements on a hypertable hand their rows to triggers (release notes of 2.18.0, January 2025); before, our triggers would fail. */
const createHasTimescale = `
  CREATE FUNCTION costlane_has_timescale() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
      SELECT FROM pg_extension
      WHERE extname = 'timescaledb' AND string_to_array(substring(extversion FROM '^\\d+\\.\\d+'), '.')::integer[] >= '{2,18}'
    )
  $$`;

/**
 * Makes a hypertable of the partitioned table, by day, with its rows, triggers and views; false where it is one. Writers wait until it is done, and it takes as long
 * as copying does. Triggers come last: what is copied is on the books. Rights that were granted on the table have to be granted anew.
 */
const createUseTimescale = `
  CREATE FUNCTION costlane_use_timescale() RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE
    triggers text[];
    views text[];
    view_names text[];
    named record;
    statement text;
  BEGIN
    LOCK TABLE llm_requests IN ACCESS EXCLUSIVE MODE;
    IF costlane_is_hypertable() THEN
      RETURN false;
    END IF;
    SELECT array_agg(pg_get_triggerdef(oid) ORDER BY tgname) INTO triggers
      FROM pg_trigger WHERE tgrelid = 'llm_requests'::regclass AND NOT tgisinternal;
    SELECT array_agg(name), array_agg(format('CREATE VIEW %s AS %s', name, pg_get_viewdef(view)) ORDER BY name)
        || array_agg(format('COMMENT ON VIEW %s IS %L', name, obj_description(view, 'pg_class')))
      INTO view_names, views
      FROM (
        SELECT DISTINCT r.ev_class AS view, r.ev_class::regclass::text AS name
        FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'llm_requests'::regclass
      ) AS dependent;
    FOREACH statement IN ARRAY coalesce(view_names, '{}') LOOP
      EXECUTE format('DROP VIEW %s', statement);
    END LOOP;
    ALTER TABLE llm_requests RENAME TO llm_requests_partitioned;
    FOR named IN SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = 'llm_requests_partitioned'::regclass LOOP
      EXECUTE format('ALTER INDEX %s RENAME TO %I', named.name, left(named.name, 50) || '_partitioned');
    END LOOP;
    CREATE TABLE llm_requests (LIKE llm_requests_partitioned INCLUDING ALL);
    EXECUTE format('COMMENT ON TABLE llm_requests IS %L', obj_description('llm_requests_partitioned'::regclass, 'pg_class'));
    PERFORM create_hypertable('llm_requests', 'created_at', chunk_time_interval => interval '1 day', create_default_indexes => false);
    INSERT INTO llm_requests SELECT * FROM llm_requests_partitioned;
    DROP TABLE llm_requests_partitioned;
    FOREACH statement IN ARRAY coalesce(triggers, '{}') || coalesce(views, '{}') LOOP
      EXECUTE statement;
    END LOOP;
    RETURN true;
  END $$`;

/** As it was, but that a hypertable makes its own pieces. */
const ensurePartitions = (guard: string): string => `
  CREATE OR REPLACE FUNCTION costlane_ensure_partitions(first_day date, last_day date) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    day date;
    partition_name text;
    starts_at timestamptz;
    ends_at timestamptz;
    made integer := 0;
  BEGIN
    ${guard}
    SET LOCAL lock_timeout = '5s';
    PERFORM pg_advisory_xact_lock(hashtextextended('costlane:partitions', 0));
    FOR day IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
      partition_name := 'llm_requests_' || to_char(day, 'YYYYMMDD');
      CONTINUE WHEN to_regclass(partition_name) IS NOT NULL;
      starts_at := day::timestamp AT TIME ZONE 'UTC';
      ends_at := (day + 1)::timestamp AT TIME ZONE 'UTC';
      EXECUTE format('CREATE TABLE %I (LIKE llm_requests INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition_name);
      LOCK TABLE llm_requests_default IN ACCESS EXCLUSIVE MODE;
      EXECUTE format(
        'WITH moved AS (DELETE FROM llm_requests_default WHERE created_at >= $1 AND created_at < $2 RETURNING *)
         INSERT INTO %I SELECT * FROM moved', partition_name) USING starts_at, ends_at;
      EXECUTE format('ALTER TABLE llm_requests ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition_name, starts_at, ends_at);
      made := made + 1;
    END LOOP;
    RETURN made;
  END $$`;

const guard = `IF costlane_is_hypertable() THEN
      RETURN 0;
    END IF;`;

export class UseTimescale1796310180000 implements MigrationInterface {
  readonly name = 'UseTimescale1796310180000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createHasTimescale);
    await queryRunner.query(createUseTimescale);
    await queryRunner.query(ensurePartitions(guard));
    await queryRunner.query(`SELECT costlane_use_timescale() WHERE costlane_has_timescale()`);
  }

  /** A hypertable stays one. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(ensurePartitions(''));
    await queryRunner.query(`DROP FUNCTION costlane_use_timescale()`);
    await queryRunner.query(`DROP FUNCTION costlane_has_timescale()`);
  }
}
