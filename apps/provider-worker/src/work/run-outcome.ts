import type { OtherCall, RouteTarget, UsageSource } from '@costlane/contracts';
import { CostlaneError, type ModelPrice, type RouteStep, type TokenUsage } from '@costlane/domain';
import { lostUsage, type ProviderFailure, type ProviderLeg } from '@costlane/providers';
import { estimateDelivered } from './estimate-delivered';
import type { ChainResult, TargetCall } from './run-chain';

/** What a run of a job came to, whichever way it ended. */
export interface RunOutcome {
  /** The model that answered, or whose error is given; absent: the job's own. */
  target?: RouteTarget;
  usage?: TokenUsage;
  usageSource: UsageSource;
  serviceTier?: string;
  modelUsed?: string;
  finishReason?: string;
  latencyMs: number;
  timeToFirstTokenMs?: number;
  upstreamCalls: number;
  status: number;
  contentType: string;
  error?: CostlaneError;
  isCacheable: boolean;
  /** Calls beside the one whose answer is given which have to be paid. */
  otherCalls?: readonly PaidCall[];
  /** Models that were tried and did not answer. */
  steps?: readonly RouteStep[];
}

/** A call whose answer the client did not get, before it is priced. */
export interface PaidCall extends Omit<OtherCall, 'paidNanoUsd'> {
  price: ModelPrice | undefined;
  serviceTier?: string;
}

type UsageOfCall = Pick<RunOutcome, 'usage' | 'usageSource'>;

/**
 * What a chain of calls comes to as one run. `passedBytes` of a stream were shown to the client. Written field by field: copies of objects
 * made half of what a run costs.
 */
export function toRunOutcome(chain: ChainResult, bodyBytes: number, passedBytes: number): RunOutcome {
  const { given, calls, steps } = chain;
  const { outcome, target } = given;
  const { usage, usageSource } = usageGiven(given, bodyBytes, passedBytes);
  return {
    target,
    usage,
    usageSource,
    serviceTier: outcome.serviceTier,
    modelUsed: outcome.modelUsed,
    finishReason: outcome.ok ? outcome.finishReason : undefined,
    latencyMs: calls.length === 1 ? outcome.latencyMs : latencyOf(calls),
    timeToFirstTokenMs: firstTokenMsOf(given, calls),
    upstreamCalls: calls.reduce((sum, call) => sum + call.outcome.upstreamCalls, 0),
    status: outcome.ok ? outcome.status : outcome.error.httpStatus,
    contentType: outcome.ok ? outcome.contentType : 'application/json',
    error: outcome.ok ? undefined : withHint(outcome),
    // A doubtful answer is better asked for anew than given again.
    isCacheable: outcome.ok && outcome.isCacheable && !given.doubt,
    otherCalls: calls.length === 1 && !outcome.otherLegs ? undefined : otherCallsOf(chain, bodyBytes),
    steps,
  };
}

/** From the start of the first call on. */
function firstTokenMsOf(given: TargetCall, calls: readonly TargetCall[]): number | undefined {
  const { timeToFirstTokenMs, ok } = given.outcome;
  if (timeToFirstTokenMs === undefined || calls.length === 1) return timeToFirstTokenMs;
  // An answer that was held back is shown only after the call that should have replaced it.
  const isHeldBack = ok && given !== calls[calls.length - 1];
  return isHeldBack ? latencyOf(calls) : addMs(latencyOf(calls.slice(0, calls.indexOf(given))), timeToFirstTokenMs);
}

function usageOf({ outcome }: TargetCall, bodyBytes: number, passedBytes: number): UsageOfCall {
  const { ok, usage, usageSource } = outcome;
  // Usage that a failed call brought along is as good as it says, but some of it there is.
  if (usage) return { usage, usageSource: !ok && usageSource === 'none' ? 'estimated' : usageSource };
  const isOwed = ok || outcome.hasDelivered || passedBytes > 0;
  if (!isOwed) return { usage: undefined, usageSource };
  // An answer that was complete but brought no usage is counted by us rather than given away.
  const characters = outcome.deliveredChars ?? (ok ? (outcome.body?.length ?? 0) : passedBytes);
  return { usage: estimateDelivered(bodyBytes, characters), usageSource: 'estimated' };
}

/** What was given up before a word of it came may have to be paid, although the client gets an error for it. */
function usageGiven(call: TargetCall, bodyBytes: number, passedBytes: number): UsageOfCall {
  const known = usageOf(call, bodyBytes, passedBytes);
  return known.usage || call.outcome.ok ? known : lostUsage(call.outcome, bodyBytes);
}

function otherCallsOf({ given, calls }: ChainResult, bodyBytes: number): PaidCall[] {
  return calls
    .flatMap((call): PaidCall[] => {
      const legs = (call.outcome.otherLegs ?? []).map((leg) => legOf(call, leg));
      return call === given ? legs : [...legs, notGiven(call, bodyBytes)];
    })
    .filter(({ usage }) => usage !== undefined);
}

function notGiven(call: TargetCall, bodyBytes: number): PaidCall {
  const { target, price, outcome, doubt } = call;
  return {
    reason: outcome.ok ? 'low_confidence' : 'fallback',
    provider: target.provider,
    model: outcome.modelUsed ?? target.upstreamModel,
    detail: outcome.ok ? doubt : outcome.error.code,
    ...usageNotGiven(call, bodyBytes),
    serviceTier: outcome.serviceTier,
    latencyMs: outcome.latencyMs,
    price,
  };
}

/** What was given up before a word of it came may have to be paid as well, whether the same model is asked again or another one. */
function usageNotGiven(call: TargetCall, bodyBytes: number): UsageOfCall {
  const known = usageOf(call, bodyBytes, 0);
  return known.usage ? known : lostUsage(call.outcome, bodyBytes);
}

function legOf({ target, price, outcome }: TargetCall, leg: ProviderLeg): PaidCall {
  return {
    reason: leg.reason,
    provider: target.provider,
    model: outcome.modelUsed ?? target.upstreamModel,
    detail: leg.errorCode ?? leg.deployment,
    usage: leg.usage,
    usageSource: leg.usageSource,
    latencyMs: leg.latencyMs,
    price,
  };
}

function withHint({ error, retryAfterMs }: ProviderFailure): CostlaneError {
  if (retryAfterMs === undefined || error.retryAfterMs !== undefined) return error;
  return new CostlaneError(error.code, error.message, { field: error.field, retryAfterMs });
}

/** Tenths of a millisecond, as calls count them. */
const addMs = (a: number, b = 0): number => Math.round((a + b) * 10) / 10;
const latencyOf = (calls: readonly TargetCall[]): number =>
  calls.reduce((sum, { outcome }) => addMs(sum, outcome.latencyMs), 0);
