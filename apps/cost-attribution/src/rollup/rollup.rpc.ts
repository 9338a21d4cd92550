import type { BooksRangeRequest, BooksReply } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Ledger } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { readCheckRange } from '../books/read-books-request';
import { unary } from '../grpc/unary';
import type { RollUp } from './roll-up';

const DAY_MS = 86_400_000;
const MOST_DAYS = 400;
/** Somebody waits for the answer: what is not done by then is left to the next scheduled run. */
const PATIENCE_MS = 25_000;

export interface RollupRpcDeps {
  rollUp: RollUp;
  rollups: Pick<Ledger['rollups'], 'mark' | 'lagSeconds'>;
  logger: Logger;
  /** Replaces the clock, and the patience, in tests. */
  now?: () => Date;
  patienceMs?: number;
}

/** `BooksService.Rollup`: without a range what has changed, with one all hours of it. */
export function createRollupRpc(deps: RollupRpcDeps): handleUnaryCall<BooksRangeRequest, BooksReply> {
  const { rollUp, rollups, logger, now = () => new Date(), patienceMs = PATIENCE_MS } = deps;
  return unary(logger, async (request) => {
    const range = readRollupRange(request, now());
    const marked = range ? await rollups.mark(range.since, range.until) : 0;
    const outcome = await rollUp({ signal: AbortSignal.timeout(patienceMs) });
    const json = JSON.stringify({
      hours: outcome.hours,
      days: outcome.days,
      summaries: outcome.summaries,
      rows_changed: outcome.rows,
      detail_gone: outcome.goneDetail,
      hours_of_range: range ? marked : null,
      is_complete: outcome.isComplete,
      lag_seconds: await rollups.lagSeconds(),
    });
    return { json };
  });
}

/** Undefined: no range, only what has changed. Throws `invalid_request` that names the field. */
export function readRollupRange(request: BooksRangeRequest, now: Date): { since: Date; until: Date } | undefined {
  const { tenantId, since, until = now } = readCheckRange(request);
  if (tenantId !== undefined) refuse('tenant_id', 'is not for rollups: they are made of all tenants at once.');
  if (!since) return request.until === '' ? undefined : refuse('since', 'is missing: until alone is no range.');
  if (since >= until) return refuse('since', 'must be earlier than until, and than now.');
  if (until.getTime() - since.getTime() > MOST_DAYS * DAY_MS)
    return refuse('since', `must be at the most ${MOST_DAYS} days before until; ask for less at a time.`);
  return { since, until };
}

function refuse(field: string, message: string): never {
  throw new CostlaneError('invalid_request', `${field} ${message}`, { field });
}
