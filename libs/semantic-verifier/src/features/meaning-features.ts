import type { Leftover, FeatureGroup } from './pair-context';
import { writeAll } from './pair-context';
import type { Side } from './align';
import { addTo, dot } from './vectors';

/** Words left over on a side whose vectors are summed: enough for any question, and a bound for long texts. */
const MAX_SUMMED = 32;

function sumOf({ words }: Leftover, into: Float32Array): number {
  into.fill(0);
  for (let index = 0; index < words.length && index < MAX_SUMMED; index++) {
    const word = words[index];
    if (word !== undefined) addTo(into, word.entry.vector);
  }
  return Math.sqrt(dot(into, into));
}

/** Mean, by weight, of the likeness of the words left on a side to the nearest word left on the other. */
function nearestMean({ words, places }: Leftover, side: Side): number {
  if (words.length === 0) return 1;
  let sum = 0;
  let weights = 0;
  for (let index = 0; index < words.length && index < MAX_SUMMED; index++) {
    const weight = words[index]?.entry.weight ?? 0;
    sum += weight * (side.nearest[places[index] ?? 0] ?? 0);
    weights += weight;
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
    fill: ({ a, b, leftA, leftB, alignment, denseCosine }, into, offset) => {
      const normA = sumOf(leftA, sumA);
      const normB = sumOf(leftB, sumB);
      const product = dot(sumA, sumB);
      const nearest = [nearestMean(leftA, alignment.a), nearestMean(leftB, alignment.b)];
      const whole = dot(a.vector, b.vector);
      writeAll(
        [
          whole,
          dot(a.contentVector, b.contentVector),
          normA > 0 && normB > 0 ? product / (normA * normB) : Number.NaN,
          Math.min(normA, normB),
          Math.max(normA, normB),
          Math.sqrt(Math.max(0, normA * normA + normB * normB - 2 * product)),
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
