import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often an item was asked and got a failure for an answer: the next try is another request than those, and has another name. */
export class AddItemTries1796210000000 implements MigrationInterface {
  readonly name = 'AddItemTries1796210000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE batch_items ADD COLUMN tries integer NOT NULL DEFAULT 0`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE batch_items DROP COLUMN tries`);
  }
}
