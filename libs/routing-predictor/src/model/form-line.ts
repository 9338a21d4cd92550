/** A linear model over standardised features; values beyond 4 standard deviations count as 4. */
export interface FormLine {
  readonly base: number;
  readonly means: Float32Array;
  readonly deviations: Float32Array;
  readonly weights: Float32Array;
}

const furthest = 4;

export const standardised = (value: number, mean: number, deviation: number): number =>
  Math.min(furthest, Math.max(-furthest, (value - mean) / deviation));

export function scoreForm({ base, means, deviations, weights }: FormLine, features: Float32Array): number {
  let sum = base;
  for (let at = 0; at < weights.length; at += 1)
    sum +=
      (weights[at] as number) * standardised(features[at] as number, means[at] as number, deviations[at] as number);
  return sum;
}
