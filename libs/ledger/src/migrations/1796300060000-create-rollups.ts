import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is summed. Of a request's tokens, the axes are those that a provider was asked for; `tokens_input` and `tokens_output` are what clients were served. */
const measures = `
    requests bigint NOT NULL,
    errors bigint NOT NULL,
    memory_hits bigint NOT NULL,
    exact_hits bigint NOT NULL,
    semantic_hits bigint NOT NULL,
    coalesced_hits bigint NOT NULL,
    unpriced_requests bigint NOT NULL,
    upstream_calls bigint NOT NULL,
    fresh_input_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_short_tokens bigint NOT NULL,
    cache_write_long_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    tokens_input bigint NOT NULL,
    tokens_output bigint NOT NULL,
    paid_nano_usd bigint NOT NULL,
    baseline_nano_usd bigint NOT NULL,
    infrastructure_nano_usd bigint NOT NULL,
    savings_cache_nano_usd bigint NOT NULL,
    savings_routing_nano_usd bigint NOT NULL,
    savings_prefix_nano_usd bigint NOT NULL,
    savings_batching_nano_usd bigint NOT NULL,
    latency_ms double precision NOT NULL,
    first_tokens bigint NOT NULL,
    first_token_ms double precision NOT NULL`;

/**
 * One dimension at a time, by the hour and by the day: `value` of `dimension`, with `parent` where it needs one (a model's provider, a variant's
 * experiment, a user's arm of the holdout). Tenant `*` has the deployment's own rows, for the dimensions whose values all tenants share.
 */
const createRollup = (table: string, bucket: string): string => `
  CREATE TABLE ${table} (
    tenant_id text NOT NULL,
    dimension text NOT NULL,
    bucket ${bucket} NOT NULL,
    value text NOT NULL,
    parent text NOT NULL,
    ${measures},
    PRIMARY KEY (tenant_id, dimension, bucket, value, parent)
  )`;

const createDaily = `
  CREATE TABLE cost_daily_summary (
    date date NOT NULL,
    tenant_id text NOT NULL,
    model text NOT NULL,
    endpoint text NOT NULL,
    user_id text NOT NULL,
    ${measures},
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, date, model, endpoint, user_id)
  )`;

export class CreateRollups1796300060000 implements MigrationInterface {
  readonly name = 'CreateRollups1796300060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createRollup('cost_hourly_rollup', 'timestamptz'));
    await queryRunner.query(createRollup('cost_daily_rollup', 'date'));
    await queryRunner.query(`CREATE INDEX cost_hourly_rollup_by_bucket ON cost_hourly_rollup (dimension, bucket)`);
    await queryRunner.query(`CREATE INDEX cost_daily_rollup_by_bucket ON cost_daily_rollup (dimension, bucket)`);
    await queryRunner.query(createDaily);
    await queryRunner.query(`CREATE INDEX cost_daily_summary_by_date ON cost_daily_summary (date)`);
    await queryRunner.query(
      `COMMENT ON TABLE cost_daily_summary IS 'llm_requests by UTC day, tenant, model used, endpoint and user (empty: none); money in nano-dollars'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE cost_daily_summary`);
    await queryRunner.query(`DROP TABLE cost_daily_rollup`);
    await queryRunner.query(`DROP TABLE cost_hourly_rollup`);
  }
}
