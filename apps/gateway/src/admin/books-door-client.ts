import {
  BooksServiceClient,
  type BooksRangeRequest,
  type BooksReply,
  type CorrectRequest,
  type ListEntriesRequest,
  type ReconcileRequest,
} from '@costlane/contracts';
import { credentials } from '@grpc/grpc-js';
import { askService, type Call } from './ask-service';

/** What auditors and operators ask of the ledger; replies as cost-attribution gives them. Each rejects with a `CostlaneError`. */
export interface BooksAdmin {
  check(range: BooksRangeRequest): Promise<unknown>;
  rollup(range: BooksRangeRequest): Promise<unknown>;
  entries(filter: ListEntriesRequest): Promise<unknown>;
  correct(correction: CorrectRequest): Promise<unknown>;
  reconcile(upload: ReconcileRequest): Promise<unknown>;
}

const LEDGER = 'cost-attribution';
const channelOptions = { 'grpc.max_receive_message_length': 64 * 1024 * 1024 };
/** A check goes through all of the ledger; a rollup ends the hour in hand. */
const LONG_TIMEOUT_MS = 150_000;
const RECONCILE_TIMEOUT_MS = 60_000;
const ENTRIES_TIMEOUT_MS = 15_000;

/** The books of cost-attribution over gRPC. */
export function createBooksAdmin(address: string): BooksAdmin & { close(): void } {
  const client = new BooksServiceClient(address, credentials.createInsecure(), channelOptions);
  const ask = async <Request>(call: Call<Request, BooksReply>, request: Request, timeoutMs?: number) =>
    JSON.parse((await askService(call, request, LEDGER, timeoutMs)).json) as unknown;
  return {
    check: (range) => ask<BooksRangeRequest>((...args) => client.check(...args), range, LONG_TIMEOUT_MS),
    rollup: (range) => ask<BooksRangeRequest>((...args) => client.rollup(...args), range, LONG_TIMEOUT_MS),
    entries: (filter) => ask<ListEntriesRequest>((...args) => client.listEntries(...args), filter, ENTRIES_TIMEOUT_MS),
    correct: (correction) => ask<CorrectRequest>((...args) => client.correct(...args), correction),
    reconcile: (upload) => ask<ReconcileRequest>((...args) => client.reconcile(...args), upload, RECONCILE_TIMEOUT_MS),
    close: () => client.close(),
  };
}
