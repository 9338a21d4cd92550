import type { Leftover, FeatureGroup } from './pair-context';
import { writeAll } from './pair-context';
import { cosine } from './vectors';

function sumOf(left: Leftover, into: Float32Array): number {
  into.fill(0);
  for (const { entry } of left.words) {
    for (let index = 0; index < into.length; index++)
      into[index] = (into[index] ?? 0) + entry.weight * (entry.vector[index] ?? 0);
  }
  return Math.sqrt(cosine(into, into));
}

/** Words left over on a side whose vectors are looked at. */
const MAX_LEFT = 12;

/** Mean, over the words left on one side, of the likeness to the nearest word left on the other. */
function nearestMean(from: Leftover, to: Leftover): number {
  if (from.words.length === 0) return 1;
  let sum = 0;
  let weights = 0;
  for (const { entry } of from.words.slice(0, MAX_LEFT)) {
    let best = 0;
    for (const other of to.words.slice(0, MAX_LEFT)) best = Math.max(best, cosine(entry.vector, other.entry.vector));
    sum += entry.weight * best;
    weights += entry.weight;
  }
  return weights === 0 ? 1 : sum / weights;
}

/** Cosines: of the whole texts, of their content words, of what is left over on each side. */
export function createMeaningFeatures(dimension: number): FeatureGroup {
  const sumA = new Float32Array(dimension);
  const sumB = new Float32Array(dimension);
  return {
    names: [
      'static_cosine',
      'content_cosine',
      'left_cosine',
      'left_norm_min',
      'left_norm_max',
      'left_distance',
      'nearest_min',
      'nearest_max',
      'dense_cosine',
      'dense_minus_static',
    ],
    fill: ({ a, b, leftA, leftB, denseCosine }, into, offset) => {
      const normA = sumOf(leftA, sumA);
      const normB = sumOf(leftB, sumB);
      const dot = cosine(sumA, sumB);
      const nearest = [nearestMean(leftA, leftB), nearestMean(leftB, leftA)];
      const whole = cosine(a.vector, b.vector);
      writeAll(
        [
          whole,
          cosine(a.contentVector, b.contentVector),
          normA > 0 && normB > 0 ? dot / (normA * normB) : Number.NaN,
          Math.min(normA, normB),
          Math.max(normA, normB),
          Math.sqrt(Math.max(0, normA * normA + normB * normB - 2 * dot)),
          Math.min(...nearest),
          Math.max(...nearest),
          denseCosine,
          denseCosine - whole,
        ],
        into,
        offset,
      );
    },
  };
}
