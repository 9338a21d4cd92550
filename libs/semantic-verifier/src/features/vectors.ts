/** Dot product. Four sums side by side: one alone waits for each addition before the next. */
export function dot(a: Float32Array, b: Float32Array): number {
  const size = a.length;
  const even = size - (size % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let index = 0; index < even; index += 4) {
    s0 += (a[index] as number) * (b[index] as number);
    s1 += (a[index + 1] as number) * (b[index + 1] as number);
    s2 += (a[index + 2] as number) * (b[index + 2] as number);
    s3 += (a[index + 3] as number) * (b[index + 3] as number);
  }
  for (let index = even; index < size; index++) s0 += (a[index] as number) * (b[index] as number);
  return s0 + s1 + (s2 + s3);
}

export function addTo(into: Float32Array, vector: Float32Array): void {
  for (let index = 0; index < into.length; index++) (into[index] as number) += vector[index] as number;
}

/** Brings a vector to length 1 in place; zeros stay. */
export function normalize(vector: Float32Array): void {
  const length = Math.sqrt(dot(vector, vector));
  if (length === 0) return;
  for (let index = 0; index < vector.length; index++) (vector[index] as number) /= length;
}

interface Weighted {
  readonly vector: Float32Array;
  /** Its length. */
  readonly weight: number;
}

/** Cosine of two vectors whose lengths are known; 0 where one has none. */
export function cosine(a: Weighted, b: Weighted): number {
  const lengths = a.weight * b.weight;
  return lengths === 0 ? 0 : dot(a.vector, b.vector) / lengths;
}
