import { Pool } from 'pg';
import { createLogger } from '@costlane/platform';
import { databaseUrlForTests } from '@costlane/testing';
import { createLedger, type Ledger, type LedgerOptions } from '../ledger';
import { createMigratedDatabase } from './migrated-database';
import { createScratchDatabase } from './scratch-database';

export const quiet = createLogger({ service: 'test', level: 'silent' });

/** `describe` where there is a Postgres, else `describe.skip`. */
export const describeWithPostgres = databaseUrlForTests() ? describe : describe.skip;

export interface TestLedger {
  url: string;
  ledger: Ledger;
  /** Another ledger on the same database, as of another process; closed at the end. */
  another(options?: Partial<LedgerOptions>): Ledger;
  /** Looks at the tables past the ledger. */
  rows<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Takes away all records, their entries and their rollups, as only an operator can. */
  empty(): Promise<void>;
  end(): Promise<void>;
}

const emptySql = `
  BEGIN;
  ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_append_only;
  TRUNCATE llm_requests, duplicate_completions, rejected_completions, stored_prompts, dropped_days, ledger_entries,
    rollup_marks, rollup_day_marks, cost_hourly_rollup, cost_daily_rollup, cost_weekly_rollup, cost_daily_summary,
    rollup_active_users;
  ALTER TABLE ledger_entries ENABLE TRIGGER ledger_entries_append_only;
  COMMIT`;

/** A ledger on a database of its own. */
export async function startTestLedger({ isMigrated = true } = {}): Promise<TestLedger> {
  const serverUrl = databaseUrlForTests();
  if (serverUrl === undefined) throw new Error('there is no Postgres for tests');
  const scratch = await (isMigrated ? createMigratedDatabase : createScratchDatabase)(serverUrl);
  const pool = new Pool({ connectionString: scratch.url, max: 2 });
  pool.on('error', () => undefined);
  const ledgers: Ledger[] = [];
  const another = (options: Partial<LedgerOptions> = {}): Ledger => {
    const ledger = createLedger({ databaseUrl: scratch.url, logger: quiet, poolSize: 4, ...options });
    ledgers.push(ledger);
    return ledger;
  };
  const ledger = another();
  return {
    url: scratch.url,
    ledger,
    another,
    rows: async <Row extends object>(sql: string, parameters: unknown[] = []) =>
      (await pool.query<Row>(sql, parameters)).rows,
    empty: async () => void (await pool.query(emptySql)),
    async end() {
      await Promise.all(ledgers.map((each) => each.close()));
      await pool.end();
      await scratch.drop();
    },
  };
}
