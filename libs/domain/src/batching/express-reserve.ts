/** Express work waits longer than its target this seldom. */
const maxMissShare = 0.03;
/** Where express work is rarer than this, nothing is kept free for it. */
const leastShare = 0.005;
/** Never more of a target's places than this: what is kept free is lost to the other lanes, and near the limit that alone would overload them. */
const maxReservedShare = 0.125;

export interface CallFlow {
  /** Share of the calls that are express, 0 to 1. */
  readonly expressShare: number;
  /** Calls that begin, and so places that become free. */
  readonly callsPerMs: number;
  readonly places: number;
  /** Of express work's wait. */
  readonly targetMs: number;
}

/**
 * Places that only express work may take (trunk reservation: Ross, "Multiservice Loss Models for Broadband Telecommunication Networks", 1995, chapter 4). While other lanes fill every place that becomes free,
 * express work would wait for the next call to end, which is longer than its target. Each ended call gives a reserved place back, so that with a share `s` of the calls being express the reserve is a queue M/M/1 of
 * load `s`: express work waits longer than `t` with probability `s^places × e^(−callsPerMs × (1 − s) × t)`. The fewest places that keep this at 3 %, which leaves something for arrivals that are less even.
 */
export function expressReserve({ expressShare, callsPerMs, places, targetMs }: CallFlow): number {
  if (!(expressShare >= leastShare)) return 0;
  const most = Math.floor(places * maxReservedShare);
  if (expressShare >= 1) return most;
  const patience = callsPerMs * (1 - expressShare) * targetMs;
  const wanted = Math.ceil((Math.log(maxMissShare) + patience) / Math.log(expressShare));
  return Math.min(most, Math.max(1, wanted));
}
