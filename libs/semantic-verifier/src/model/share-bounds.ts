/**
 * Quantile of the gamma distribution with the given shape and rate 1, by Wilson and Hilferty's cube root (1931): within 2 % for shapes from 0.5 on,
 * in the range asked for here. `z`: standard normal quantile, 1.2816 for 90 %, -1.2816 for 10 %.
 */
export function gammaQuantile(shape: number, z: number): number {
  const root = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape));
  return shape * Math.max(0, root) ** 3;
}

export interface ShareBounds {
  low: number;
  high: number;
}

/**
 * Credible interval of a rare event's share after `wrong` in `trials` (gamma posterior of a Poisson rate, with `priorWrong` in `priorTrials` believed
 * beforehand). `z` sets its width on each side.
 */
export function shareBounds(
  wrong: number,
  trials: number,
  z: number,
  priorWrong = 0.5,
  priorTrials = 0.5,
): ShareBounds {
  const shape = wrong + priorWrong;
  const rate = trials + priorTrials;
  return { low: Math.min(1, gammaQuantile(shape, -z) / rate), high: Math.min(1, gammaQuantile(shape, z) / rate) };
}
