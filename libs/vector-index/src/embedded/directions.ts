/** Directions that sketches are made of. */
export const DIRECTIONS = 128;

export interface Directions {
  /** int8[128][paddedDimension]. */
  rows: Int8Array;
  /** What one step of a row is worth. */
  scales: Float32Array;
}

/**
 * 128 random directions, orthogonal to one another as far as the dimension allows (always the same, so that nothing has to be stored):
 * random ones need no training and no renewal when the data changes; orthogonal ones estimate better.
 */
export function createDirections(dimension: number, paddedDimension: number): Directions {
  const normal = createNormal(20_260_101);
  const rows = new Int8Array(DIRECTIONS * paddedDimension);
  const scales = new Float32Array(DIRECTIONS);
  let group: Float64Array[] = [];
  for (let row = 0; row < DIRECTIONS; row++) {
    if (group.length === dimension) group = [];
    const direction = orthogonalTo(group, Float64Array.from({ length: dimension }, normal));
    group.push(direction);
    const most = direction.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    direction.forEach((value, i) => (rows[row * paddedDimension + i] = Math.round((127 * value) / most)));
    scales[row] = most / 127;
  }
  return { rows, scales };
}

/** The vector less its shares along unit vectors, at unit length. */
function orthogonalTo(others: readonly Float64Array[], vector: Float64Array): Float64Array {
  for (const other of others) {
    let along = 0;
    for (let i = 0; i < vector.length; i++) along += (vector[i] ?? 0) * (other[i] ?? 0);
    for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - along * (other[i] ?? 0);
  }
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

/** Normally distributed numbers from a small seeded generator (mulberry32, Box-Muller). */
function createNormal(seed: number): () => number {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
