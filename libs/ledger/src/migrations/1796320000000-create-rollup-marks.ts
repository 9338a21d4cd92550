import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Hours of `llm_requests` that have changed since they were rolled up. Append-only: writers never wait for each other, and a mark becomes visible with the
 * rows that it is about. Who rolls an hour up takes its marks away first and reads the rows afterwards, so that it sees the rows of each mark that it took.
 */
const createMarks = `
  CREATE TABLE rollup_marks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hour timestamptz NOT NULL,
    marked_at timestamptz NOT NULL DEFAULT now()
  )`;

/** The same for what is made from the hours: the day's rows in cost_daily_rollup, and its rows in cost_daily_summary. */
const createDayMarks = `
  CREATE TABLE rollup_day_marks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL,
    target text NOT NULL CHECK (target IN ('daily', 'summary')),
    marked_at timestamptz NOT NULL DEFAULT now()
  )`;

const createMark = `
  CREATE FUNCTION costlane_mark_rollups() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO rollup_marks (hour) SELECT DISTINCT date_trunc('hour', created_at, 'UTC') FROM changed ORDER BY 1;
    RETURN NULL;
  END $$`;

/** Whether everything that is on record of a day is in all rollups: what has to hold before its detail may go. */
const createIsRolledUp = `
  CREATE FUNCTION costlane_is_rolled_up(asked date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
      SELECT FROM rollup_marks
      WHERE hour >= asked::timestamp AT TIME ZONE 'UTC' AND hour < (asked + 1)::timestamp AT TIME ZONE 'UTC'
    ) AND NOT EXISTS (SELECT FROM rollup_day_marks WHERE day = asked)
  $$`;

/** Marks come and go by the thousand while the tables stay small: dead ones are cleared by their number, not by a share of a size. */
const keepSmall = (table: string): string =>
  `ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`;

/** What changes and which of a statement's rows tell of it: a request's time never changes, but were it ever moved, both its hours are marked. */
const triggers = [
  ['insert', 'INSERT', 'NEW'],
  ['update', 'UPDATE', 'NEW'],
  ['moved', 'UPDATE', 'OLD'],
  ['delete', 'DELETE', 'OLD'],
] as const;

export class CreateRollupMarks1796320000000 implements MigrationInterface {
  readonly name = 'CreateRollupMarks1796320000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createMarks);
    await queryRunner.query(`CREATE INDEX rollup_marks_by_hour ON rollup_marks (hour)`);
    await queryRunner.query(createDayMarks);
    await queryRunner.query(createMark);
    await queryRunner.query(createIsRolledUp);
    for (const table of ['rollup_marks', 'rollup_day_marks']) await queryRunner.query(keepSmall(table));
    // An hour is read without the rest of its day. Rows come nearly in the order of their time, so that block ranges do, which cost an insert next to nothing.
    await queryRunner.query(
      `CREATE INDEX llm_requests_by_time ON llm_requests USING brin (created_at) WITH (pages_per_range = 32, autosummarize = on)`,
    );
    for (const [name, event, rows] of triggers)
      await queryRunner.query(`
        CREATE TRIGGER llm_requests_mark_${name} AFTER ${event} ON llm_requests
        REFERENCING ${rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION costlane_mark_rollups()`);
    await queryRunner.query(
      `INSERT INTO rollup_marks (hour) SELECT DISTINCT date_trunc('hour', created_at, 'UTC') FROM llm_requests ORDER BY 1`,
    );
    await queryRunner.query(
      `COMMENT ON TABLE rollup_marks IS 'Hours of llm_requests that have changed since they were rolled up'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [name] of triggers) await queryRunner.query(`DROP TRIGGER llm_requests_mark_${name} ON llm_requests`);
    await queryRunner.query(`DROP INDEX llm_requests_by_time`);
    await queryRunner.query(`DROP FUNCTION costlane_is_rolled_up(date)`);
    await queryRunner.query(`DROP FUNCTION costlane_mark_rollups()`);
    await queryRunner.query(`DROP TABLE rollup_day_marks`);
    await queryRunner.query(`DROP TABLE rollup_marks`);
  }
}
