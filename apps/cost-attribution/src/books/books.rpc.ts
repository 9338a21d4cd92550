import type { BooksReply, BooksServiceServer } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Ledger, LedgerEntry } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { unary } from '../grpc/unary';
import { createBoundedCheck } from './bounded-check';
import { readCheckRange, readCorrection, readEntryFilter } from './read-books-request';
import { renderCheck } from './render-check';

export interface BooksRpcDeps {
  ledger: Pick<Ledger, 'check' | 'entries'>;
  logger: Logger;
  /** What others answer of this service. */
  others?: Partial<Pick<BooksServiceServer, 'rollup' | 'reconcile'>>;
}

/** gRPC edge of the books: `BooksService`. */
export function createBooksRpc({ ledger, logger, others = {} }: BooksRpcDeps): BooksServiceServer {
  const notHere = unary(logger, async (): Promise<BooksReply> => {
    throw new CostlaneError('unavailable', 'This is not answered here.');
  });
  const check = createBoundedCheck(ledger);
  return {
    check: unary(logger, async (request) => reply(renderCheck(await check(readCheckRange(request))))),
    correct: unary(logger, async (request) => {
      const { entry, isNew } = await ledger.entries.correct(readCorrection(request));
      const { id, tenantId, day, reference, madeBy } = entry;
      if (isNew) logger.info({ id, tenantId, day, reference, madeBy }, 'the ledger was corrected by hand');
      return reply({ is_new: isNew, entry: renderEntry(entry) });
    }),
    listEntries: unary(logger, async (request) => {
      const entries = await ledger.entries.list(readEntryFilter(request));
      return reply({ entries: entries.map(renderEntry) });
    }),
    rollup: others.rollup ?? notHere,
    reconcile: others.reconcile ?? notHere,
  };
}

const reply = (data: object): BooksReply => ({ json: JSON.stringify(data) });

/** Amounts as decimal strings of nano-dollars. */
const renderEntry = (entry: LedgerEntry) => ({
  id: entry.id,
  at: entry.at.toISOString(),
  kind: entry.kind,
  day: entry.day,
  tenant_id: entry.tenantId,
  requests: entry.requests,
  amount_nano_usd: entry.amountNanoUsd.toString(),
  budget_id: entry.budgetId,
  subject: entry.subject,
  lessee: entry.lessee,
  request_id: entry.requestId,
  reference: entry.reference,
  reason: entry.reason,
  made_by: entry.madeBy,
});
