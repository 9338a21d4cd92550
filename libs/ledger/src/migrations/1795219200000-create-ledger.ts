import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The ledger. `created_at` is the request's own time, the same however often its record is delivered: that is what lets the unique
 * key hold on a table partitioned by that time, and so what makes every record count once.
 */
const createRequests = `
  CREATE TABLE llm_requests (
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    attempt text NOT NULL,
    tenant_id text NOT NULL,
    team_id text,
    user_id text,
    key_id text,
    feature_name text,
    experiment_id text,
    endpoint text NOT NULL,
    provider text NOT NULL,
    model_asked text NOT NULL,
    model_used text NOT NULL,
    route_reason text NOT NULL,
    policy_version text NOT NULL,
    cache_tier text NOT NULL,
    is_stream boolean NOT NULL,
    usage_source text NOT NULL,
    fresh_input_tokens integer NOT NULL CHECK (fresh_input_tokens >= 0),
    cache_read_tokens integer NOT NULL CHECK (cache_read_tokens >= 0),
    cache_write_short_tokens integer NOT NULL CHECK (cache_write_short_tokens >= 0),
    cache_write_long_tokens integer NOT NULL CHECK (cache_write_long_tokens >= 0),
    output_tokens integer NOT NULL CHECK (output_tokens >= 0),
    reasoning_tokens integer NOT NULL CHECK (reasoning_tokens >= 0),
    audio_input_tokens integer,
    audio_cache_read_tokens integer,
    audio_output_tokens integer,
    image_input_tokens integer,
    paid_nano_usd bigint NOT NULL CHECK (paid_nano_usd >= 0),
    baseline_nano_usd bigint NOT NULL CHECK (baseline_nano_usd >= 0),
    savings_cache_nano_usd bigint NOT NULL,
    savings_routing_nano_usd bigint NOT NULL,
    savings_prefix_nano_usd bigint NOT NULL,
    savings_batching_nano_usd bigint NOT NULL,
    price_version text,
    http_status integer NOT NULL,
    error_code text,
    latency_ms double precision NOT NULL,
    time_to_first_token_ms double precision,
    upstream_calls integer NOT NULL,
    traceparent text,
    PRIMARY KEY (request_id, created_at),
    CONSTRAINT llm_requests_savings_add_up CHECK (
      baseline_nano_usd - paid_nano_usd
        = savings_cache_nano_usd + savings_routing_nano_usd + savings_prefix_nano_usd + savings_batching_nano_usd
    )
  ) PARTITION BY RANGE (created_at)`;

const comments = [
  `COMMENT ON TABLE llm_requests IS 'One row per request, money in nano-dollars (1e-9 USD), partitioned by UTC day of created_at'`,
  `COMMENT ON COLUMN llm_requests.price_version IS 'Price list the cost was computed with; NULL: the model has no known price, so its cost is unknown and not zero'`,
  `COMMENT ON TABLE duplicate_completions IS 'Further completions of a request that is in the ledger: paid to the provider by the operator, charged to nobody'`,
  `COMMENT ON TABLE rejected_completions IS 'Records the ledger could not take, for repair and replay'`,
];

const createDuplicates = `
  CREATE TABLE duplicate_completions (
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    attempt text NOT NULL,
    finished_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    tenant_id text NOT NULL,
    provider text NOT NULL,
    model_used text NOT NULL,
    paid_nano_usd bigint NOT NULL,
    price_version text,
    http_status integer NOT NULL,
    upstream_calls integer NOT NULL,
    PRIMARY KEY (request_id, created_at, attempt)
  )`;

const createRejected = `
  CREATE TABLE rejected_completions (
    digest text PRIMARY KEY,
    request_id text NOT NULL,
    tenant_id text NOT NULL,
    reason text NOT NULL,
    record text NOT NULL,
    rejected_at timestamptz NOT NULL DEFAULT now()
  )`;

/**
 * Makes the partitions of the days that have none. Each is built beside the table and attached, which lets writers of other days go
 * on, and takes the rows of its day along that had gone to the default partition. May run in several processes at once.
 */
const createEnsurePartitions = `
  CREATE FUNCTION costlane_ensure_partitions(first_day date, last_day date) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    day date;
    partition_name text;
    starts_at timestamptz;
    ends_at timestamptz;
    made integer := 0;
  BEGIN
    SET LOCAL lock_timeout = '5s';
    PERFORM pg_advisory_xact_lock(hashtextextended('costlane:partitions', 0));
    FOR day IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
      partition_name := 'llm_requests_' || to_char(day, 'YYYYMMDD');
      CONTINUE WHEN to_regclass(partition_name) IS NOT NULL;
      starts_at := day::timestamp AT TIME ZONE 'UTC';
      ends_at := (day + 1)::timestamp AT TIME ZONE 'UTC';
      EXECUTE format('CREATE TABLE %I (LIKE llm_requests INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition_name);
      LOCK TABLE llm_requests_default IN ACCESS EXCLUSIVE MODE;
      EXECUTE format(
        'WITH moved AS (DELETE FROM llm_requests_default WHERE created_at >= $1 AND created_at < $2 RETURNING *)
         INSERT INTO %I SELECT * FROM moved', partition_name) USING starts_at, ends_at;
      EXECUTE format('ALTER TABLE llm_requests ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition_name, starts_at, ends_at);
      made := made + 1;
    END LOOP;
    RETURN made;
  END $$`;

export class CreateLedger1795219200000 implements MigrationInterface {
  readonly name = 'CreateLedger1795219200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createRequests);
    await queryRunner.query(`CREATE INDEX llm_requests_by_tenant ON llm_requests (tenant_id, created_at)`);
    // Takes what no day's partition takes: a late, early or odd record is never lost for want of one.
    await queryRunner.query(`CREATE TABLE llm_requests_default PARTITION OF llm_requests DEFAULT`);
    await queryRunner.query(createEnsurePartitions);
    await queryRunner.query(createDuplicates);
    await queryRunner.query(createRejected);
    for (const comment of comments) await queryRunner.query(comment);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP FUNCTION costlane_ensure_partitions(date, date)`);
    await queryRunner.query(`DROP TABLE rejected_completions`);
    await queryRunner.query(`DROP TABLE duplicate_completions`);
    await queryRunner.query(`DROP TABLE llm_requests`);
  }
}
