import { standardised, type FormLine } from '../model/form-line';
import { differenceOf } from './fit-pairs';
import type { PromptFeatures } from './read-features';

/** Ridge regression of strong − weak on standardised form features, over the prompts without options among the given rows. */
export function fitOpenForm(features: PromptFeatures, chosen: Int32Array, ridge: number): FormLine {
  const rows = chosen.filter((row) => features.form[row]?.[0] === 0);
  const size = features.form[0]?.length ?? 0;
  const means = new Float32Array(size);
  const deviations = new Float32Array(size).fill(1);
  if (rows.length === 0) return { base: 0, means, deviations, weights: new Float32Array(size) };
  for (let feature = 0; feature < size; feature += 1) {
    const values = Float64Array.from(rows, (row) => features.form[row]?.[feature] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / rows.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows.length;
    means[feature] = mean;
    // What never differs among these rows says nothing: its weight stays 0.
    deviations[feature] = variance > 1e-12 ? Math.sqrt(variance) : 1;
  }
  const base = rows.reduce((sum, row) => sum + differenceOf(features, row), 0) / rows.length;
  const gram = Array.from({ length: size }, (_, at) => {
    const line = new Float64Array(size + 1);
    line[at] = ridge;
    return line;
  });
  for (const row of rows) {
    const own = Float64Array.from(features.form[row] ?? [], (value, at) =>
      standardised(value, means[at] as number, deviations[at] as number),
    );
    const target = differenceOf(features, row) - base;
    for (let first = 0; first < size; first += 1) {
      const line = gram[first] as Float64Array;
      for (let second = 0; second < size; second += 1)
        line[second] = (line[second] as number) + (own[first] as number) * (own[second] as number);
      line[size] = (line[size] as number) + (own[first] as number) * target;
    }
  }
  return { base, means, deviations, weights: Float32Array.from(eliminate(gram)) };
}

/** Solves a positive definite system, given with its right side as the last column, by Gaussian elimination. */
function eliminate(lines: Float64Array[]): number[] {
  const size = lines.length;
  for (let pivot = 0; pivot < size; pivot += 1) {
    const own = lines[pivot] as Float64Array;
    for (let other = 0; other < size; other += 1) {
      if (other === pivot) continue;
      const line = lines[other] as Float64Array;
      const factor = (line[pivot] as number) / (own[pivot] as number);
      if (factor === 0) continue;
      for (let column = pivot; column <= size; column += 1)
        line[column] = (line[column] as number) - factor * (own[column] as number);
    }
  }
  return lines.map((line, at) => (line[size] as number) / (line[at] as number));
}
