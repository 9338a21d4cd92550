import type { ErrorCode } from '@costlane/domain';
import type { ProviderOutcome } from '@costlane/providers';
import type { TargetCall } from './run-chain';

/** What failed that long ago may be mended. */
const OLD_FAILURE_MS = 5_000;

/** Why a model was kept from being asked: it has failed too often, or is asked too much; undefined when it was asked. */
export const refusalOf = (outcome: ProviderOutcome): ErrorCode | undefined =>
  !outcome.ok && outcome.upstreamCalls === 0 && refusals.has(outcome.error.code) ? outcome.error.code : undefined;

const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['circuit_open', 'overloaded']);

/** Who says so wants to be left alone for a while. */
const limits: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['overloaded', 'upstream_rate_limited']);

/**
 * The calls worth another try when nobody has an answer, in that order: models that were kept from being asked, and those that failed some time
 * ago. Who wants to be left alone for a while comes last, for that is waited for. Pure.
 */
export function worthAnotherTry(calls: readonly TargetCall[], nowMs: number): TargetCall[] {
  const before = nowMs - OLD_FAILURE_MS;
  const isOld = ({ outcome, endedAtMs }: TargetCall): boolean =>
    endedAtMs < before && !outcome.ok && !refusalOf(outcome);
  const isLimited = ({ outcome }: TargetCall): boolean => !outcome.ok && limits.has(outcome.error.code);
  const others = calls.filter((call) => !isLimited(call));
  return [...others.filter((call) => refusalOf(call.outcome) !== undefined || isOld(call)), ...calls.filter(isLimited)];
}
