import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `prepared`: what a provider's batch asks for an item, kept from when it is gathered until it ends, so that a batch is sent, sent again and
 * read with the same bytes. On the row of the item, for the statements that set and clear it write that row in any case.
 */
export class AddItemPlans1796200000000 implements MigrationInterface {
  readonly name = 'AddItemPlans1796200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE batch_items ADD COLUMN prepared bytea`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE batch_items DROP COLUMN prepared`);
  }
}
