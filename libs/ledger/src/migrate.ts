import { MigrationExecutor } from 'typeorm';
import type { QueryRunner } from 'typeorm';
import type { Database } from './database';
import { DatabaseError, toDatabaseError } from './database-error';
import { ensurePartitions } from './partitions';

export interface MigrateOptions {
  /** Told in words what is being done. */
  onProgress?: (line: string) => void;
  /** How long to wait for another process that is migrating; default 60,000. */
  lockTimeoutMs?: number;
}

/** Any number that nobody else locks; the same in every version. */
const LOCK_KEY = '4736512908113';
const LOCK_POLL_MS = 100;
/** SQLSTATE lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Brings the schema up to date, one process at a time: the others wait and then find nothing to do. Each migration commits on its
 * own, so a failed one leaves those before it in place. Resolves with the names of what was applied. Throws {@link DatabaseError}.
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<string[]> {
  const { onProgress = () => undefined, lockTimeoutMs = 60_000 } = options;
  const source = await database.dataSource();
  const runner = source.createQueryRunner();
  try {
    await runner.query(`SET statement_timeout = 0`);
    await lock(runner, lockTimeoutMs, onProgress);
    try {
      const executor = new MigrationExecutor(source, runner);
      executor.transaction = 'each';
      const applied = (await executor.executePendingMigrations()).map(({ name }) => name);
      for (const name of applied) onProgress(`applied ${name}`);
      if (applied.length === 0) onProgress('the schema is up to date');
      await ensurePartitions(database);
      return applied;
    } finally {
      await runner.query(`SELECT pg_advisory_unlock(${LOCK_KEY})`).catch(() => undefined);
    }
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await runner.query(`RESET statement_timeout`).catch(() => undefined);
    await runner.release();
  }
}

// Asked again and again instead of waited for: a statement that waits would hold a snapshot.
async function lock(runner: QueryRunner, timeoutMs: number, onProgress: (line: string) => void): Promise<void> {
  const deadlineAtMs = Date.now() + timeoutMs;
  for (let isFirst = true; ; isFirst = false) {
    const [row] = (await runner.query(`SELECT pg_try_advisory_lock(${LOCK_KEY}) AS is_ours`)) as { is_ours: boolean }[];
    if (row?.is_ours) return;
    if (Date.now() >= deadlineAtMs)
      throw new DatabaseError(`another process has been migrating for ${timeoutMs / 1000} s`, LOCK_NOT_AVAILABLE);
    if (isFirst) onProgress('another process is migrating; waiting for it');
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}
