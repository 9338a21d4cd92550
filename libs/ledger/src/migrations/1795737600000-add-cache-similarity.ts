import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddCacheSimilarity1795737600000 implements MigrationInterface {
  readonly name = 'AddCacheSimilarity1795737600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE llm_requests ADD COLUMN cache_similarity double precision`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE llm_requests DROP COLUMN cache_similarity`);
  }
}
