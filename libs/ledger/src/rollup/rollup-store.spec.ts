import type { CompletionRecord } from '@costlane/contracts';
import { createDatabase, type Database, type Query } from '../database';
import { CreateRollupMarks1796320000000 } from '../migrations/1796320000000-create-rollup-marks';
import { describeWithPostgres, quiet, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { createRollupStore } from './rollup-store';
import { expectedRollups, storedRollups, type DetailRow } from './testing/expected-rollups';
import { someRequests } from './testing/some-request';

const HOUR_MS = 3_600_000;
/** A midnight, so that hours before it are of one day and the day before. */
const END_MS = Date.UTC(2026, 10, 26);
const complete = { isComplete: true, goneDetail: 0 };

describeWithPostgres('rollups', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  beforeEach(async () => {
    for (const table of [
      'rollup_marks',
      'rollup_day_marks',
      'cost_hourly_rollup',
      'cost_daily_rollup',
      'cost_weekly_rollup',
      'rollup_active_users',
      'cost_daily_summary',
      'llm_requests',
      'experiment_subjects',
      'dropped_days',
    ])
      await test.rows(`TRUNCATE ${table}`);
  });
  afterAll(() => test.end());

  const record = (seed: number, count: number, hours = 30) =>
    test.ledger.record(someRequests(seed, count, END_MS, hours));
  const stored = () => storedRollups((sql) => test.rows(sql));
  const expectRight = async () => {
    const [is, detail] = [await stored(), await test.rows<DetailRow>('SELECT * FROM llm_requests')];
    expect(is).toEqual(expectedRollups(detail));
    return is;
  };
  const marks = async () => {
    const [row] = await test.rows<{ count: number }>(
      `SELECT ((SELECT count(*) FROM rollup_marks) + (SELECT count(*) FROM rollup_day_marks))::integer AS count`,
    );
    return row?.count;
  };
  /** A store on connections of its own, whose statements within transactions can be looked at before they are sent. */
  const watched = (
    before: (query: Query, sql: string) => Promise<void>,
    after: (query: Query) => Promise<void> = () => Promise.resolve(),
  ) => {
    const database = createDatabase({
      databaseUrl: test.url,
      logger: quiet,
      poolSize: 3,
      connectTimeoutMs: 3_000,
      statementTimeoutMs: 10_000,
    });
    const spied: Database = {
      query: (sql, parameters) => database.query(sql, parameters),
      report: (sql, parameters, timeoutMs) => database.report(sql, parameters, timeoutMs),
      health: () => database.health(),
      close: () => database.close(),
      transaction: (work, timeoutMs) =>
        database.transaction(
          (query) =>
            work(async <Row extends object>(sql: string, parameters?: readonly unknown[]) => {
              await before(query, sql);
              const rows = await query<Row>(sql, parameters);
              await after(query);
              return rows;
            }),
          timeoutMs,
        ),
    };
    return { rollups: createRollupStore(spied, quiet), close: () => database.close() };
  };

  it.each([1, 2, 3, 4])('are what a plain program makes of the same requests (seed %i)', async (seed) => {
    await record(seed, 400);
    const outcome = await test.ledger.rollups.run();
    expect(outcome).toMatchObject({ ...complete, days: 2, summaries: 2, tenants: ['*', 'acme', 'globex'] });
    const all = await expectRight();
    const there = Object.values(all).reduce((sum, rows) => sum + rows.length, 0);
    expect(outcome.rows).toBeGreaterThanOrEqual(there);
    // Both days are of one week, whose rows may change with each of them.
    expect(outcome.rows).toBeLessThanOrEqual(there + all.weekly.length);
    expect(await marks()).toBe(0);
  });

  it('are the same when they are made again, and nothing is written', async () => {
    await record(5, 200);
    await test.ledger.rollups.run();
    const before = await test.rows(
      'SELECT xmin::text, * FROM cost_daily_summary ORDER BY tenant_id, date, model, endpoint, user_id',
    );
    expect(await test.ledger.rollups.mark(new Date(END_MS - 48 * HOUR_MS), new Date(END_MS))).toBeGreaterThan(20);
    expect(await test.ledger.rollups.run()).toMatchObject({ ...complete, rows: 0, tenants: [], days: 2, summaries: 2 });
    expect(
      await test.rows(
        'SELECT xmin::text, * FROM cost_daily_summary ORDER BY tenant_id, date, model, endpoint, user_id',
      ),
    ).toEqual(before);
    await expectRight();
    expect(await test.ledger.rollups.run()).toMatchObject({ hours: 0, days: 0, summaries: 0 });
  });

  it('take in what comes late, and touch only its hours', async () => {
    await record(6, 200);
    await test.ledger.rollups.run();
    await record(7, 3, 1);
    expect(await test.ledger.rollups.run()).toMatchObject({ ...complete, hours: 1, days: 1, summaries: 1 });
    await expectRight();
  });

  it('follow a row that is amended: what stood under the failed model is gone', async () => {
    const [failed] = someRequests(8, 1, END_MS, 1) as [CompletionRecord];
    const change = { paidNanoUsd: 0, baselineNanoUsd: 0, savings: { cache: 0, routing: 0, prefix: 0, batching: 0 } };
    await test.ledger.record([
      { ...failed, ...change, modelUsed: 'away', httpStatus: 502, errorCode: 'upstream_unreachable' },
    ]);
    await test.ledger.rollups.run();
    const stale = {
      isStale: true as const,
      attempt: 'stale',
      modelUsed: 'kept',
      httpStatus: 200,
      errorCode: undefined,
    };
    await test.ledger.record([
      { ...failed, ...stale, ...change, baselineNanoUsd: 900, savings: { ...change.savings, cache: 900 } },
    ]);
    await test.ledger.rollups.run();
    const { hourly, summary } = await expectRight();
    expect(hourly.filter(([key]) => key.includes('away'))).toEqual([]);
    expect(summary).toHaveLength(1);
    expect(summary[0]?.[0]).toContain('kept');
  });

  it.each([11, 12, 13])(
    'come out right from three aggregators at once while requests are recorded (seed %i)',
    async (seed) => {
      const others = [test.ledger, test.another(), test.another()];
      const batches = Array.from({ length: 12 }, (_, i) =>
        someRequests(seed * 100 + i, 40, END_MS - (i % 3) * 24 * HOUR_MS, 3),
      );
      const runs = others.map(() => 0);
      let isWriting = true;
      const write = async () => {
        do
          // Two writers; every batch is delivered twice, or as often as it takes.
          await Promise.all(
            [0, 1].map(async (writer) => {
              for (const [i, batch] of batches.entries()) if (i % 2 === writer) await test.ledger.record(batch);
              for (const batch of batches) await others[1]?.record(batch);
            }),
          );
        while (Math.min(...runs) < 1);
        isWriting = false;
      };
      const rollUp = async (ledger: TestLedger['ledger'], at: number) => {
        do await ledger.rollups.run().finally(() => (runs[at] = (runs[at] ?? 0) + 1));
        while (isWriting);
      };
      await Promise.all([write(), ...others.map(rollUp)]);
      await test.ledger.rollups.run();
      await expectRight();
      expect(await marks()).toBe(0);
    },
    60_000,
  );

  it('come out right after a crash between any two statements', async () => {
    await record(21, 60, 2);
    let crashes = 0;
    // Before the first statement, after it (which for the last one means before COMMIT), before the second one and so on.
    for (let at = 0; crashes === at; at += 1) {
      let sent = 0;
      const kill = async (query: Query) => {
        if (sent++ !== at) return;
        const [own] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await test.rows('SELECT pg_terminate_backend($1)', [own?.pid]);
      };
      const { rollups, close } = watched(kill, kill);
      const crash = await rollups.run().then(
        () => undefined,
        (error: unknown) => error,
      );
      await close();
      if (crash === undefined) break;
      crashes += 1;
      expect(crash).toMatchObject({ isConnectionLost: true });
      // What did not take effect is still marked.
      expect(await marks()).toBeGreaterThan(0);
      if (at % 4 === 3) await test.ledger.rollups.run().then(expectRight);
      await record(100 + at, 5, 2);
    }
    // An hour's transaction has eight statements, a day's seven, a summary's six.
    expect(crashes).toBeGreaterThan(2 * 14);
    await test.ledger.rollups.run();
    await expectRight();
  }, 60_000);

  it('see a row whose mark they take, though it comes between their statements', async () => {
    await record(31, 20, 1);
    let isLate = false;
    const { rollups, close } = watched(async (_query, sql) => {
      if (isLate || !sql.includes('DELETE FROM rollup_marks')) return;
      isLate = true;
      await record(32, 5, 1);
    });
    await rollups.run();
    await close();
    expect(isLate).toBe(true);
    await expectRight();
  });

  it('leave the rest for the next run when they are told to stop', async () => {
    await record(41, 300);
    const stop = new AbortController();
    let hours = 0;
    const { rollups, close } = watched((_query, sql) => {
      if (sql.includes('DELETE FROM rollup_marks') && ++hours === 3) stop.abort();
      return Promise.resolve();
    });
    expect(await rollups.run({ signal: stop.signal })).toMatchObject({ hours: 3, days: 0, isComplete: false });
    await close();
    expect(await test.ledger.rollups.run()).toMatchObject(complete);
    await expectRight();
  });

  it('keep the rollups of a day whose detail was dropped, and say so', async () => {
    await record(51, 100, 20);
    await test.ledger.rollups.run();
    const before = await stored();
    await test.rows(`SELECT costlane_drop_detail(day) FROM unnest('{2026-11-24,2026-11-25}'::date[]) AS day`);
    expect(await test.rows('SELECT FROM llm_requests')).toHaveLength(0);
    await test.ledger.rollups.mark(new Date(END_MS - 24 * HOUR_MS), new Date(END_MS));
    const outcome = await test.ledger.rollups.run();
    expect(outcome).toMatchObject({ hours: 0, rows: 0, isComplete: true });
    expect(outcome.goneDetail).toBeGreaterThan(10);
    expect(await stored()).toEqual(before);
    expect(await marks()).toBe(0);
  });

  it('follow requests that are deleted, to the last one', async () => {
    await record(52, 100, 20);
    await test.ledger.rollups.run();
    await test.rows(`DELETE FROM llm_requests`);
    expect(await test.ledger.rollups.run()).toMatchObject(complete);
    expect(await stored()).toEqual({ hourly: [], daily: [], weekly: [], summary: [], users: [] });
  });

  it('say whether a day is in all of them', async () => {
    const isRolledUp = async (day: string) =>
      (await test.rows<{ is: boolean }>('SELECT costlane_is_rolled_up($1) AS is', [day]))[0]?.is;
    await record(61, 20, 5);
    expect([await isRolledUp('2026-11-25'), await isRolledUp('2026-11-24')]).toEqual([false, true]);
    expect(await test.ledger.rollups.lagSeconds()).toBeGreaterThan(0);
    await test.ledger.rollups.run({ withSummary: false });
    expect([await isRolledUp('2026-11-25'), await test.ledger.rollups.lagSeconds()]).toEqual([false, 0]);
    await test.ledger.rollups.run();
    expect(await isRolledUp('2026-11-25')).toBe(true);
  });

  it('are made of the rest when one hour cannot be summed, which is told', async () => {
    await record(71, 50, 3);
    const tooMuch = `paid_nano_usd = 9e18::bigint, baseline_nano_usd = 9e18::bigint, savings_cache_nano_usd = 0, savings_routing_nano_usd = 0, savings_prefix_nano_usd = 0, savings_batching_nano_usd = 0`;
    const [hour] = await test.rows<{ hour: Date; requests: number }>(
      `SELECT date_trunc('hour', created_at) AS hour, count(*)::integer AS requests FROM llm_requests GROUP BY 1 ORDER BY 1 DESC LIMIT 1`,
    );
    await test.rows(`ALTER TABLE llm_requests DISABLE TRIGGER USER`);
    await test.rows(`UPDATE llm_requests SET ${tooMuch} WHERE created_at >= $1`, [hour?.hour]);
    await test.rows(`ALTER TABLE llm_requests ENABLE TRIGGER USER`);
    await expect(test.ledger.rollups.run()).rejects.toMatchObject({ sqlState: '22003' });
    const rolledUp = await test.rows(`SELECT DISTINCT bucket FROM cost_hourly_rollup`);
    expect(rolledUp).toHaveLength(2);
    expect(await marks()).toBeGreaterThan(0);
    await test.rows(`UPDATE llm_requests SET ${tooMuch.replaceAll('9e18', '9e9')} WHERE created_at >= $1`, [
      hour?.hour,
    ]);
    await test.ledger.rollups.run();
    await expectRight();
  });

  it('are made of what was on record before there were marks', async () => {
    await record(81, 50, 30);
    const migration = new CreateRollupMarks1796320000000();
    const runner = { query: (sql: string) => test.rows(sql) } as unknown as Parameters<typeof migration.up>[0];
    await migration.down(runner);
    await record(82, 50, 30);
    await migration.up(runner);
    await test.ledger.rollups.run();
    await expectRight();
  });
});
