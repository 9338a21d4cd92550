import { CostlaneError } from '@costlane/domain';
import { cancellableDelay } from '@costlane/resilience';
import type { ProviderRequest } from '../provider';
import { chooseLaneToWaitFor, chooseReadyLane } from './choose-lane';
import type { Entry, Lane } from './lane';
import type { ModelState } from './model-state';
import { PASS_OVER_MS } from './patience';

/** Circuits may open while a call waits for its turn; then it looks for another lane, so often. */
const MAX_TURNS = 3;

/**
 * Leave to make one call, at a deployment that is ready or, after a wait in its queue, at one that was not; else the error to answer with. At
 * once, without a promise, where nothing stands in the way.
 */
export function enterLane(
  provider: string,
  state: ModelState,
  request: ProviderRequest,
  avoid?: Lane,
): Entry | CostlaneError | Promise<Entry | CostlaneError> {
  const nowMs = Date.now();
  const ready = chooseReadyLane(state.lanes, nowMs, avoid) ?? (avoid?.isReady(nowMs) ? avoid : undefined);
  const entry = ready && enterReady(ready, nowMs);
  if (entry) return entry;
  return request.isLastResort ? enterAtLast(provider, state, request) : waitForLane(provider, state, request);
}

/** Early probes are few; who comes while one runs waits for its word, so long at the most. */
const LAST_RESORT_WAIT_MS = 1_000;
const LAST_RESORT_POLL_MS = 25;

/** For a call that has nowhere else to go: open circuits are probed early. */
async function enterAtLast(
  provider: string,
  state: ModelState,
  request: ProviderRequest,
): Promise<Entry | CostlaneError> {
  const untilMs = Math.min(request.deadlineAtMs, Date.now() + LAST_RESORT_WAIT_MS);
  for (;;) {
    const nowMs = Date.now();
    const ready = chooseReadyLane(state.lanes, nowMs);
    const entry = (ready && enterReady(ready, nowMs)) ?? enterEarly(state.lanes, nowMs);
    if (entry) return entry;
    const isShut = state.lanes.every(({ breaker }) => !breaker.wouldAdmit(nowMs));
    if (!isShut || nowMs >= untilMs || request.signal.aborted) return waitForLane(provider, state, request);
    await cancellableDelay(LAST_RESORT_POLL_MS, request.signal);
  }
}

function enterEarly(lanes: readonly Lane[], nowMs: number): Entry | undefined {
  for (const lane of lanes) {
    const permit = lane.limit.tryAcquire(nowMs);
    if (!permit) continue;
    const admission = lane.breaker.admitEarly(nowMs);
    if (admission.isAdmitted) return { lane, permit, admission };
    lane.limit.release(permit, 'neutral');
  }
  return undefined;
}

/** At once, or not at all. */
export function enterReady(lane: Lane, nowMs: number): Entry | undefined {
  const permit = lane.limit.tryAcquire(nowMs);
  if (!permit) return undefined;
  const admission = lane.breaker.admit(nowMs);
  if (admission.isAdmitted) return { lane, permit, admission };
  lane.limit.release(permit, 'neutral');
  return undefined;
}

async function waitForLane(
  provider: string,
  state: ModelState,
  { deadlineAtMs, signal, upstreamModel, othersLeft = 0 }: ProviderRequest,
): Promise<Entry | CostlaneError> {
  if (state.lanes.length === 0) {
    return new CostlaneError('model_not_found', `No deployment of ${provider} serves ${upstreamModel}.`);
  }
  for (let turn = 1; turn <= MAX_TURNS; turn++) {
    const nowMs = Date.now();
    const lane = chooseReadyLane(state.lanes, nowMs) ?? chooseLaneToWaitFor(state.lanes, nowMs);
    if (!lane) break;
    // Nobody waits long for a turn while another model may answer.
    const untilMs = othersLeft > 0 ? Math.min(deadlineAtMs, nowMs + PASS_OVER_MS) : deadlineAtMs;
    const turnTaken = await lane.limit.acquire(untilMs, signal);
    if (!turnTaken.isGranted) {
      if (turnTaken.reason === 'cancelled') return new CostlaneError('cancelled', 'The request was cancelled.');
      const message = `As many requests as ${provider} takes for ${upstreamModel} are under way; please try again in a moment.`;
      return new CostlaneError('overloaded', message, { retryAfterMs: turnTaken.retryAfterMs });
    }
    const admission = lane.breaker.admit(Date.now());
    if (admission.isAdmitted) return { lane, permit: turnTaken, admission };
    lane.limit.release(turnTaken, 'neutral');
  }
  const message = `${provider} has failed repeatedly for ${upstreamModel} and is given a rest; please try again in a moment.`;
  return new CostlaneError('circuit_open', message, { retryAfterMs: Math.max(1, state.closedForMs(Date.now())) });
}
