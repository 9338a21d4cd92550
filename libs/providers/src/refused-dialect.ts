import type { Dialect } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { elapsedMs, type AttemptContext, type AttemptFailure } from './attempt';

/** The outcome of a request in a dialect that the provider does not take: it is never sent. */
export function refusedDialect(
  provider: string,
  dialect: Dialect,
  { startedAtMs, upstreamCalls }: AttemptContext,
): AttemptFailure {
  return {
    ok: false,
    error: new CostlaneError('invalid_request', `${provider} takes no requests in the dialect ${dialect}.`),
    usageSource: 'none',
    latencyMs: elapsedMs(startedAtMs),
    upstreamCalls: upstreamCalls - 1,
    hasDelivered: false,
    isRetryable: false,
    verdict: 'neutral',
  };
}
