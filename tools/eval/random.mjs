// Numbers that follow from names alone, so that a simulation gives the same figures again, in whatever order it is run.
import { createHash } from 'node:crypto';

/** Uniform in [0, 1), the same for the same parts. */
export const drawOf = (...parts) =>
  createHash('sha256').update(JSON.stringify(parts)).digest().readUIntBE(0, 6) / 2 ** 48;

/** A stream of uniform numbers from a seed (mulberry32). */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 95 % interval of the mean of `values` by resampling them (percentile bootstrap, Efron 1979). */
export function bootstrapMean(values, seed, resamples = 2_000) {
  if (values.length === 0) return null;
  const random = createRandom(seed);
  const means = new Float64Array(resamples);
  for (let at = 0; at < resamples; at += 1) {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn += 1) sum += values[Math.floor(random() * values.length)];
    means[at] = sum / values.length;
  }
  means.sort();
  return [means[Math.floor(0.025 * (resamples - 1))], means[Math.ceil(0.975 * (resamples - 1))]];
}
