import type { Lane } from './lane';

/** The parts of a lane that the choice looks at. */
export interface Choosable {
  credit: number;
  readonly deployment: { readonly weight: number };
  isReady(nowMs: number): boolean;
}

/**
 * One of the lanes where a call would go out at once, by weight (smooth weighted round robin, as nginx has it: no bursts to the heavy
 * one); undefined when there is none but the one to be avoided.
 */
export function chooseReadyLane<T extends Choosable>(lanes: readonly T[], nowMs: number, avoid?: T): T | undefined {
  let chosen: T | undefined;
  let totalWeight = 0;
  for (const lane of lanes) {
    if (lane === avoid || !lane.isReady(nowMs)) continue;
    lane.credit += lane.deployment.weight;
    totalWeight += lane.deployment.weight;
    if (!chosen || lane.credit > chosen.credit) chosen = lane;
  }
  if (chosen) chosen.credit -= totalWeight;
  return chosen;
}

/**
 * Where no lane is ready: the one that is worth waiting for. Those whose key is left alone come last (a key that was refused may have been
 * mended, and nothing else is left), those with an open circuit not at all.
 */
export function chooseLaneToWaitFor(lanes: readonly Lane[], nowMs: number): Lane | undefined {
  let chosen: Lane | undefined;
  for (const lane of lanes) {
    if (!lane.breaker.wouldAdmit(nowMs)) continue;
    if (!chosen || isSooner(lane, chosen, nowMs)) chosen = lane;
  }
  return chosen;
}

function isSooner(one: Lane, other: Lane, nowMs: number): boolean {
  const byKey = one.coolForMs(nowMs) - other.coolForMs(nowMs);
  if (byKey !== 0) return byKey < 0;
  const byBlock = one.limit.blockedForMs(nowMs) - other.limit.blockedForMs(nowMs);
  if (byBlock !== 0) return byBlock < 0;
  return one.limit.queued / one.limit.limit < other.limit.queued / other.limit.limit;
}
