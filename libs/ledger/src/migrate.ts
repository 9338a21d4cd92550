import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import type { Database } from './database';
import { DatabaseError, toDatabaseError } from './database-error';
import { migrations } from './migrations/index';
import { ensurePartitions } from './partitions';

export interface MigrateOptions {
  /** Told in words what is being done. */
  onProgress?: (line: string) => void;
  /** How long to wait for another process that is migrating; default 60,000. */
  lockTimeoutMs?: number;
}

/** Any number that nobody else locks; the same in every version. */
const LOCK_KEY = '4736512908113';
const CONNECT_TIMEOUT_MS = 3_000;
const LOCK_POLL_MS = 100;
/** SQLSTATE lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Brings the schema up to date, one process at a time: the others wait and then find nothing to do. Each migration commits on its
 * own, so a failed one leaves those before it in place. Resolves with the names of what was applied. Throws {@link DatabaseError}.
 */
export async function migrate(
  database: Database,
  databaseUrl: string,
  options: MigrateOptions = {},
): Promise<string[]> {
  const { onProgress = () => undefined, lockTimeoutMs = 60_000 } = options;
  try {
    const applied = await runPending(databaseUrl, lockTimeoutMs, onProgress);
    for (const name of applied) onProgress(`applied ${name}`);
    if (applied.length === 0) onProgress('the schema is up to date');
    await ensurePartitions(database);
    return applied;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

async function runPending(
  databaseUrl: string,
  lockTimeoutMs: number,
  onProgress: (line: string) => void,
): Promise<string[]> {
  // Loaded here only: a service that has nothing to migrate does not pay for it, some 25 MB and 0.1 s.
  const { DataSource, MigrationExecutor } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    // Handed over, because TypeORM would look for it at run time, where a bundle has no packages.
    driver: pg,
    applicationName: 'costlane-migrate',
    poolSize: 2,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    migrations,
    migrationsTableName: 'costlane_migrations',
    logging: false,
  });
  await source.initialize();
  try {
    const runner = source.createQueryRunner();
    await lock(runner, lockTimeoutMs, onProgress);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'each';
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  } finally {
    // The lock is the connection's and goes with it.
    await source.destroy();
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
