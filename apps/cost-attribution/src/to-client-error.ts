import { CostlaneError } from '@costlane/domain';
import { DatabaseError } from '@costlane/ledger';

/** An error of the ledger as one for a client: what Postgres said stays in the log. */
export function toClientError(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error;
  return new CostlaneError('unavailable', 'The ledger cannot be reached; try again.', {
    cause: error,
    retryAfterMs: 1_000,
  });
}
