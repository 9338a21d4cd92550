/** Vectors for specs: seeded, so that a failing case can be repeated. */
export interface VectorSource {
  /** A uniform number in [0, 1). */
  next(): number;
  /** A unit vector in a random direction. */
  direction(): Float32Array;
  /** A unit vector at the given cosine from another one, in a random direction from there. */
  near(vector: Float32Array, cosine: number): Float32Array;
}

/** A small seeded generator (mulberry32). */
function createUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function createVectorSource(dimension: number, seed: number): VectorSource {
  const next = createUniform(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const direction = (): Float32Array => {
    const vector = new Float32Array(dimension);
    for (let i = 0; i < dimension; i++) vector[i] = normal();
    return toUnit(vector);
  };
  return {
    next,
    direction,
    near(vector, cosine) {
      const other = direction();
      const along = cosineOf(vector, other);
      // The part of `other` across `vector` has the length √(1 − along²).
      const across = Math.sqrt((1 - cosine * cosine) / (1 - along * along));
      const near = new Float32Array(dimension);
      for (let i = 0; i < dimension; i++) {
        const value = vector[i] as number;
        near[i] = cosine * value + across * ((other[i] as number) - along * value);
      }
      return toUnit(near);
    },
  };
}

/** Scales a vector to unit length, in place. */
export function toUnit(vector: Float32Array): Float32Array {
  const factor = 1 / Math.sqrt(cosineOf(vector, vector));
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) * factor;
  return vector;
}

/** Product of two vectors: of unit vectors, their cosine. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/**
 * Vectors that lie as those of prompts do: topics, in them subjects, in them wordings. Members of one subject are at a cosine of
 * about 0.75, of one topic 0.4, others near 0.
 */
export function clusteredVectors(source: VectorSource, count: number): Float32Array[] {
  const topics = Array.from({ length: Math.max(2, Math.round(count / 400)) }, () => source.direction());
  const subjects = Array.from({ length: Math.max(4, Math.round(count / 12)) }, () =>
    source.near(topics[Math.floor(source.next() * topics.length)] ?? source.direction(), 0.73),
  );
  return Array.from({ length: count }, () =>
    source.near(subjects[Math.floor(source.next() * subjects.length)] ?? source.direction(), 0.87),
  );
}
