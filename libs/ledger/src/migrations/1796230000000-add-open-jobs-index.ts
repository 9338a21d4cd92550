import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For what is asked of every job that is handed in: how many others of its tenant are open. */
export class AddOpenJobsIndex1796230000000 implements MigrationInterface {
  readonly name = 'AddOpenJobsIndex1796230000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX batch_jobs_open ON batch_jobs (tenant_id) WHERE finished_at IS NULL AND sealed_at IS NOT NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX batch_jobs_open`);
  }
}
