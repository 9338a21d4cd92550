import type { MigrationInterface, QueryRunner } from 'typeorm';

const counts = [
  'requests',
  'errors',
  'memory_hits',
  'exact_hits',
  'semantic_hits',
  'coalesced_hits',
  'unpriced_requests',
  'upstream_calls',
  'fresh_input_tokens',
  'cache_read_tokens',
  'cache_write_short_tokens',
  'cache_write_long_tokens',
  'output_tokens',
  'reasoning_tokens',
  'tokens_input',
  'tokens_output',
  'paid_nano_usd',
  'baseline_nano_usd',
  'infrastructure_nano_usd',
  'savings_cache_nano_usd',
  'savings_routing_nano_usd',
  'savings_prefix_nano_usd',
  'savings_batching_nano_usd',
  'first_tokens',
];
const milliseconds = ['latency_ms', 'first_token_ms'];
const measures = [...counts, ...milliseconds];

/** Of dimensions with very many values: thousands of users by ninety days are more than a report can add up while somebody waits. */
const createWeekly = `CREATE TABLE cost_weekly_rollup (LIKE cost_daily_rollup, PRIMARY KEY (tenant_id, dimension, bucket, value, parent))`;

const fillWeekly = `
  INSERT INTO cost_weekly_rollup (tenant_id, dimension, bucket, value, parent, ${measures.join(', ')})
  SELECT tenant_id, dimension, bucket - (extract(isodow FROM bucket)::integer - 1), value, parent,
    ${counts.map((name) => `sum(${name})::bigint`).join(', ')}, ${milliseconds.map((name) => `sum(${name})`).join(', ')}
  FROM cost_daily_rollup WHERE dimension IN ('user', 'key') GROUP BY 1, 2, 3, 4, 5`;

/** Who was active cannot be added up over tenants' rows of users without reading all of them. */
const createActiveUsers = `
  CREATE TABLE rollup_active_users (
    tenant_id text NOT NULL,
    grain text NOT NULL CHECK (grain IN ('hour', 'day')),
    bucket timestamptz NOT NULL,
    users bigint NOT NULL,
    PRIMARY KEY (tenant_id, grain, bucket)
  )`;

const fillActiveUsers = (grain: string, table: string, bucket: string): string => `
  INSERT INTO rollup_active_users (tenant_id, grain, bucket, users)
  SELECT coalesce(tenant_id, '*'), '${grain}', ${bucket}, count(*)
  FROM (SELECT DISTINCT tenant_id, bucket, value FROM ${table} WHERE dimension = 'user' AND value <> '') active
  GROUP BY GROUPING SETS ((tenant_id, bucket), (bucket))`;

/** As of the daily rollup; and, of all of them, what stands under no user. */
const indexes = {
  cost_weekly_rollup_by_bucket: `ON cost_weekly_rollup (dimension, bucket)`,
  cost_weekly_rollup_ranks: `
    ON cost_weekly_rollup (dimension, bucket, tenant_id, value) INCLUDE (paid_nano_usd, infrastructure_nano_usd, requests)`,
  cost_weekly_rollup_by_value: `ON cost_weekly_rollup (tenant_id, dimension, value, bucket)`,
  rollup_active_users_by_bucket: `ON rollup_active_users (grain, bucket)`,
  cost_daily_rollup_nobody: `ON cost_daily_rollup (bucket) WHERE dimension = 'user' AND value = ''`,
  cost_hourly_rollup_nobody: `ON cost_hourly_rollup (bucket) WHERE dimension = 'user' AND value = ''`,
};

export class CreateWeeklyRollups1796340060000 implements MigrationInterface {
  readonly name = 'CreateWeeklyRollups1796340060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // From here on no day is made that the weeks below do not have in them.
    await queryRunner.query(`LOCK TABLE cost_hourly_rollup, cost_daily_rollup IN SHARE MODE`);
    await queryRunner.query(createWeekly);
    await queryRunner.query(fillWeekly);
    await queryRunner.query(createActiveUsers);
    await queryRunner.query(fillActiveUsers('hour', 'cost_hourly_rollup', 'bucket'));
    await queryRunner.query(fillActiveUsers('day', 'cost_daily_rollup', `bucket::timestamp AT TIME ZONE 'UTC'`));
    for (const [name, definition] of Object.entries(indexes))
      await queryRunner.query(`CREATE INDEX ${name} ${definition}`);
    await queryRunner.query(
      `COMMENT ON TABLE cost_weekly_rollup IS 'cost_daily_rollup of users and keys by weeks, which begin on Monday, UTC'`,
    );
    await queryRunner.query(
      `COMMENT ON TABLE rollup_active_users IS 'Users with a request, by hour and by UTC day; tenant *: of all tenants'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX cost_hourly_rollup_nobody`);
    await queryRunner.query(`DROP INDEX cost_daily_rollup_nobody`);
    await queryRunner.query(`DROP TABLE rollup_active_users`);
    await queryRunner.query(`DROP TABLE cost_weekly_rollup`);
  }
}
