import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a runner was lost that held an item: no fault of the item's, mostly, and so not one of its attempts. */
export class AddItemLosses1796220000000 implements MigrationInterface {
  readonly name = 'AddItemLosses1796220000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE batch_items ADD COLUMN losses integer NOT NULL DEFAULT 0`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE batch_items DROP COLUMN losses`);
  }
}
