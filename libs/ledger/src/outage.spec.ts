import { waitFor } from '@costlane/testing';
import { DatabaseError } from './database-error';
import { sampleRecords } from './testing/sample-record';
import { startTcpProxy, type TcpProxy } from './testing/tcp-proxy';
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
    expect(await ledger.record(records)).toMatchObject({ inserted: 5, duplicates: 5 });
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

  it('counts every record once when its connection is killed in the middle of batches', async () => {
    const ledger = test.another({ poolSize: 2 });
    const records = sampleRecords(6_000, 'killed');
    let isDone = false;
    const killer = (async () => {
      while (!isDone) {
        await test.rows(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'costlane-ledger' AND datname = current_database() AND query LIKE '%INSERT INTO llm_requests%' AND state = 'active'`,
        );
      }
    })();
    let failures = 0;
    for (let from = 0; from < records.length; from += 400) {
      const batch = records.slice(from, from + 600);
      await waitFor(
        () =>
          ledger.record(batch).then(
            () => true,
            (error: unknown) => {
              expect(error).toMatchObject({ isDataError: false });
              failures++;
              // Give the statement room now and then, else the killer wins for ever.
              return failures % 3 === 0
                ? test.ledger.record(batch).then(
                    () => true,
                    () => false,
                  )
                : false;
            },
          ),
        { timeoutMs: 10_000, intervalMs: 1 },
      );
    }
    isDone = true;
    await killer;
    expect(failures).toBeGreaterThan(0);
    expect(await test.ledger.check()).toMatchObject({ isBalanced: true, requests: records.length });
  }, 60_000);

  it('closes while the server is away', async () => {
    const ledger = test.another({ databaseUrl: proxy.url });
    await ledger.record(sampleRecords(1));
    await proxy.stop();
    await ledger.close();
  });
});
