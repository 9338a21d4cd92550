import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Plain names and dollars, for people who ask in SQL. Exact: a nano-dollar is the ninth decimal, and NUMERIC keeps it. `base_cost` is the baseline:
 * what the request would have cost with the model that was asked for, at list price, without us.
 */
const createEvents = `
  CREATE VIEW cost_events AS
  SELECT
    (created_at AT TIME ZONE 'UTC')::date AS date,
    created_at,
    request_id,
    tenant_id,
    team_id,
    user_id,
    key_id,
    feature_name,
    experiment_id,
    experiment_variant,
    endpoint,
    provider,
    model_asked,
    model_used,
    baseline_nano_usd * 0.000000001 AS base_cost,
    paid_nano_usd * 0.000000001 AS paid_cost,
    infrastructure_nano_usd * 0.000000001 AS infrastructure_cost,
    (paid_nano_usd + infrastructure_nano_usd) * 0.000000001 AS total_cost,
    savings_cache_nano_usd * 0.000000001 AS cache_savings,
    savings_routing_nano_usd * 0.000000001 AS routing_savings,
    savings_prefix_nano_usd * 0.000000001 AS prefix_savings,
    savings_batching_nano_usd * 0.000000001 AS batching_savings,
    fresh_input_tokens::bigint + cache_read_tokens + cache_write_short_tokens + cache_write_long_tokens AS tokens_input,
    output_tokens::bigint + reasoning_tokens AS tokens_output,
    latency_ms,
    time_to_first_token_ms,
    cache_tier,
    cache_tier <> 'miss' AS cache_hit,
    is_holdout,
    http_status,
    error_code
  FROM llm_requests`;

export class AddMoneyColumns1796300000000 implements MigrationInterface {
  readonly name = 'AddMoneyColumns1796300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE llm_requests
        ADD COLUMN infrastructure_nano_usd bigint NOT NULL DEFAULT 0,
        ADD COLUMN prompt_hash text,
        ADD COLUMN is_holdout boolean NOT NULL DEFAULT false,
        ADD COLUMN budget_lessee text`);
    await queryRunner.query(createEvents);
    await queryRunner.query(
      `COMMENT ON COLUMN llm_requests.infrastructure_nano_usd IS 'What running Costlane itself cost for this request: CPU, memory, storage, embedding'`,
    );
    await queryRunner.query(
      `COMMENT ON COLUMN llm_requests.budget_lessee IS 'In whose leases of budgets its cost was reserved; NULL: it was not reserved'`,
    );
    await queryRunner.query(
      `COMMENT ON VIEW cost_events IS 'llm_requests under plain names, money in dollars (exact NUMERIC)'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP VIEW cost_events`);
    await queryRunner.query(`
      ALTER TABLE llm_requests
        DROP COLUMN infrastructure_nano_usd,
        DROP COLUMN prompt_hash,
        DROP COLUMN is_holdout,
        DROP COLUMN budget_lessee`);
  }
}
