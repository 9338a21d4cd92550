import type { MigrationInterface, QueryRunner } from 'typeorm';

const createDocuments = `
  CREATE TABLE control_documents (
    kind text NOT NULL,
    id text NOT NULL,
    body jsonb NOT NULL,
    version bigint NOT NULL,
    is_deleted boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, id)
  )`;

/**
 * One writer at a time, until its transaction ends: versions become visible in their order, so a reader that has seen one has been able
 * to see all below it. A function, because each of its statements sees what was committed before it began; a single statement would go
 * on with what it saw before it waited. `mode`: replace, create or merge. Gives no row where `create` meets an id that was ever used, and
 * one without a version where the kind has `max_live` already.
 */
const createPut = `
  CREATE FUNCTION costlane_put_control(p_kind text, p_id text, p_body jsonb, p_mode text, p_max_live integer)
  RETURNS TABLE (kind text, id text, body jsonb, version bigint, is_deleted boolean, updated_at timestamptz)
  LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  DECLARE
    before control_documents;
    next_version bigint;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('costlane:control', 0));
    SELECT * INTO before FROM control_documents d WHERE d.kind = p_kind AND d.id = p_id;
    IF before.id IS NOT NULL AND p_mode = 'create' THEN
      RETURN;
    END IF;
    IF (before.id IS NULL OR before.is_deleted)
      AND (SELECT count(*) FROM control_documents d WHERE d.kind = p_kind AND NOT d.is_deleted) >= p_max_live
    THEN
      RETURN QUERY SELECT p_kind, p_id, p_body, NULL::bigint, false, now();
      RETURN;
    END IF;
    SELECT coalesce(max(d.version), 0) + 1 INTO next_version FROM control_documents d;
    IF p_mode = 'merge' THEN
      p_body := jsonb_strip_nulls(
        CASE WHEN before.id IS NULL OR before.is_deleted THEN '{}'::jsonb ELSE before.body END || p_body);
    END IF;
    RETURN QUERY
      INSERT INTO control_documents AS d (kind, id, body, version, is_deleted, updated_at)
      VALUES (p_kind, p_id, p_body, next_version, false, clock_timestamp())
      ON CONFLICT ON CONSTRAINT control_documents_pkey DO UPDATE
        SET body = EXCLUDED.body, version = EXCLUDED.version, is_deleted = false, updated_at = EXCLUDED.updated_at
      RETURNING d.kind, d.id, d.body, d.version, d.is_deleted, d.updated_at;
  END $$`;

/** A removed document keeps its body: what an experiment was is needed to read what it has shown. */
const createRemove = `
  CREATE FUNCTION costlane_remove_control(p_kind text, p_id text)
  RETURNS TABLE (kind text, id text, body jsonb, version bigint, is_deleted boolean, updated_at timestamptz)
  LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('costlane:control', 0));
    RETURN QUERY
      UPDATE control_documents d
      SET is_deleted = true, version = (SELECT max(m.version) + 1 FROM control_documents m), updated_at = clock_timestamp()
      WHERE d.kind = p_kind AND d.id = p_id AND NOT d.is_deleted
      RETURNING d.kind, d.id, d.body, d.version, d.is_deleted, d.updated_at;
  END $$`;

const createFeedback = `
  CREATE TABLE request_feedback (
    request_id text NOT NULL,
    tenant_id text NOT NULL,
    experiment_id text NOT NULL,
    variant text NOT NULL,
    subject text,
    value double precision NOT NULL CHECK (value BETWEEN 0 AND 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, request_id)
  )`;

export class CreateControl1795910400000 implements MigrationInterface {
  readonly name = 'CreateControl1795910400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createDocuments);
    await queryRunner.query(`CREATE UNIQUE INDEX control_documents_by_version ON control_documents (version)`);
    await queryRunner.query(createPut);
    await queryRunner.query(createRemove);
    await queryRunner.query(createFeedback);
    await queryRunner.query(
      `CREATE INDEX request_feedback_by_experiment ON request_feedback (experiment_id, created_at)`,
    );
    await queryRunner.query(
      `CREATE INDEX llm_requests_by_experiment ON llm_requests (experiment_id, created_at) WHERE experiment_id IS NOT NULL`,
    );
    await queryRunner.query(
      `COMMENT ON COLUMN request_feedback.value IS 'What a user said of the answer: 0 wrong, 1 right; copied with the experiment that the request took part in'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX llm_requests_by_experiment`);
    await queryRunner.query(`DROP TABLE request_feedback`);
    await queryRunner.query(`DROP FUNCTION costlane_remove_control(text, text)`);
    await queryRunner.query(`DROP FUNCTION costlane_put_control(text, text, jsonb, text, integer)`);
    await queryRunner.query(`DROP TABLE control_documents`);
  }
}
