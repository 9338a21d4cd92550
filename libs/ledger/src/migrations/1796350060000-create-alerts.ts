import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How each rule stands for each scope that it is about: seen since, firing since, told when. */
const createStates = `
  CREATE TABLE alert_states (
    rule text NOT NULL,
    tenant_id text NOT NULL,
    scope text NOT NULL,
    severity text NOT NULL,
    summary text NOT NULL,
    labels jsonb NOT NULL,
    seen_since timestamptz NOT NULL,
    firing_since timestamptz,
    resolved_at timestamptz,
    notified_at timestamptz,
    PRIMARY KEY (rule, tenant_id, scope)
  )`;

/** Messages on their way to sinks: written with the state that they tell of, in one transaction, and sent at least once. */
const createOutbox = `
  CREATE TABLE alert_outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sink text NOT NULL,
    message jsonb NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'abandoned')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT now(),
    error text,
    created_at timestamptz NOT NULL DEFAULT now()
  )`;

export class CreateAlerts1796350060000 implements MigrationInterface {
  readonly name = 'CreateAlerts1796350060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(createStates);
    await queryRunner.query(createOutbox);
    await queryRunner.query(`CREATE INDEX alert_outbox_due ON alert_outbox (next_at) WHERE state = 'pending'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE alert_outbox`);
    await queryRunner.query(`DROP TABLE alert_states`);
  }
}
