import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddJobRequestHash1796150000000 implements MigrationInterface {
  readonly name = 'AddJobRequestHash1796150000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE batch_jobs ADD COLUMN request_hash text`);
    await queryRunner.query(
      `COMMENT ON COLUMN batch_jobs.request_hash IS 'Of everything that was handed in: tells a repetition under the same idempotency key from another request'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE batch_jobs DROP COLUMN request_hash`);
  }
}
