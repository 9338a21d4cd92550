import { createHash } from 'node:crypto';
import type { Embedder } from '@costlane/embedding';
import type { PairVerifier } from '@costlane/semantic-verifier';

const DIMENSION = 64;
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

/** Vectors that are near where texts share words; counts how many texts it was asked for. */
export function wordEmbedder(): Embedder & { texts: string[]; failing: Error | undefined } {
  const embedder: Embedder & { texts: string[]; failing: Error | undefined } = {
    texts: [],
    failing: undefined,
    modelId: 'words',
    dimension: DIMENSION,
    async embed(texts) {
      if (embedder.failing) throw embedder.failing;
      embedder.texts.push(...texts);
      return texts.map(vectorOf);
    },
    close: async () => undefined,
  };
  return embedder;
}

export function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(DIMENSION);
  for (const word of wordsOf(text)) {
    const digest = createHash('sha1').update(word).digest();
    for (let at = 0; at < DIMENSION; at++)
      vector[at] = (vector[at] ?? 0) + ((digest[at % 20] ?? 0) - 127.5) * (at < 20 ? 1 : 0.5);
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((x) => x / length);
}

/** Questions are the same when they have the same words; a different number is a veto. */
export const wordVerifier: PairVerifier = {
  modelId: 'words',
  prepare: (text) => ({ text }),
  judge(asked, kept) {
    const [one, other] = [wordsOf(asked.text), wordsOf(kept.text)];
    const numbers = [one, other].map((words) => words.filter((word) => /\d/.test(word)).join());
    if (numbers[0] !== numbers[1]) return { probability: 0, veto: 'number' };
    const shared = one.filter((word) => other.includes(word)).length;
    return { probability: shared / Math.max(1, one.length, other.length) };
  },
  thresholdFor: () => 0.5,
};
