import type { LedgerServiceServer } from '@costlane/contracts';
import type { Ledger } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { unary } from '../grpc/unary';
import { readFilter } from './read-filter';

/** gRPC edge of the ledger: `LedgerService`. */
export function createLedgerRpc(ledger: Pick<Ledger, 'summary'>, logger: Logger): LedgerServiceServer {
  return {
    summary: unary(logger, async (request) => {
      const summary = await ledger.summary(readFilter(request));
      return {
        requests: summary.requests,
        paidNanoUsd: summary.paidNanoUsd.toString(),
        baselineNanoUsd: summary.baselineNanoUsd.toString(),
        savedNanoUsd: summary.savedNanoUsd.toString(),
        duplicateCompletions: summary.duplicateCompletions,
      };
    }),
  };
}
