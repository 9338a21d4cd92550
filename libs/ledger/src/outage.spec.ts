import { Client } from 'pg';
import { startTcpProxy, waitFor, type TcpProxy } from '@costlane/testing';
import { DatabaseError } from './database-error';
import { sampleRecords } from './testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from './testing/test-ledger';

describeWithPostgres('ledger while Postgres comes and goes', () => {
  let test: TestLedger;
  let proxy: TcpProxy;
  beforeEach(async () => {
    test = await startTestLedger();
    proxy = await startTcpProxy(test.url);
  });
  afterEach(async () => {
    await test.end();
    await proxy.stop();
  });

  /** Ends the connection of the ledger that waits for another transaction; false while there is none. */
  const killWaiting = async (): Promise<boolean> => {
    const killed = await test.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'costlane-ledger' AND wait_event_type = 'Lock'`,
    );
    return killed.length > 0;
  };

  it('fails with an error that may be tried again, and works once the server is back', async () => {
    const ledger = test.another({ databaseUrl: proxy.url });
    const records = sampleRecords(20);
    await ledger.record(records.slice(0, 10));
    await proxy.stop();
    await expect(ledger.record(records)).rejects.toMatchObject({ name: 'DatabaseError', isDataError: false });
    expect(await ledger.health()).toMatchObject({ ok: false });
    await proxy.start();
    expect(await ledger.record(records)).toMatchObject({ inserted: 10, duplicates: 10 });
    expect(await ledger.health()).toEqual({ ok: true });
  });

  it('can be made while the server is away', async () => {
    await proxy.stop();
    const ledger = test.another({ databaseUrl: proxy.url });
    await expect(ledger.summary()).rejects.toBeInstanceOf(DatabaseError);
    await proxy.start();
    expect((await ledger.summary()).requests).toBe(0);
  });

  it('gives up on a frozen server in bounded time and does not use its connections again', async () => {
    const ledger = test.another({ databaseUrl: proxy.url, statementTimeoutMs: 300, connectTimeoutMs: 300 });
    const records = sampleRecords(10);
    await ledger.record(records.slice(0, 5));
    proxy.freeze();
    const startedAt = performance.now();
    await expect(ledger.record(records)).rejects.toMatchObject({ isConnectionLost: true });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    proxy.thaw();
    // What was on its way when the server froze may have arrived since.
    expect(await ledger.record(records)).toMatchObject({ doubledUpstream: 0, rejected: 0 });
    expect((await test.ledger.summary()).requests).toBe(10);
  });

  it('ends a statement that the server cannot finish', async () => {
    const ledger = test.another({ statementTimeoutMs: 200 });
    await test.ledger.record(sampleRecords(1));
    const held = test.rows(`BEGIN; LOCK TABLE llm_requests IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1); COMMIT`);
    await waitFor(async () => {
      const locks = await test.rows(
        `SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND locktype = 'relation'`,
      );
      return locks.length > 0;
    });
    await expect(ledger.record(sampleRecords(3))).rejects.toMatchObject({ sqlState: '57014', isConnectionLost: false });
    await held;
    expect(await ledger.record(sampleRecords(3, 'later'))).toMatchObject({ inserted: 3 });
  });

  it('leaves nothing half done when its connection is killed in the middle of a batch', async () => {
    const records = sampleRecords(900, 'killed');
    await test.ledger.record(sampleRecords(1, 'before'));
    const blocker = new Client({ connectionString: test.url });
    await blocker.connect();
    try {
      // The batch stops at a row that another transaction is writing: what stands before it is written and not yet committed.
      await blocker.query('BEGIN');
      await blocker.query(
        `INSERT INTO llm_requests SELECT (jsonb_populate_record(NULL::llm_requests, to_jsonb(r) || $1)).* FROM llm_requests r`,
        [JSON.stringify({ request_id: records[600]?.requestId, created_at: new Date(records[600]?.createdAtMs ?? 0) })],
      );
      const recording = test.ledger.record(records).catch((error: unknown) => error);
      await waitFor(() => killWaiting());
      expect(await recording).toMatchObject({ name: 'DatabaseError', isDataError: false });
    } finally {
      await blocker.query('ROLLBACK');
      await blocker.end();
    }
    expect((await test.ledger.summary()).requests).toBe(1);
    expect(await test.ledger.record(records)).toMatchObject({ inserted: 900, duplicates: 0 });
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true, requests: 901 });
  });

  it('closes while the server is away', async () => {
    const ledger = test.another({ databaseUrl: proxy.url });
    await ledger.record(sampleRecords(1));
    await proxy.stop();
    await ledger.close();
  });
});
