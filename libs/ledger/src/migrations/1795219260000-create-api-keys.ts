import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateApiKeys1795219260000 implements MigrationInterface {
  readonly name = 'CreateApiKeys1795219260000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE api_keys (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        prefix text NOT NULL,
        key_hash text NOT NULL UNIQUE,
        tenant_id text NOT NULL CHECK (tenant_id <> ''),
        team_id text NOT NULL DEFAULT '',
        user_id text NOT NULL DEFAULT '',
        name text NOT NULL DEFAULT '',
        role text NOT NULL CHECK (role IN ('admin', 'member')),
        rate_limit_per_minute integer NOT NULL DEFAULT 0 CHECK (rate_limit_per_minute >= 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
      )`);
    await queryRunner.query(`CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, created_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE api_keys`);
  }
}
