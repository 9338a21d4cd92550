import { DatabaseError } from '@costlane/ledger';
import { runMigrations } from './run-migrations';

const databaseUrl = 'postgres://costlane:secret@db:5432/costlane';

function start(migrate: () => Promise<string[]>, waitMs = 5_000) {
  const out: string[] = [];
  const err: string[] = [];
  const close = jest.fn(async () => undefined);
  const code = runMigrations({
    ledger: { migrate, close },
    databaseUrl,
    print: (line) => out.push(line),
    printError: (line) => err.push(line),
    waitMs,
  });
  return { code, out, err, close };
}

const refused = () => Promise.reject(new DatabaseError('connect ECONNREFUSED db:5432', ''));

describe('the migration command', () => {
  it('ends with 0 when the schema is up to date', async () => {
    const run = start(async () => []);
    expect(await run.code).toBe(0);
    expect(run.err).toEqual([]);
    expect(run.close).toHaveBeenCalled();
  });

  it('waits for a Postgres that is still coming up', async () => {
    let tries = 0;
    const run = start(() => (++tries < 3 ? refused() : Promise.resolve([])));
    expect(await run.code).toBe(0);
    expect(run.out).toEqual(['waiting for Postgres at db:5432/costlane']);
  });

  it('ends with 1 and one sentence without the password when Postgres stays away', async () => {
    const run = start(refused, 0);
    expect(await run.code).toBe(1);
    expect(run.err).toHaveLength(1);
    expect(run.err[0]).toContain('Postgres at db:5432/costlane cannot be reached');
    expect(run.err[0]).not.toContain('secret');
  });

  it('does not wait when the server answers with a refusal', async () => {
    const run = start(() => Promise.reject(new DatabaseError('password authentication failed', '28P01')));
    expect(await run.code).toBe(1);
    expect(run.err).toEqual(['The migration failed: password authentication failed.']);
    expect(run.out).toEqual([]);
  });
});
