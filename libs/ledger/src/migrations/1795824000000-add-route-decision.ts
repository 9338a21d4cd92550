import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddRouteDecision1795824000000 implements MigrationInterface {
  readonly name = 'AddRouteDecision1795824000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE llm_requests
        ADD COLUMN experiment_variant text,
        ADD COLUMN route_decision jsonb,
        ADD COLUMN complexity double precision,
        ADD COLUMN predicted_gain double precision,
        ADD COLUMN other_calls jsonb,
        ADD COLUMN is_stale boolean NOT NULL DEFAULT false`);
    await queryRunner.query(
      `COMMENT ON COLUMN llm_requests.other_calls IS 'Provider calls beside the one that answered; what they cost is part of paid_nano_usd'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE llm_requests
        DROP COLUMN experiment_variant,
        DROP COLUMN route_decision,
        DROP COLUMN complexity,
        DROP COLUMN predicted_gain,
        DROP COLUMN other_calls,
        DROP COLUMN is_stale`);
  }
}
