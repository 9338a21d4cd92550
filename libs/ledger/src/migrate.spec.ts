import { migrations } from './migrations/index';
import { describeWithPostgres, startTestLedger, type TestLedger } from './testing/test-ledger';

const names = migrations.map(({ name }) => name);

describeWithPostgres('migrations', () => {
  let test: TestLedger;
  beforeEach(async () => {
    test = await startTestLedger({ isMigrated: false });
  });
  afterEach(() => test.end());

  it('bring an empty database up to date, once', async () => {
    const lines: string[] = [];
    expect(await test.ledger.health()).toEqual({ ok: false, detail: expect.stringContaining('--migrate') });
    const applied = await test.ledger.migrate({ onProgress: (line) => lines.push(line) });
    expect(applied).toEqual(names);
    expect(lines).toEqual(applied.map((name) => `applied ${name}`));
    expect(await test.ledger.migrate()).toEqual([]);
    expect(await test.ledger.health()).toEqual({ ok: true });
  });

  it('run by four processes at once are applied by one of them', async () => {
    const ledgers = [test.ledger, test.another(), test.another(), test.another()];
    const applied = await Promise.all(ledgers.map((ledger) => ledger.migrate()));
    expect(applied.flat()).toHaveLength(names.length);
    expect(await test.rows('SELECT name FROM costlane_migrations')).toHaveLength(names.length);
  });

  it('make the partitions of yesterday, today and the week ahead', async () => {
    await test.ledger.migrate();
    const partitions = await test.rows(`SELECT inhrelid FROM pg_inherits WHERE inhparent = 'llm_requests'::regclass`);
    expect(partitions).toHaveLength(1 + 1 + 7 + 1);
    expect((await test.ledger.check()).partitionsAhead).toBe(7);
  });

  it('leave what is in the ledger as it is', async () => {
    await test.ledger.migrate();
    await undoMigrations(names.length - 3);
    await test.rows(`
      INSERT INTO llm_requests SELECT 'req_old', now(), now(), now(), 'a1', 'acme', NULL, NULL, NULL, NULL, NULL, '/', 'openai', 'm', 'm', '', '1', 'miss', false,
        'provider', 1, 0, 0, 0, 1, 0, NULL, NULL, NULL, NULL, 7, 9, 0, 0, 2, 0, 'p', 200, NULL, 1, NULL, 1, NULL, NULL`);
    expect(await test.ledger.migrate()).toEqual(names.slice(3));
    const rows = await test.rows('SELECT request_id, paid_nano_usd, is_stale, route_decision FROM llm_requests');
    expect(rows).toEqual([{ request_id: 'req_old', paid_nano_usd: '7', is_stale: false, route_decision: null }]);
  });

  async function undoMigrations(count: number): Promise<void> {
    const { DataSource } = await import('typeorm');
    const source = new DataSource({
      type: 'postgres',
      url: test.url,
      migrations,
      migrationsTableName: 'costlane_migrations',
      installExtensions: false,
    });
    await source.initialize();
    try {
      for (let undone = 0; undone < count; undone++) await source.undoLastMigration();
    } finally {
      await source.destroy();
    }
  }

  it('can be taken back', async () => {
    await test.ledger.migrate();
    await undoMigrations(migrations.length);
    const left = await test.rows<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`,
    );
    expect(left.map(({ relname }) => relname)).toEqual(['costlane_migrations']);
  });
});
