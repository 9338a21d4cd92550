/** Uniform numbers in [0, 1) that depend on the seed alone (SplitMix32). */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
}

/** A fold number for each of `count` rows, folds of equal size, by the seed. */
export function drawFolds(count: number, folds: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  const drawn = Uint8Array.from({ length: count }, (_, row) => row % folds);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = drawn[last] as number;
    drawn[last] = drawn[other] as number;
    drawn[other] = kept;
  }
  return drawn;
}
