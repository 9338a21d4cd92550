import { waitFor } from '@costlane/testing';
import { createDatabase, type Database } from '../database';
import { describeWithPostgres, quiet, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { createRollupStore } from './rollup-store';
import { expectedRollups, storedRollups, type DetailRow } from './testing/expected-rollups';
import { someRequests } from './testing/some-request';

const DAY_MS = 86_400_000;
/** A Thursday's midnight: the two days before it are of one week. */
const END_MS = Date.UTC(2026, 10, 26);

describeWithPostgres('two days of a week', () => {
  let test: TestLedger;
  let database: Database;
  beforeAll(async () => {
    test = await startTestLedger();
    database = createDatabase({
      databaseUrl: test.url,
      logger: quiet,
      poolSize: 2,
      connectTimeoutMs: 3_000,
      statementTimeoutMs: 10_000,
    });
  });
  afterAll(async () => {
    await database.close();
    await test.end();
  });

  it('that are made at the same time are both in it', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let isHeld = false;
    // Stays in its transaction with a week that does not have the other day in it.
    const slow: Database = {
      query: (sql, parameters) => database.query(sql, parameters),
      report: (sql, parameters, timeoutMs) => database.report(sql, parameters, timeoutMs),
      health: () => database.health(),
      close: () => database.close(),
      transaction: (work, timeoutMs) =>
        database.transaction(
          (query) =>
            work(async <Row extends object>(sql: string, parameters?: readonly unknown[]) => {
              const rows = await query<Row>(sql, parameters);
              if (sql.includes('INSERT INTO cost_weekly_rollup')) {
                isHeld = true;
                await released;
              }
              return rows;
            }),
          timeoutMs,
        ),
    };
    await test.ledger.record(someRequests(1, 60, END_MS - DAY_MS, 2));
    const first = createRollupStore(slow, quiet).run();
    await waitFor(() => isHeld);
    await test.ledger.record(someRequests(2, 60, END_MS, 2));
    const second = test.ledger.rollups.run();
    await waitFor(async () => {
      const [waiting] = await test.rows<{ count: number }>(
        `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting?.count === 1;
    });
    release();
    await Promise.all([first, second]);
    const detail = await test.rows<DetailRow>('SELECT * FROM llm_requests');
    const stored = await storedRollups((sql) => test.rows(sql));
    expect(stored).toEqual(expectedRollups(detail));
    expect(stored.weekly.every(([key]) => key.includes('2026-11-23'))).toBe(true);
  });
});
