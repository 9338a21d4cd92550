import pg, { type Pool, type PoolClient } from 'pg';
import type { HealthResult, Logger } from '@costlane/platform';
import { DatabaseError, toDatabaseError } from './database-error';

export interface DatabaseOptions {
  databaseUrl: string;
  logger: Logger;
  /** Connections at the most. */
  poolSize: number;
  /** How long one attempt to connect, or the wait for a free connection, may take. */
  connectTimeoutMs: number;
  /** The server ends a statement after this; the client gives up on a silent server a second later. */
  statementTimeoutMs: number;
}

/** One statement of a transaction. Throws {@link DatabaseError}. */
export type Query = <Row extends object>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

export interface Database {
  /** Runs one statement, which commits by itself. Throws {@link DatabaseError}. */
  query<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Reads much, with a limit of its own, seeing one state of the database. Throws {@link DatabaseError}. */
  report<Row extends object>(sql: string, parameters: readonly unknown[], timeoutMs: number): Promise<Row[]>;
  /**
   * Several statements that take effect together or not at all; each sees what was committed before it began (READ COMMITTED). `timeoutMs` is the
   * limit of each. What `work` throws undoes them. Throws {@link DatabaseError}; after a lost connection at COMMIT either may be the case.
   */
  transaction<T>(work: (query: Query) => Promise<T>, timeoutMs?: number): Promise<T>;
  health(): Promise<HealthResult>;
  close(): Promise<void>;
}

const CLIENT_GRACE_MS = 1_000;
const HEALTH_TIMEOUT_MS = 2_000;
const ROLLBACK_TIMEOUT_MS = 1_000;
const HEALTH_SQL = `SELECT to_regclass('llm_requests') IS NOT NULL AS is_migrated`;

/**
 * Postgres behind a pool that is opened with the first statement and survives outages: while the server is away each statement
 * fails, and the next one tries to connect again. Nothing here ends the process.
 */
export function createDatabase(options: DatabaseOptions): Database {
  return new PooledDatabase(options);
}

class PooledDatabase implements Database {
  private readonly pool: Pool;
  private healthCheck: Promise<HealthResult> | undefined;
  private closing: Promise<void> | undefined;
  private isDown = false;

  constructor(private readonly options: DatabaseOptions) {
    this.pool = new pg.Pool({
      connectionString: options.databaseUrl,
      application_name: 'costlane-ledger',
      // Statements here take milliseconds: to compile the hundred sums of a report takes longer than to run them.
      options: '-c jit=off',
      max: options.poolSize,
      connectionTimeoutMillis: options.connectTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
    });
    // A connection that breaks while nobody uses it; without a listener its error would end the process.
    this.pool.on('error', (error) => this.noteOutage(error));
    // The server may take leave in the packet that says it is ready: then the pool has handed the connection out, and nobody listens to it yet.
    this.pool.on('connect', (client) => client.on('error', (error) => this.noteOutage(error)));
  }

  query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.withClient((client) => send<Row>(client, sql, parameters, this.options.statementTimeoutMs));
  }

  report<Row extends object>(sql: string, parameters: readonly unknown[], timeoutMs: number): Promise<Row[]> {
    return this.withClient(async (client) => {
      await send<object>(
        client,
        `BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}`,
        [],
        timeoutMs,
      );
      try {
        return await send<Row>(client, sql, parameters, timeoutMs);
      } finally {
        // Fails at once when the connection is gone, and is then of no use either.
        await send<object>(client, 'ROLLBACK', [], ROLLBACK_TIMEOUT_MS).catch(() => undefined);
      }
    });
  }

  async transaction<T>(work: (query: Query) => Promise<T>, timeoutMs = this.options.statementTimeoutMs): Promise<T> {
    // What is no failure of Postgres passes as it is, and leaves the connection in use.
    let thrown: { error: unknown } | undefined;
    const result = await this.withClient(async (client) => {
      const query: Query = <Row extends object>(sql: string, parameters: readonly unknown[] = []) =>
        send<Row>(client, sql, parameters, timeoutMs).catch((cause: unknown) => {
          throw toDatabaseError(cause);
        });
      await query(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}`);
      try {
        const done = await work(query);
        await query('COMMIT');
        return done;
      } catch (error) {
        // Where this fails, its error says that the connection is of no more use.
        await send<object>(client, 'ROLLBACK', [], ROLLBACK_TIMEOUT_MS);
        if (error instanceof DatabaseError) throw error;
        thrown = { error };
        return undefined;
      }
    });
    if (thrown) throw thrown.error;
    return result as T;
  }

  /** Callers that come while one check runs share it: a frozen server must not eat the pool. */
  health(): Promise<HealthResult> {
    this.healthCheck ??= this.checkHealth().finally(() => {
      this.healthCheck = undefined;
    });
    return this.healthCheck;
  }

  close(): Promise<void> {
    this.closing ??= this.pool.end();
    return this.closing;
  }

  private async withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let broken: Error | undefined;
    // A client that is checked out has no listener of the pool's; without one its error would end the process.
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    try {
      const result = await work(client);
      this.noteAnswer();
      return result;
    } catch (cause) {
      const error = toDatabaseError(cause);
      if (error.isConnectionLost) {
        broken = error;
        this.noteOutage(error);
      }
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  private async connect(): Promise<PoolClient> {
    try {
      return await this.pool.connect();
    } catch (cause) {
      this.noteOutage(cause);
      throw toDatabaseError(cause);
    }
  }

  private async checkHealth(): Promise<HealthResult> {
    try {
      const [row] = await this.withClient((client) =>
        send<{ is_migrated: boolean }>(client, HEALTH_SQL, [], HEALTH_TIMEOUT_MS),
      );
      return row?.is_migrated ? { ok: true } : { ok: false, detail: 'the schema is missing: run with --migrate' };
    } catch (error) {
      return { ok: false, detail: toDatabaseError(error).message };
    }
  }

  private noteOutage(error: unknown): void {
    if (this.isDown) return;
    this.isDown = true;
    this.options.logger.warn({ reason: toDatabaseError(error).message }, 'postgres connection lost');
  }

  private noteAnswer(): void {
    if (!this.isDown) return;
    this.isDown = false;
    this.options.logger.info('postgres connection is back');
  }
}

/** `query_timeout` is the client's own limit, for a server that is frozen or a network that swallows packets. */
async function send<Row extends object>(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
  limitMs: number,
): Promise<Row[]> {
  const query = { text, values: [...values], query_timeout: limitMs + CLIENT_GRACE_MS };
  const { rows } = await client.query<Row>(query);
  return rows;
}
