import { Client } from 'pg';
import { createLogger } from '@costlane/platform';
import { createLedger } from '../ledger';
import { createScratchDatabase, scratchName, type ScratchDatabase } from './scratch-database';

/** Set by the test run: the database that all others of this run are copies of. The first who needs it makes it. */
const TEMPLATE_SETTING = 'COSTLANE_TEST_TEMPLATE_DATABASE';
/** Any number that nobody else locks. */
const LOCK_KEY = '4736512908114';

/** A scratch database with all tables. Copied from one that was migrated once in this test run, in a tenth of the time. */
export async function createMigratedDatabase(serverUrl: string): Promise<ScratchDatabase> {
  const template = process.env[TEMPLATE_SETTING];
  if (template === undefined) {
    const scratch = await createScratchDatabase(serverUrl);
    await migrateDatabase(scratch.url);
    return scratch;
  }
  await ensureTemplate(serverUrl, template);
  return createScratchDatabase(serverUrl, { template });
}

async function ensureTemplate(serverUrl: string, template: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const isThere = async (): Promise<boolean> =>
      (await client.query('SELECT FROM pg_database WHERE datname = $1', [template])).rowCount === 1;
    if (await isThere()) return;
    await client.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
    if (await isThere()) return;
    // Under another name until it is complete: whoever dies here leaves nothing half-done behind.
    const begun = scratchName();
    await client.query(`CREATE DATABASE ${begun}`);
    const url = new URL(serverUrl);
    url.pathname = `/${begun}`;
    await migrateDatabase(url.href);
    await client.query(`ALTER DATABASE ${begun} RENAME TO ${template}`);
  } finally {
    await client.end();
  }
}

async function migrateDatabase(databaseUrl: string): Promise<void> {
  const ledger = createLedger({ databaseUrl, logger: createLogger({ service: 'test', level: 'silent' }) });
  try {
    await ledger.migrate();
  } finally {
    await ledger.close();
  }
}
