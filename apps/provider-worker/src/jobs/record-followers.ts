import { unpaidSavings, type CompletionRecord, type ItemRequest, type ReplyHeader } from '@costlane/contracts';
import type { FinishedJob } from '@costlane/lanes';
import type { BatchJob } from '@costlane/ledger';
import { itemRequestId } from './item-request-id';

export interface FollowerRecords {
  job: Pick<BatchJob, 'jobId' | 'createdAtMs'>;
  /** Items that get the answer of another one of their job. */
  followers: readonly number[];
  request: ItemRequest;
  /** Of the answer: what it cost, and would have cost. */
  bill: ReplyHeader;
}

/** In the place of a run's name in the record of a request that had none of its own. */
const SHARED = 'coalesced';
/** Records on their way at a time. */
const AT_A_TIME = 128;

/**
 * Puts on record those that another item's answer serves as well: each a request of its own, which pays nothing and saves what asking it
 * would have cost. Said again, it is the same record.
 */
export async function recordFollowers(
  finish: (job: FinishedJob) => Promise<void>,
  { job, followers, request, bill }: FollowerRecords,
  nowMs: number,
): Promise<void> {
  for (let from = 0; from < followers.length; from += AT_A_TIME) {
    const some = followers.slice(from, from + AT_A_TIME);
    await Promise.all(some.map((index) => finish({ record: recordOf({ job, request, bill }, index, nowMs) })));
  }
}

function recordOf(
  { job, request, bill }: Omit<FollowerRecords, 'followers'>,
  index: number,
  nowMs: number,
): CompletionRecord {
  const { tenantId, teamId, userId, keyId } = request.caller;
  return {
    v: 1,
    requestId: itemRequestId(job, index),
    attempt: SHARED,
    tenantId,
    teamId,
    userId,
    keyId,
    endpoint: request.endpoint,
    provider: bill.provider,
    modelAsked: '',
    modelUsed: bill.modelUsed,
    routeReason: SHARED,
    policyVersion: '',
    cacheTier: SHARED,
    stream: false,
    usage: bill.usage,
    usageSource: bill.usageSource ?? 'none',
    paidNanoUsd: 0,
    baselineNanoUsd: bill.baselineNanoUsd,
    savings: unpaidSavings(bill),
    priceVersion: bill.priceVersion,
    httpStatus: bill.status,
    // The same whenever it is said: the ledger knows a request by its name and this.
    createdAtMs: job.createdAtMs,
    finishedAtMs: nowMs,
    latencyMs: Math.max(0, nowMs - job.createdAtMs),
    upstreamCalls: 0,
  };
}
