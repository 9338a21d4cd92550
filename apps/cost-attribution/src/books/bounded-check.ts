import { CostlaneError } from '@costlane/domain';
import { DatabaseError, type CheckRange, type Ledger } from '@costlane/ledger';

/** SQLSTATE query_canceled: the statement took longer than it may. */
const QUERY_CANCELED = '57014';
const RETRY_AFTER_MS = 5_000;

/**
 * The check as it is answered to people, who may ask again and again. One of all tenants and one of a single tenant run at a time, and nobody waits for his turn: a check
 * goes through the whole ledger, over connections that records need to come in. Throws `overloaded` where another one runs, `deadline_exceeded` where there is too much to go
 * through at once.
 */
export function createBoundedCheck({ check }: Pick<Ledger, 'check'>): Ledger['check'] {
  const running = new Set<string>();
  return async (range: CheckRange = {}) => {
    const kind = range.tenantId === undefined ? 'of all tenants' : 'of a tenant';
    if (running.has(kind)) {
      const message = `Another check ${kind} is going on; try again when it has ended.`;
      throw new CostlaneError('overloaded', message, { retryAfterMs: RETRY_AFTER_MS });
    }
    running.add(kind);
    try {
      return await check(range);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.sqlState !== QUERY_CANCELED) throw error;
      const message = 'There is too much to check at once: ask for the days from a later time on (since).';
      throw new CostlaneError('deadline_exceeded', message, { field: 'since', cause: error });
    } finally {
      running.delete(kind);
    }
  };
}
