import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row for each cause; of a scope one at a time is open, whoever finds it. */
const createAnomalies = `
  CREATE TABLE anomalies (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    dimension text NOT NULL,
    value text NOT NULL,
    started_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    resolved_at timestamptz,
    window_minutes integer NOT NULL,
    actual_nano_usd bigint NOT NULL,
    expected_nano_usd bigint NOT NULL,
    impact_nano_usd bigint NOT NULL,
    score double precision NOT NULL,
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    evidence jsonb NOT NULL,
    cause jsonb NOT NULL,
    explanation text NOT NULL,
    verdict text CHECK (verdict IN ('yes', 'no', 'planned')),
    note text,
    judged_at timestamptz
  )`;

/** What is learned from: verdicts on anomalies, one row a scope that was touched, and plans for times to come. */
const createJudgements = `
  CREATE TABLE anomaly_judgements (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    anomaly_id text REFERENCES anomalies (id) ON DELETE CASCADE,
    tenant_id text NOT NULL,
    dimension text NOT NULL,
    value text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('yes', 'no', 'planned')),
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    judged_at timestamptz NOT NULL DEFAULT now(),
    note text
  )`;

export class CreateAnomalies1796350000000 implements MigrationInterface {
  readonly name = 'CreateAnomalies1796350000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createAnomalies);
    await queryRunner.query(
      `CREATE UNIQUE INDEX anomalies_open ON anomalies (tenant_id, dimension, value) WHERE resolved_at IS NULL`,
    );
    await queryRunner.query(`CREATE INDEX anomalies_by_tenant ON anomalies (tenant_id, started_at)`);
    await queryRunner.query(createJudgements);
    await queryRunner.query(`CREATE INDEX anomaly_judgements_by_time ON anomaly_judgements (judged_at)`);
    await queryRunner.query(`CREATE INDEX anomaly_judgements_by_anomaly ON anomaly_judgements (anomaly_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE anomaly_judgements`);
    await queryRunner.query(`DROP TABLE anomalies`);
  }
}
