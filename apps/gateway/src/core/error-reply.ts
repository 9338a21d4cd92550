import type { ReplyHeader } from '@costlane/contracts';
import type { CostlaneError, RouteDecision } from '@costlane/domain';
import type { CallOutcome } from './call';

const NO_SAVINGS = { cache: 0, routing: 0, prefix: 0, batching: 0 };

/** An error as a call's outcome: nothing was delivered, nothing is owed. */
export function errorReply(error: CostlaneError, decision?: RouteDecision): CallOutcome {
  const header: ReplyHeader = {
    status: error.httpStatus,
    contentType: 'application/json',
    errorCode: error.code,
    retryAfterMs: error.retryAfterMs,
    provider: decision?.model.provider ?? '',
    modelUsed: decision?.model.upstreamModel ?? '',
    usageSource: 'none',
    paidNanoUsd: 0,
    baselineNanoUsd: 0,
    savings: NO_SAVINGS,
    upstreamLatencyMs: 0,
    upstreamCalls: 0,
  };
  return { header, form: 'json', body: Buffer.from(JSON.stringify({ message: error.message, field: error.field })) };
}
