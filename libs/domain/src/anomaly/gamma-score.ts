/**
 * How many standard deviations an amount lies above its mean, for amounts that are sums of few, skewed parts: as a gamma variable of that mean and
 * variance, made normal by the cube root (Wilson and Hilferty, "The distribution of chi-square", PNAS 17, 1931). With few calls this asks for far more than
 * a z-score, whose tail such sums pass all the time. Positive `mean` and `variance`; the unit does not matter.
 */
export function gammaScore(amount: number, mean: number, variance: number): number {
  const shape = (mean * mean) / variance;
  const spread = 1 / (9 * shape);
  return (Math.cbrt(amount / mean) - (1 - spread)) / Math.sqrt(spread);
}

/**
 * The same for amounts that come in bursts: as a log-normal variable of that mean and variance, whose tail is heavier than a gamma's where the variance is large against the square of the mean.
 */
export function logNormalScore(amount: number, mean: number, variance: number): number {
  const square = Math.log(1 + variance / (mean * mean));
  return (Math.log(amount / mean) + square / 2) / Math.sqrt(square);
}

/** What both have to say: whichever asks for more. */
export const surpriseScore = (amount: number, mean: number, variance: number): number =>
  amount > 0 ? Math.min(gammaScore(amount, mean, variance), logNormalScore(amount, mean, variance)) : -Infinity;
