import { DatabaseError, type Ledger } from '@costlane/ledger';

export interface RunMigrationsOptions {
  ledger: Pick<Ledger, 'migrate' | 'close'>;
  databaseUrl: string;
  print: (line: string) => void;
  printError: (line: string) => void;
  /** How long Postgres may take to come up; default 30,000. */
  waitMs?: number;
}

const WAIT_MS = 30_000;
const RETRY_MS = 500;

/** `--migrate`: brings the schema up to date, waiting for a Postgres that is still starting. Resolves with the exit code. */
export async function runMigrations(options: RunMigrationsOptions): Promise<number> {
  const { ledger, print, printError, waitMs = WAIT_MS } = options;
  const deadlineAtMs = Date.now() + waitMs;
  try {
    for (let isFirst = true; ; isFirst = false) {
      try {
        await ledger.migrate({ onProgress: print });
        return 0;
      } catch (error) {
        if (!isUnreachable(error) || Date.now() >= deadlineAtMs) throw error;
        if (isFirst) print(`waiting for Postgres at ${placeOf(options.databaseUrl)}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  } catch (error) {
    printError(sentenceOf(error, options.databaseUrl));
    return 1;
  } finally {
    await ledger.close().catch(() => undefined);
  }
}

const isUnreachable = (error: unknown): boolean => error instanceof DatabaseError && error.isConnectionLost;

function sentenceOf(error: unknown, databaseUrl: string): string {
  const words = error instanceof Error ? error.message : String(error);
  if (!isUnreachable(error)) return `The migration failed: ${words}.`;
  return `Postgres at ${placeOf(databaseUrl)} cannot be reached (${words}): start it, or point DATABASE_URL at one that runs.`;
}

/** Host, port and database: a URL has the password in it. */
function placeOf(databaseUrl: string): string {
  try {
    const { host, pathname } = new URL(databaseUrl);
    return `${host}${pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
}
