/** Express work finds all reserved places taken this seldom. */
const maxMissShare = 0.05;
/** Where express work is rarer than this, nothing is kept free for it. */
const leastShare = 0.005;
/** Never more of a target's places than this. */
const maxReservedShare = 0.25;

/**
 * Places that only express work may take (trunk reservation: Ross, "Multiservice Loss Models for Broadband Telecommunication Networks", 1995, chapter 4). While other lanes fill every place that becomes free,
 * express work would wait for the next call to end, which is longer than its target. Each ended call gives a reserved place back; with a share `s` of the
 * calls being express the reserve empties as often as a queue M/M/1 of load `s` holds that many: `s^places`. Taken so that this is below 5 %.
 */
export function expressReserve(expressShare: number, places: number): number {
  if (!(expressShare >= leastShare)) return 0;
  const most = Math.floor(places * maxReservedShare);
  if (expressShare >= 1) return most;
  return Math.min(most, Math.max(1, Math.ceil(Math.log(maxMissShare) / Math.log(expressShare))));
}
