import { hashPair, type Tokens } from '../features/scan-tokens';

/** Weights of pairs of neighbouring tokens, by the pairs' hashes. */
export interface PairWeights {
  readonly keys: Int32Array;
  /** How rare a pair is (inverse document frequency). */
  readonly rarities: Float32Array;
  readonly weights: Float32Array;
  /** The prediction for a text without a known pair. */
  readonly base: number;
}

/** Predicted difference of success, strong minus weak, by the pairs of tokens in a text. */
export type PairScorer = (tokens: Tokens) => number;

/** What a pair that comes so many times counts: 1 + ln(times), as in sublinear TF-IDF. */
export const termWeight = (times: number): number => (times === 1 ? 1 : 1 + Math.log(times));

/** A linear model over the unit-length TF-IDF vector of a text's pairs, in an open-addressed table: some ns a token. */
export function createPairScorer({ keys, rarities, weights, base }: PairWeights): PairScorer {
  let size = 16;
  while (size < keys.length * 3) size *= 2;
  const mask = size - 1;
  const slots = new Int32Array(size).fill(-1);
  for (let entry = 0; entry < keys.length; entry += 1) {
    let slot = (keys[entry] as number) & mask;
    while (slots[slot] !== -1) slot = (slot + 1) & mask;
    slots[slot] = entry;
  }
  const times = new Uint16Array(keys.length);
  const touched = new Int32Array(8_192);
  return ({ count, hashes }) => {
    let touchedCount = 0;
    for (let token = 1; token < count; token += 1) {
      const key = hashPair(hashes[token - 1] as number, hashes[token] as number);
      let slot = key & mask;
      let entry = slots[slot] as number;
      while (entry !== -1 && keys[entry] !== key) {
        slot = (slot + 1) & mask;
        entry = slots[slot] as number;
      }
      if (entry === -1) continue;
      if (times[entry] === 0) touched[touchedCount++] = entry;
      times[entry] = (times[entry] as number) + 1;
    }
    let sum = 0;
    let squares = 0;
    for (let at = 0; at < touchedCount; at += 1) {
      const entry = touched[at] as number;
      const value = termWeight(times[entry] as number) * (rarities[entry] as number);
      sum += value * (weights[entry] as number);
      squares += value * value;
      times[entry] = 0;
    }
    return squares === 0 ? base : base + sum / Math.sqrt(squares);
  };
}
