import { priorities, type Priority } from '@costlane/contracts';
import { CostlaneError, type ErrorCode, type TokenUsage } from '@costlane/domain';
import type { ProviderFailure, ProviderLeg, ProviderOutcome, ProviderRequest } from '@costlane/providers';
import { Cancellation } from '@costlane/resilience';
import { joinInputs, type EmbeddingInputs } from './read-inputs';
import { shareUsage } from './share-usage';
import { splitAnswer } from './split-answer';

/** A request that may go with others of its shape. */
export interface ArrayMember {
  request: ProviderRequest;
  asked: EmbeddingInputs;
  /** Makes a call as this member's own. */
  call(request: ProviderRequest): Promise<ProviderOutcome>;
}

export interface ArrayEvents {
  onSent(requests: number, inputs: number): void;
  onHalved(): void;
  onAnswerSize(shape: string, bytesPerInput: number): void;
}

/** What may be the fault of one of them, so that the others would be answered without it. */
const ofOneOfThem: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'upstream_rejected',
  'context_length_exceeded',
  'invalid_request',
  // An answer that is too large, or has not as many vectors as there were inputs.
  'upstream_malformed',
]);

/**
 * Asks a provider for several requests of one shape by one call, and gives each its own vectors and its own share of what the call took; the
 * requests to the provider count for the first one. Where the call fails for what may be the fault of one of them it is made anew in two halves, down to
 * each by itself: among n that costs 2·log₂ n calls more for each that is at fault. Other failures are everybody's. The call is aborted only
 * when nobody waits any more. Rejects only where a member's own call does.
 */
export async function callArray(members: readonly ArrayMember[], events: ArrayEvents): Promise<ProviderOutcome[]> {
  const [first] = members;
  if (!first) return [];
  if (members.length === 1) return [await first.call(first.request)];
  const inputs = members.reduce((sum, { asked }) => sum + asked.inputs.length, 0);
  events.onSent(members.length, inputs);
  const shared = new SharedSignal(members.map(({ request }) => request));
  const outcome = await first.call(requestOf(members, shared.cancellation));
  shared.dispose();
  if (outcome.ok && outcome.body) {
    const answer = splitAnswer(outcome.body, inputs);
    if (answer) {
      events.onAnswerSize(first.asked.shape, outcome.body.length / inputs);
      return inParts(members, outcome, (from, count, usage) => answer.part(from, count, usage));
    }
  }
  const isAskedAnew = outcome.ok || (ofOneOfThem.has(outcome.error.code) && !shared.cancellation.aborted);
  return isAskedAnew ? inHalves(members, outcome, events) : inParts(members, outcome);
}

function requestOf(members: readonly ArrayMember[], signal: Cancellation): ProviderRequest {
  const requests = members.map(({ request }) => request);
  const [first] = requests as [ProviderRequest, ...ProviderRequest[]];
  return {
    ...first,
    body: joinInputs(members.map(({ asked }) => asked)),
    priority: mostUrgent(requests),
    deadlineAtMs: Math.max(...requests.map(({ deadlineAtMs }) => deadlineAtMs)),
    // A slow and cheap service tier is for those who have all said that they can wait.
    isDeadlineExplicit: requests.every(({ isDeadlineExplicit }) => isDeadlineExplicit) || undefined,
    othersLeft: Math.min(...requests.map(({ othersLeft = 0 }) => othersLeft)),
    signal,
  };
}

const mostUrgent = (requests: readonly ProviderRequest[]): Priority | undefined =>
  priorities.find((priority) => requests.some((request) => (request.priority ?? 'standard') === priority));

