import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddPriceAssumptions1796100000000 implements MigrationInterface {
  readonly name = 'AddPriceAssumptions1796100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE llm_requests ADD COLUMN price_assumptions text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE llm_requests DROP COLUMN price_assumptions`);
  }
}
