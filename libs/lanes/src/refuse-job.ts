import {
  encodeReply,
  factsOfJob,
  replyField,
  type CompletionRecord,
  type JobHeader,
  type ReplyHeader,
  type SavingsNanoUsd,
} from '@costlane/contracts';
import type { CostlaneError } from '@costlane/domain';
import type { ReplyItem } from './finish-jobs';

const NOTHING_SAVED: SavingsNanoUsd = { cache: 0, routing: 0, prefix: 0, batching: 0 };

/**
 * The end of a job that no provider was asked for: the error for its gateway, which words it for the client, and a record without usage or cost.
 *
 * @param attempt names this ending; without a dot, as in {@link replyField}
 */
export function refusalOf(
  header: JobHeader,
  attempt: string,
  error: CostlaneError,
  nowMs: number,
): { reply: ReplyItem; record: CompletionRecord } {
  const { requestId, replyTo, provider } = header;
  const reply: ReplyHeader = {
    status: error.httpStatus,
    contentType: 'application/json',
    errorCode: error.code,
    retryAfterMs: error.retryAfterMs,
    provider,
    modelUsed: header.upstreamModel,
    usageSource: 'none',
    paidNanoUsd: 0,
    baselineNanoUsd: 0,
    savings: NOTHING_SAVED,
    upstreamLatencyMs: 0,
    upstreamCalls: 0,
  };
  const body = Buffer.from(JSON.stringify({ message: error.message }));
  return {
    reply: { requestId, replyTo, field: replyField('r', attempt, 0, requestId), value: encodeReply(reply, body) },
    record: recordOf(header, attempt, error, nowMs),
  };
}

function recordOf(header: JobHeader, attempt: string, error: CostlaneError, nowMs: number): CompletionRecord {
  return {
    ...factsOfJob(header, nowMs),
    attempt,
    provider: header.provider,
    modelUsed: header.upstreamModel,
    route: header.route,
    cacheTier: 'miss',
    usageSource: 'none',
    paidNanoUsd: 0,
    baselineNanoUsd: 0,
    savings: NOTHING_SAVED,
    httpStatus: error.httpStatus,
    errorCode: error.code,
    upstreamCalls: 0,
  };
}
