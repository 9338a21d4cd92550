import type { Behaviour } from './behaviour';
import type { SeededRandom } from './seeded-random';

/** The 95th percentile of the standard normal distribution. */
const zOf95 = 1.6448536269514722;

/**
 * The wait before the response headers in milliseconds: fixed, or drawn from the log-normal distribution with the
 * given median and 95th percentile (mu = ln p50, sigma = (ln p95 - ln p50) / z95).
 */
export function drawLatencyMs(behaviour: Behaviour, random: SeededRandom): number {
  const { latencyP50Ms, latencyP95Ms } = behaviour;
  if (latencyP50Ms === undefined || latencyP95Ms === undefined) return behaviour.latencyMs ?? 0;
  const sigma = Math.log(latencyP95Ms / latencyP50Ms) / zOf95;
  return latencyP50Ms * Math.exp(sigma * random.nextNormal());
}
