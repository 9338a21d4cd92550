import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Items refer to their job by its number: eight bytes in a key of a hundred thousand rows, where tenant and id would be sixty. */
const createJobs = `
  CREATE TABLE batch_jobs (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('batch', 'job', 'openai_batch')),
    state text NOT NULL DEFAULT 'queued' CHECK (state IN
      ('queued', 'running', 'finalizing', 'completed', 'failed', 'cancelling', 'cancelled', 'expired')),
    total integer NOT NULL DEFAULT 0,
    succeeded integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    cancelled integer NOT NULL DEFAULT 0,
    expired integer NOT NULL DEFAULT 0,
    duplicates integer NOT NULL DEFAULT 0,
    cost_nano_usd bigint NOT NULL DEFAULT 0,
    metadata jsonb NOT NULL DEFAULT '{}',
    completion_window_ms bigint,
    deadline_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    sealed_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    error jsonb,
    webhook_url text,
    webhook_secret_ref text,
    webhook_state text CHECK (webhook_state IN ('pending', 'delivered', 'abandoned')),
    webhook_attempts integer NOT NULL DEFAULT 0,
    webhook_next_at timestamptz,
    webhook_error text,
    UNIQUE (tenant_id, id),
    CHECK (succeeded + failed + cancelled + expired <= total)
  )`;

const jobIndexes = [
  `CREATE INDEX batch_jobs_newest ON batch_jobs (tenant_id, number DESC)`,
  `CREATE INDEX batch_jobs_unfinished ON batch_jobs (number) WHERE finished_at IS NULL`,
  `CREATE INDEX batch_jobs_finished ON batch_jobs (finished_at) WHERE finished_at IS NOT NULL`,
  `CREATE INDEX batch_jobs_webhook_due ON batch_jobs (webhook_next_at) WHERE webhook_state = 'pending'`,
];

/**
 * What changes is kept apart from the request, which does not: an update writes its whole row anew. Room is left on each page, so that
 * a lease, which touches no indexed column, stays on it (a heap-only update). Results are JSON, worth compressing, and read once.
 */
const createItems = `
  CREATE TABLE batch_items (
    job_number bigint NOT NULL REFERENCES batch_jobs (number),
    item_index integer NOT NULL CHECK (item_index >= 0),
    custom_id text,
    fingerprint text,
    leader_index integer,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN
      ('pending', 'running', 'submitted', 'succeeded', 'failed', 'cancelled', 'expired')),
    size_bytes integer NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    is_dead boolean NOT NULL DEFAULT false,
    not_before timestamptz,
    lease_owner text,
    lease_until timestamptz,
    provider_batch_id text,
    provider_batch_custom_id text,
    status integer,
    error_code text,
    cost_nano_usd bigint NOT NULL DEFAULT 0,
    result bytea,
    ended_at timestamptz,
    PRIMARY KEY (job_number, item_index)
  ) WITH (fillfactor = 70)`;

const itemIndexes = [
  `CREATE INDEX batch_items_open ON batch_items (job_number, item_index) WHERE ended_at IS NULL AND leader_index IS NULL`,
  `CREATE INDEX batch_items_followers ON batch_items (job_number, leader_index) WHERE leader_index IS NOT NULL`,
  `CREATE INDEX batch_items_dead ON batch_items (job_number, item_index) WHERE is_dead`,
];

const createRequests = `
  CREATE TABLE batch_requests (
    job_number bigint NOT NULL REFERENCES batch_jobs (number),
    item_index integer NOT NULL,
    request bytea NOT NULL,
    PRIMARY KEY (job_number, item_index)
  )`;

export class CreateBatchJobs1796000000000 implements MigrationInterface {
  readonly name = 'CreateBatchJobs1796000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const sql of [createJobs, ...jobIndexes, createItems, ...itemIndexes, createRequests])
      await queryRunner.query(sql);
    await queryRunner.query(
      `COMMENT ON COLUMN batch_items.leader_index IS 'First item of the job with the same fingerprint: its end is this one''s, too'`,
    );
    await queryRunner.query(
      `COMMENT ON COLUMN batch_jobs.sealed_at IS 'All items are there: accepted. Before, nothing of it runs'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE batch_requests`);
    await queryRunner.query(`DROP TABLE batch_items`);
    await queryRunner.query(`DROP TABLE batch_jobs`);
  }
}
