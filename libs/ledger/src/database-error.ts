/** SQLSTATE classes that say "this row cannot be stored", whatever the server's state: data exception, integrity, program limit. */
const dataErrorClasses = new Set(['22', '23', '54']);
/** The server ended the connection while it answered with an SQLSTATE (shutdown, crash recovery, connection exception). */
const brokenConnectionClasses = new Set(['08', '57P0']);

/**
 * A statement that failed. Carries no parameters: they hold whole batches of records, which have no business in a log.
 * `isDataError`: the rows are at fault and no repetition will help; otherwise the same statement may succeed later.
 */
export class DatabaseError extends Error {
  /** Empty when the server did not answer at all. */
  readonly sqlState: string;
  readonly constraint: string | undefined;

  constructor(message: string, sqlState: string, constraint?: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DatabaseError';
    this.sqlState = sqlState;
    this.constraint = constraint;
  }

  get isDataError(): boolean {
    return dataErrorClasses.has(this.sqlState.slice(0, 2));
  }

  /** The connection that it happened on must not be used again: it is gone, or may still be busy with the statement. */
  get isConnectionLost(): boolean {
    const { sqlState } = this;
    return (
      sqlState === '' ||
      brokenConnectionClasses.has(sqlState.slice(0, 2)) ||
      brokenConnectionClasses.has(sqlState.slice(0, 4))
    );
  }
}

/** Any error of the driver as a {@link DatabaseError}. */
export function toDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const shape = (error ?? {}) as { message?: unknown; code?: unknown; severity?: unknown; constraint?: unknown };
  const message =
    typeof shape.message === 'string' && shape.message !== '' ? shape.message : String(shape.code ?? error);
  // Socket errors carry a `code` too (ECONNREFUSED): only what has a severity came from the server.
  const sqlState = typeof shape.severity === 'string' && typeof shape.code === 'string' ? shape.code : '';
  return new DatabaseError(
    message,
    sqlState,
    typeof shape.constraint === 'string' ? shape.constraint : undefined,
    undefined,
  );
}
