import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was handed to providers' Batch APIs, written down before it is: a batch whose sender died can be looked for under its key. Items of
 * one have its key in `batch_items.provider_batch_id`. `is_direct`: an item that a Batch API did not take or answer, to be asked by itself.
 */
const createSubmissions = `
  CREATE TABLE batch_submissions (
    job_number bigint NOT NULL REFERENCES batch_jobs (number) ON DELETE CASCADE,
    batch_key text NOT NULL,
    batch_group text NOT NULL,
    state text NOT NULL DEFAULT 'collecting' CHECK (state IN ('collecting', 'sending', 'lost', 'submitted', 'ended')),
    provider_batch_id text,
    started_at timestamptz,
    sent_at timestamptz,
    check_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_number, batch_key)
  )`;

export class CreateBatchSubmissions1796000060000 implements MigrationInterface {
  readonly name = 'CreateBatchSubmissions1796000060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createSubmissions);
    await queryRunner.query(`ALTER TABLE batch_items ADD COLUMN is_direct boolean NOT NULL DEFAULT false`);
    await queryRunner.query(
      `CREATE INDEX batch_items_submitted ON batch_items (job_number, provider_batch_id, item_index) WHERE state = 'submitted'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX batch_items_submitted`);
    await queryRunner.query(`ALTER TABLE batch_items DROP COLUMN is_direct`);
    await queryRunner.query(`DROP TABLE batch_submissions`);
  }
}