/** Each member's part of what came of a call for all of them. */
function inParts(
  members: readonly ArrayMember[],
  outcome: ProviderOutcome,
  bodyOf?: (from: number, count: number, usage: TokenUsage | undefined) => Buffer,
): ProviderOutcome[] {
  const weights = members.map(({ asked }) => asked.tokens);
  const usages = outcome.usage && shareUsage(outcome.usage, weights);
  const legs = shareLegs(outcome.otherLegs, weights);
  const nowMs = Date.now();
  let from = 0;
  return members.map(({ request, asked }, index) => {
    const count = asked.inputs.length;
    const own: OwnPart = {
      usage: usages?.[index],
      upstreamCalls: index === 0 ? outcome.upstreamCalls : 0,
      ...(legs[index] ? { otherLegs: legs[index] } : {}),
    };
    const told = outcome.usageSource === 'provider' ? own.usage : undefined;
    const late = outcome.ok ? goneReason(request, nowMs) : undefined;
    const part = late
      ? tooLate(late, outcome, own)
      : { ...outcome, ...own, ...(bodyOf && { body: bodyOf(from, count, told) }) };
    from += count;
    return part;
  });
}

type OwnPart = Pick<ProviderOutcome, 'usage' | 'upstreamCalls' | 'otherLegs'>;

/** Who has gone gets nothing, but their share of the call was made and is to be paid. */
function tooLate(error: CostlaneError, outcome: ProviderOutcome, own: OwnPart): ProviderFailure {
  const { usageSource, latencyMs, modelUsed, serviceTier } = outcome;
  return { ok: false, error, usageSource, latencyMs, modelUsed, serviceTier, hasDelivered: false, ...own };
}

function goneReason({ signal, deadlineAtMs }: ProviderRequest, nowMs: number): CostlaneError | undefined {
  if (signal.aborted) return new CostlaneError('cancelled', 'The request was cancelled.');
  if (deadlineAtMs > nowMs) return undefined;
  return new CostlaneError('deadline_exceeded', 'The deadline passed before the answer was complete.');
}

function shareLegs(
  legs: readonly ProviderLeg[] | undefined,
  weights: readonly number[],
): (ProviderLeg[] | undefined)[] {
  if (!legs) return [];
  const shares = legs.map(({ usage }) => usage && shareUsage(usage, weights));
  return weights.map((_, index) => legs.map((leg, at) => ({ ...leg, usage: shares[at]?.[index] })));
}

/** Makes a call that came to nothing anew, in two parts; what it took stays on the bill of those that it was made for. */
async function inHalves(
  members: readonly ArrayMember[],
  failed: ProviderOutcome,
  events: ArrayEvents,
): Promise<ProviderOutcome[]> {
  events.onHalved();
  const middle = Math.ceil(members.length / 2);
  const halves = [members.slice(0, middle), members.slice(middle)];
  const outcomes = (await Promise.all(halves.map((half) => callArray(half, events)))).flat();
  const lost = shareLegs(
    lostLegs(failed),
    members.map(({ asked }) => asked.tokens),
  );
  return outcomes.map((outcome, index) => {
    const otherLegs = [...(lost[index] ?? []), ...(outcome.otherLegs ?? [])];
    const upstreamCalls = outcome.upstreamCalls + (index === 0 ? failed.upstreamCalls : 0);
    return { ...outcome, upstreamCalls, ...(otherLegs.length > 0 ? { otherLegs } : {}) };
  });
}

function lostLegs({ usage, usageSource, latencyMs, otherLegs = [] }: ProviderOutcome): ProviderLeg[] | undefined {
  const own: ProviderLeg[] = usage
    ? [{ reason: 'retry', usage, usageSource, latencyMs, errorCode: 'upstream_malformed' }]
    : [];
  const legs = [...otherLegs, ...own];
  return legs.length > 0 ? legs : undefined;
}

/** Aborts when every one of several requests has been given up. */
class SharedSignal {
  readonly cancellation = new Cancellation();
  private left: number;

  constructor(private readonly requests: readonly ProviderRequest[]) {
    const waiting = requests.filter(({ signal }) => !signal.aborted);
    this.left = waiting.length;
    for (const { signal } of waiting) signal.addEventListener('abort', this);
    if (this.left === 0) this.cancellation.abort();
  }

  handleEvent(): void {
    if (--this.left === 0) this.cancellation.abort();
  }

  dispose(): void {
    for (const { signal } of this.requests) signal.removeEventListener('abort', this);
  }
}
