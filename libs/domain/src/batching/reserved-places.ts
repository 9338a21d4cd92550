/** Where calls are rarer than this among the others, nothing is kept free for them. */
const leastShare = 0.005;

export interface ExpectedCalls {
  /** Share of the calls that the places are kept for, 0 to 1. */
  readonly share: number;
  /** Calls that begin, and so places that become free. */
  readonly callsPerMs: number;
  readonly places: number;
  /** Of the wait of those calls. */
  readonly targetMs: number;
  /** Share of them that may wait longer than the target while all other places are taken; 1 and above: they need not be kept any. */
  readonly missShare: number;
  /** Never more of the places than this: what is kept free is lost to the others, and near the limit that alone would overload them. */
  readonly mostShare: number;
}

/**
 * Places that only some calls may take (trunk reservation: Ross, "Multiservice Loss Models for Broadband Telecommunication Networks", 1995, chapter 4). While others fill every place that becomes
 * free, those calls would wait for the next one to end. Each ended call gives a reserved place back, so that with a share `s` of the calls being of that kind the reserve is a queue M/M/1 of
 * load `s`: they wait longer than `t` with probability `s^places × e^(−callsPerMs × (1 − s) × t)`. Gives the fewest places that keep this at `missShare`.
 */
export function reservedPlaces({ share, callsPerMs, places, targetMs, missShare, mostShare }: ExpectedCalls): number {
  if (!(share >= leastShare) || missShare >= 1) return 0;
  const most = Math.floor(places * mostShare);
  if (share >= 1) return most;
  const patience = callsPerMs * (1 - share) * targetMs;
  const wanted = Math.ceil((Math.log(missShare) + patience) / Math.log(share));
  return Math.min(most, Math.max(0, wanted));
}
