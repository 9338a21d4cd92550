import type { MigrationInterface, QueryRunner } from 'typeorm';

const createFiles = `
  CREATE TABLE stored_files (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    id text NOT NULL,
    purpose text NOT NULL,
    filename text NOT NULL,
    size_bytes bigint NOT NULL DEFAULT 0,
    chunk_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    touched_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    expires_at timestamptz,
    UNIQUE (tenant_id, id)
  )`;

const createChunks = `
  CREATE TABLE stored_file_chunks (
    file_number bigint NOT NULL REFERENCES stored_files (number) ON DELETE CASCADE,
    position integer NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (file_number, position)
  )`;

/** What a client of OpenAI's batches sees. The requests themselves are a job of the same tenant and id, once they have been read. */
const createBatches = `
  CREATE TABLE openai_batches (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    id text NOT NULL,
    input_file_id text NOT NULL,
    endpoint text NOT NULL,
    completion_window text NOT NULL,
    completion_window_ms bigint NOT NULL,
    metadata jsonb,
    caller jsonb NOT NULL,
    headers jsonb NOT NULL,
    state text NOT NULL DEFAULT 'validating' CHECK (state IN ('validating', 'submitted', 'failed', 'cancelled')),
    errors jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    cancelling_at timestamptz,
    results_expire_after_seconds integer,
    output_deleted_at timestamptz,
    error_deleted_at timestamptz,
    validator text,
    validator_until timestamptz,
    validations integer NOT NULL DEFAULT 0,
    UNIQUE (tenant_id, id)
  )`;

const indexes = [
  `CREATE INDEX stored_files_expiring ON stored_files (expires_at) WHERE expires_at IS NOT NULL`,
  `CREATE INDEX stored_files_incomplete ON stored_files (touched_at) WHERE completed_at IS NULL`,
  `CREATE INDEX openai_batches_newest ON openai_batches (tenant_id, number DESC)`,
  `CREATE INDEX openai_batches_validating ON openai_batches (number) WHERE state = 'validating'`,
  `CREATE INDEX openai_batches_oldest ON openai_batches (created_at)`,
];

export class CreateFiles1796210000000 implements MigrationInterface {
  readonly name = 'CreateFiles1796210000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const sql of [createFiles, createChunks, createBatches, ...indexes]) await queryRunner.query(sql);
    await queryRunner.query(
      `COMMENT ON COLUMN stored_files.completed_at IS 'All of it is there. Before, it is an upload and no file'`,
    );
    await queryRunner.query(
      `COMMENT ON COLUMN openai_batches.validator_until IS 'Until then the one named reads the input file; after it another may'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE openai_batches`);
    await queryRunner.query(`DROP TABLE stored_file_chunks`);
    await queryRunner.query(`DROP TABLE stored_files`);
  }
}
