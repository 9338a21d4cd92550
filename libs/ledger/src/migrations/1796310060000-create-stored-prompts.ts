import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Only of tenants that have asked for it, and only until `expires_at`. Written by the statement that puts the record in the books. */
const createPrompts = `
  CREATE TABLE stored_prompts (
    tenant_id text NOT NULL,
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    is_cut boolean NOT NULL,
    prompt text NOT NULL,
    PRIMARY KEY (tenant_id, request_id, created_at)
  )`;

export class CreateStoredPrompts1796310060000 implements MigrationInterface {
  readonly name = 'CreateStoredPrompts1796310060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createPrompts);
    await queryRunner.query(`CREATE INDEX stored_prompts_by_expiry ON stored_prompts (expires_at)`);
    await queryRunner.query(
      `COMMENT ON TABLE stored_prompts IS 'Bodies of requests of tenants that want theirs kept, until expires_at'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE stored_prompts`);
  }
}
