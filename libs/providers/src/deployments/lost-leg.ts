import type { ErrorCode } from '@costlane/domain';
import type { AttemptOutcome } from '../attempt';
import { estimateUsage } from '../openai-compatible/estimate-usage';
import type { ProviderFailure, ProviderLeg, ProviderOutcome } from '../provider';

/** After these the provider may have read the prompt, and charge for it. */
const perhapsBilled: ReadonlySet<ErrorCode> = new Set([
  'cancelled',
  'upstream_timeout',
  'upstream_malformed',
  'stream_interrupted',
]);

/**
 * An attempt whose answer nobody got, for the ledger. Providers charge the prompt of a request that was given up at most, so that is what
 * is put down where they do not say: the input, estimated from the body, and no output but what came. An error answer costs nothing.
 */
export function lostLeg(
  reason: ProviderLeg['reason'],
  deployment: string,
  outcome: AttemptOutcome,
  bodyBytes: number,
): ProviderLeg {
  const errorCode = outcome.ok ? undefined : outcome.error.code;
  const { usage, usageSource } = lostUsage(outcome, bodyBytes);
  return {
    reason,
    deployment,
    ...(usage ? { usage } : {}),
    usageSource,
    latencyMs: outcome.latencyMs,
    ...(errorCode ? { errorCode } : {}),
  };
}

/** What has probably to be paid for a call whose answer nobody got, by the rule of {@link lostLeg}. */
export function lostUsage(outcome: ProviderOutcome, bodyBytes: number): Pick<ProviderLeg, 'usage' | 'usageSource'> {
  if (outcome.usage) return { usage: outcome.usage, usageSource: outcome.usageSource };
  if (outcome.ok || !mayBeBilled(outcome)) return { usageSource: 'none' };
  return { usage: estimateUsage(bodyBytes, 0), usageSource: 'estimated' };
}

const mayBeBilled = ({ error, status, upstreamCalls }: ProviderFailure): boolean =>
  upstreamCalls > 0 && perhapsBilled.has(error.code) && (status === undefined || status < 300);
