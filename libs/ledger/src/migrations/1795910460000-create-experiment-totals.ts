import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What each user's requests in an experiment add up to: what intervals are reckoned from, for the split is by user. Kept up as the
 * requests are recorded, in the same transaction, so that a report reads a row a user and not a row a request. Sums in double precision:
 * nano-dollars are exact in it up to 2^53, 9 million dollars a user.
 */
const createSubjects = `
  CREATE TABLE experiment_subjects (
    experiment_id text NOT NULL,
    variant text NOT NULL,
    tenant_id text NOT NULL,
    subject text NOT NULL,
    requests bigint NOT NULL,
    failures bigint NOT NULL,
    paid_nano_usd double precision NOT NULL,
    baseline_nano_usd double precision NOT NULL,
    latency_ms double precision NOT NULL,
    latency_squares double precision NOT NULL,
    first_tokens bigint NOT NULL,
    first_token_ms double precision NOT NULL,
    PRIMARY KEY (experiment_id, variant, tenant_id, subject)
  )`;

/** Requests that succeeded by their latency, in steps of 2 %: bucket b holds e^(b/50) to e^((b+1)/50) ms. */
const createLatencies = `
  CREATE TABLE experiment_latencies (
    experiment_id text NOT NULL,
    variant text NOT NULL,
    tenant_id text NOT NULL,
    bucket integer NOT NULL,
    requests bigint NOT NULL,
    PRIMARY KEY (experiment_id, variant, tenant_id, bucket)
  )`;

/**
 * Latencies are those of requests that succeeded: an error that comes fast is no speed. Squares are kept from leaving what a double holds,
 * for no request may be lost to its statistics. In the order of the keys, so that two writers
 * never wait for each other.
 */
const createAdd = `
  CREATE FUNCTION costlane_add_to_experiments() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NOT EXISTS (SELECT 1 FROM added WHERE experiment_id IS NOT NULL AND experiment_variant IS NOT NULL) THEN
      RETURN NULL;
    END IF;
    INSERT INTO experiment_subjects AS totals
      SELECT experiment_id, experiment_variant, tenant_id, coalesce(user_id, key_id, ''),
        count(*),
        count(*) FILTER (WHERE is_failure),
        sum(paid_nano_usd::double precision),
        sum(baseline_nano_usd::double precision),
        coalesce(sum(latency_ms) FILTER (WHERE NOT is_failure), 0),
        coalesce(sum(least(greatest(latency_ms, 1e-6), 1e12) ^ 2) FILTER (WHERE NOT is_failure), 0),
        count(time_to_first_token_ms) FILTER (WHERE NOT is_failure),
        coalesce(sum(time_to_first_token_ms) FILTER (WHERE NOT is_failure), 0)
      FROM added, LATERAL (SELECT error_code IS NOT NULL OR http_status >= 400 AS is_failure) judged
      WHERE experiment_id IS NOT NULL AND experiment_variant IS NOT NULL
      GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT experiment_subjects_pkey DO UPDATE SET
      requests = totals.requests + EXCLUDED.requests,
      failures = totals.failures + EXCLUDED.failures,
      paid_nano_usd = totals.paid_nano_usd + EXCLUDED.paid_nano_usd,
      baseline_nano_usd = totals.baseline_nano_usd + EXCLUDED.baseline_nano_usd,
      latency_ms = totals.latency_ms + EXCLUDED.latency_ms,
      latency_squares = totals.latency_squares + EXCLUDED.latency_squares,
      first_tokens = totals.first_tokens + EXCLUDED.first_tokens,
      first_token_ms = totals.first_token_ms + EXCLUDED.first_token_ms;
    INSERT INTO experiment_latencies AS totals
      SELECT experiment_id, experiment_variant, tenant_id, floor(ln(greatest(latency_ms, 0.1)) * 50)::integer, count(*)
      FROM added
      WHERE experiment_id IS NOT NULL AND experiment_variant IS NOT NULL AND error_code IS NULL AND http_status < 400
      GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT experiment_latencies_pkey DO UPDATE SET requests = totals.requests + EXCLUDED.requests;
    RETURN NULL;
  END $$`;

export class CreateExperimentTotals1795910460000 implements MigrationInterface {
  readonly name = 'CreateExperimentTotals1795910460000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createSubjects);
    await queryRunner.query(createLatencies);
    await queryRunner.query(createAdd);
    await queryRunner.query(`
      CREATE TRIGGER llm_requests_add_to_experiments AFTER INSERT ON llm_requests
      REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION costlane_add_to_experiments()`);
    await queryRunner.query(
      `COMMENT ON TABLE experiment_subjects IS 'Sums of llm_requests by experiment, variant, tenant and user, kept up by a trigger'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TRIGGER llm_requests_add_to_experiments ON llm_requests`);
    await queryRunner.query(`DROP FUNCTION costlane_add_to_experiments()`);
    await queryRunner.query(`DROP TABLE experiment_latencies`);
    await queryRunner.query(`DROP TABLE experiment_subjects`);
  }
}
