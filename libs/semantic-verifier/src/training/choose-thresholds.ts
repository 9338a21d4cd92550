import type { ThresholdPoint } from '../model/verifier-weights';

/** Scores that training did not help to make: of rows left out by folds, or of whole sources left out. */
export interface HeldOutScores {
  /** Calibrated probabilities; 0 for a pair that a veto refuses. */
  probabilities: Float64Array;
  labels: Uint8Array;
  sources: readonly string[];
}

/** False-hit rates with a threshold of their own; between them the lower one's counts. */
export const tabledRates = [0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08, 0.1] as const;

/** No pair reaches it. */
const never = 2;

export interface ThresholdOptions {
  /** Sources with fewer different pairs are put together: alone they prove nothing. */
  minDifferentPairs: number;
  /** How far above the observed rate the assumed one lies, in standard errors. */
  confidenceZ: number;
  /** A single source may pass the aimed rate by this factor; all sources together, equally weighted, may not pass it. */
  sourceSlack: number;
}

/** For sources left out whole: a quarter above the aimed rate, so that one worse than all of these stays within a half. */
export const defaultThresholdOptions: ThresholdOptions = { minDifferentPairs: 100, confidenceZ: 1, sourceSlack: 1.25 };

/** For an operator's own pairs: the traffic is the one that they were taken from, so less is kept back. */
export const adaptedThresholdOptions: ThresholdOptions = { ...defaultThresholdOptions, confidenceZ: 0.5 };

/** Upper end of the Wilson interval of a share, `z` standard errors wide on each side. */
export function wilsonUpper(hits: number, trials: number, z: number): number {
  if (trials === 0) return 1;
  const share = hits / trials;
  const z2 = z * z;
  const centre = share + z2 / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials));
  return Math.min(1, (centre + spread) / (1 + z2 / trials));
}

/** Lower end of the same interval. */
export const wilsonLower = (hits: number, trials: number, z: number): number =>
  trials === 0 ? 0 : 1 - wilsonUpper(trials - hits, trials, z);

/**
 * For every tabled rate the lowest probability at which the rate holds on each source by itself (upper confidence bound, with the slack) and on
 * all of them as if they were of one size. A rate that the evidence cannot show gets a threshold that nothing reaches.
 */
export function chooseThresholds(
  scores: HeldOutScores,
  options: ThresholdOptions = defaultThresholdOptions,
): ThresholdPoint[] {
  const groups = differentBySource(scores, options.minDifferentPairs);
  return tabledRates.map((falseHitRate) => {
    let probability = thresholdOfAll(groups, falseHitRate, options.confidenceZ);
    for (const group of groups)
      probability = Math.max(probability, thresholdOf(group, falseHitRate * options.sourceSlack, options.confidenceZ));
    return { falseHitRate, probability };
  });
}

/** Probabilities of each source's different pairs, descending; small sources as one. */
function differentBySource({ probabilities, labels, sources }: HeldOutScores, minPairs: number): Float64Array[] {
  const bySource = new Map<string, number[]>();
  probabilities.forEach((probability, row) => {
    if (labels[row] === 1) return;
    const source = sources[row] as string;
    const known = bySource.get(source);
    if (known) known.push(probability);
    else bySource.set(source, [probability]);
  });
  const groups = [...bySource.values()];
  const small = groups.filter(({ length }) => length < minPairs).flat();
  const large = groups.filter(({ length }) => length >= minPairs);
  if (small.length > 0) large.push(small);
  return large.map((group) => Float64Array.from(group).sort().reverse());
}

/** Whether so many pairs can show a rate that low: not one among them may be wrong, and one more wrong one must not pass the rate by half. */
const canShow = (maxRate: number, trials: number, z: number): boolean =>
  wilsonUpper(0, trials, z) <= maxRate && 1 / (trials + 1) <= 1.5 * maxRate;

/** Just above the first pair that would be one too many. */
function thresholdOf(descending: Float64Array, maxRate: number, z: number): number {
  if (!canShow(maxRate, descending.length, z)) return never;
  let allowed = 0;
  while (allowed < descending.length && wilsonUpper(allowed + 1, descending.length, z) <= maxRate) allowed += 1;
  const tooMany = descending[allowed];
  return tooMany === undefined ? 0 : tooMany + 1e-9;
}

function thresholdOfAll(groups: readonly Float64Array[], maxRate: number, z: number): number {
  const shares = groups.flatMap((group) =>
    Array.from(group, (probability) => ({ probability, share: 1 / (group.length * groups.length) })),
  );
  shares.sort((first, second) => second.probability - first.probability);
  const pairs = shares.length;
  if (!canShow(maxRate, pairs, z)) return never;
  let rate = 0;
  for (const { probability, share } of shares) {
    rate += share;
    if (wilsonUpper(rate * pairs, pairs, z) > maxRate) return probability + 1e-9;
  }
  return 0;
}
