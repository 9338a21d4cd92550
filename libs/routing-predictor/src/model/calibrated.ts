import type { GainCalibration } from './router-weights';

/** Probability that only the strong model succeeds, from a score; rises strictly with it. */
export function calibrated({ slope, scores, logOdds }: GainCalibration, score: number): number {
  const last = scores.length - 1;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (score < (scores[middle] as number)) high = middle;
    else low = middle;
  }
  const [from, to] = [scores[low] as number, scores[high] as number];
  const [start, end] = [logOdds[low] as number, logOdds[high] as number];
  let odds: number;
  if (score <= from) odds = start + slope * (score - from);
  else if (score >= to || to <= from) odds = end + slope * (score - to);
  else odds = start + ((end - start) * (score - from)) / (to - from);
  return 1 / (1 + Math.exp(-odds));
}
