/** Brings a vector to length one, in place; zeros stay zeros. Returns it. */
export function toUnitLength(vector: Float32Array): Float32Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i += 1) sum += (vector[i] as number) ** 2;
  if (sum === 0) return vector;
  const factor = 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i += 1) (vector[i] as number) *= factor;
  return vector;
}
