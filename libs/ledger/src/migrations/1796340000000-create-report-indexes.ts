import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Users and keys make nearly all rollup rows. Reports first find out which of them matter, which the first index answers without a look at the
 * rows, and then read those alone, day by day or hour by hour, by the others.
 */
const indexes = {
  cost_daily_rollup_ranks: `
    ON cost_daily_rollup (dimension, bucket, tenant_id, value) INCLUDE (paid_nano_usd, infrastructure_nano_usd, requests)
    WHERE dimension IN ('user', 'key')`,
  cost_daily_rollup_by_value: `ON cost_daily_rollup (tenant_id, dimension, value, bucket) WHERE dimension IN ('user', 'key')`,
  cost_hourly_rollup_by_value: `ON cost_hourly_rollup (tenant_id, dimension, value, bucket) WHERE dimension IN ('user', 'key')`,
};

export class CreateReportIndexes1796340000000 implements MigrationInterface {
  readonly name = 'CreateReportIndexes1796340000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [name, definition] of Object.entries(indexes))
      await queryRunner.query(`CREATE INDEX ${name} ${definition}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(indexes)) await queryRunner.query(`DROP INDEX ${name}`);
  }
}
