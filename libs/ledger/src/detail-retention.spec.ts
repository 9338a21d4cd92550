import { waitFor } from '@costlane/testing';
import { sampleRecord } from './testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from './testing/test-ledger';

const DAY_MS = 86_400_000;
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const dayBack = (days: number) => new Date(today - days * DAY_MS).toISOString().slice(0, 10);
const recordOf = (days: number, requestId = `req_${days}`) =>
  sampleRecord({ requestId, createdAtMs: today - days * DAY_MS + 1 });

describeWithPostgres('detail retention', () => {
  let test: TestLedger;
  beforeEach(async () => {
    test = await startTestLedger();
  });
  afterEach(() => test.end());

  const daysOnRecord = async () =>
    (
      await test.rows<{ day: string }>(
        `SELECT DISTINCT (created_at AT TIME ZONE 'UTC')::date::text AS day FROM llm_requests ORDER BY 1`,
      )
    ).map(({ day }) => day);

  /** Records of days long and not so long ago, some in partitions and some in the default one. */
  const prepare = async () => {
    await test.ledger.ensurePartitions({ daysBack: 41, daysAhead: 0 });
    await test.ledger.record([recordOf(60), recordOf(41), recordOf(40), recordOf(39), recordOf(0)]);
    await test.ledger.rollups.run();
  };

  const retainsTheRest = async () => {
    const outcome = await test.ledger.dropOldDetail({ keepDays: 40 });
    expect(outcome).toEqual({ dropped: expect.arrayContaining([dayBack(60), dayBack(41), dayBack(40)]), kept: [] });
    expect(await daysOnRecord()).toEqual([dayBack(39), dayBack(0)]);
    expect(await test.rows(`SELECT FROM ledger_entries`)).toHaveLength(5);
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true, requests: 2, daysDropped: 3 });
    expect(await test.ledger.dropOldDetail({ keepDays: 40 })).toEqual({ dropped: [], kept: [] });
  };

  it('drops whole days that are too old, and keeps their entries and rollups', async () => {
    await prepare();
    await retainsTheRest();
    expect(
      await test.rows(`SELECT to_regclass($1) AS gone`, [`llm_requests_${dayBack(41).replaceAll('-', '')}`]),
    ).toEqual([{ gone: null }]);
    const totals = await test.rows(`SELECT FROM cost_daily_rollup WHERE dimension = 'total' AND tenant_id = 'acme'`);
    expect(totals).toHaveLength(5);
    // Rolling up again does not take detail that was dropped for traffic that never was.
    await test.ledger.rollups.mark(new Date(today - 61 * DAY_MS), new Date());
    await test.ledger.rollups.run();
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true });
  });

  it('keeps a day that is not rolled up, until it is', async () => {
    await test.ledger.record([recordOf(60)]);
    expect(await test.ledger.dropOldDetail({ keepDays: 40 })).toMatchObject({
      dropped: [],
      kept: [{ day: dayBack(60), reason: expect.stringContaining('rollups') }],
    });
    await test.ledger.rollups.run();
    expect(await test.ledger.dropOldDetail({ keepDays: 40 })).toMatchObject({ dropped: [dayBack(60)] });
  });

  it('keeps a day that does not add up, and says why', async () => {
    await test.ledger.record([recordOf(60), recordOf(61)]);
    await test.ledger.rollups.run();
    await test.rows(`
      BEGIN; SET LOCAL session_replication_role = replica;
      DELETE FROM llm_requests WHERE request_id = 'req_60'; COMMIT`);
    expect(await test.ledger.dropOldDetail({ keepDays: 40 })).toEqual({
      dropped: [dayBack(61)],
      kept: [{ day: dayBack(60), reason: expect.stringContaining('entries') }],
    });
  });

  it('drops what comes after days that have to stay, however many these are', async () => {
    await test.ledger.record([recordOf(62), recordOf(61), recordOf(60), recordOf(59), recordOf(58)]);
    await test.ledger.rollups.run();
    await test.rows(`
      BEGIN; SET LOCAL session_replication_role = replica;
      DELETE FROM llm_requests WHERE request_id IN ('req_62', 'req_61', 'req_60'); COMMIT`);
    const { dropped, kept } = await test.ledger.dropOldDetail({ keepDays: 40, maxDays: 1 });
    expect(dropped).toEqual([dayBack(59)]);
    expect(kept.map(({ day }) => day)).toEqual([dayBack(62), dayBack(61), dayBack(60)]);
  });

  it('leaves all days for the next time while somebody reads for long, and says why', async () => {
    await test.ledger.record([recordOf(61), recordOf(60)]);
    await test.ledger.rollups.run();
    const reading = test.rows(`BEGIN; LOCK TABLE llm_requests IN ACCESS SHARE MODE; SELECT pg_sleep(7); COMMIT`);
    await waitFor(
      async () =>
        (await test.rows(`SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`))
          .length > 0,
    );
    expect(await test.ledger.dropOldDetail({ keepDays: 40 })).toEqual({
      dropped: [],
      kept: [{ day: dayBack(61), reason: expect.stringContaining('lock timeout') }],
    });
    await reading;
    const { dropped } = await test.ledger.dropOldDetail({ keepDays: 40 });
    expect(dropped).toEqual([dayBack(61), dayBack(60)]);
  }, 20_000);

  it('sets a record aside that comes when the detail of its day is gone, and keeps the rest of its batch', async () => {
    await prepare();
    await test.ledger.dropOldDetail({ keepDays: 40 });
    const outcome = await test.ledger.record([
      recordOf(60),
      recordOf(41, 'req_late'),
      recordOf(0),
      recordOf(0, 'req_new'),
    ]);
    expect(outcome).toEqual({ inserted: 1, duplicates: 1, doubledUpstream: 0, rejected: 2 });
    const rejected = await test.rows<{ reason: string }>(
      'SELECT request_id AS id, reason FROM rejected_completions ORDER BY 1',
    );
    expect(rejected).toEqual([
      { id: 'req_60', reason: expect.stringContaining('dropped') },
      { id: 'req_late', reason: expect.stringContaining('dropped') },
    ]);
    expect(await daysOnRecord()).toEqual([dayBack(39), dayBack(0)]);
  });

  it('loses nothing to writers that come while days are dropped', async () => {
    await test.ledger.record([recordOf(60)]);
    await test.ledger.rollups.run();
    const writers = Array.from({ length: 20 }, (_, i) =>
      test.ledger.record([recordOf(60, `req_late_${i}`), recordOf(0, `req_now_${i}`)]),
    );
    const drops = test.another().dropOldDetail({ keepDays: 40 });
    await Promise.all([...writers, drops]);
    await test.ledger.rollups.run();
    const { requests, rejectedRecords, entryDifferences } = await test.ledger.check();
    const dropped = await test.rows('SELECT FROM dropped_days');
    const onRecord = await test.rows<{ requests: string }>(
      `SELECT sum(requests) AS requests FROM ledger_entries WHERE kind IN ('settle', 'correct')`,
    );
    expect(entryDifferences.count).toBe(0);
    expect(Number(onRecord[0]?.requests) + rejectedRecords).toBe(41);
    if (dropped.length > 0) expect(requests).toBe(20);
  });

  it('stops between two days when it is told to', async () => {
    await test.ledger.record([recordOf(60)]);
    await test.ledger.rollups.run();
    expect(await test.ledger.dropOldDetail({ keepDays: 40, signal: AbortSignal.abort() })).toEqual({
      dropped: [],
      kept: [],
    });
  });

  // The extension itself is not at hand here: these stand in for its two functions, and are as strict as it is about what they are given.
  describe('on a hypertable', () => {
    beforeEach(async () => {
      await test.rows(`
        CREATE FUNCTION create_hypertable(relation regclass, by_column name, chunk_time_interval interval, create_default_indexes boolean)
        RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation AND (tgnewtable IS NOT NULL OR tgoldtable IS NOT NULL)) THEN
            RAISE EXCEPTION 'hypertables cannot be made of tables with transition table triggers';
          END IF;
          IF (SELECT relkind FROM pg_class WHERE oid = relation) <> 'r' THEN
            RAISE EXCEPTION 'table is already partitioned';
          END IF;
        END $$;
        CREATE FUNCTION drop_chunks(relation regclass, older_than timestamptz, newer_than timestamptz) RETURNS SETOF text LANGUAGE plpgsql AS $$
        BEGIN
          SET LOCAL session_replication_role = replica;
          EXECUTE format('DELETE FROM %s WHERE created_at >= $1 AND created_at < $2', relation) USING newer_than, older_than;
          SET LOCAL session_replication_role = origin;
        END $$`);
    });

    const convert = () => test.rows<{ done: boolean }>('SELECT costlane_use_timescale() AS done');

    it('is not there without the extension', async () => {
      expect(await test.rows('SELECT costlane_has_timescale() AS has, costlane_is_hypertable() AS is')).toEqual([
        { has: false, is: false },
      ]);
    });

    it('has what the partitioned table had: rows, columns, keys, triggers and views', async () => {
      await test.ledger.record([recordOf(60), recordOf(0)]);
      const shape = async () => ({
        columns: await test.rows(
          `SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
           WHERE table_name IN ('llm_requests', 'cost_events') ORDER BY table_name, ordinal_position`,
        ),
        triggers: await test.rows(
          `SELECT pg_get_triggerdef(oid) AS trigger FROM pg_trigger WHERE tgrelid = 'llm_requests'::regclass AND NOT tgisinternal ORDER BY 1`,
        ),
        checks: await test.rows(
          `SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = 'llm_requests'::regclass ORDER BY 1`,
        ),
        rows: await test.rows('SELECT * FROM cost_events ORDER BY request_id'),
      });
      const before = await shape();
      expect(await convert()).toEqual([{ done: true }]);
      expect(await shape()).toEqual(before);
      expect(await convert()).toEqual([{ done: false }]);
      expect(await test.rows('SELECT costlane_is_hypertable() AS is')).toEqual([{ is: true }]);
    });

    it('is written, checked and kept as the partitioned table is', async () => {
      await convert();
      await prepare();
      expect(await test.ledger.ensurePartitions()).toBe(0);
      expect(await test.ledger.check()).toMatchObject({ isBalanced: true, requests: 5, rowsInDefaultPartition: 0 });
      await retainsTheRest();
      expect(await test.ledger.record([recordOf(60)])).toMatchObject({ inserted: 0, rejected: 1 });
    });
  });
});
