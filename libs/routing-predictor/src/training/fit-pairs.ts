import type { PairWeights } from '../model/pair-table';
import type { PromptFeatures } from './read-features';

export interface PairOptions {
  /** Pairs in fewer prompts are left out. */
  minPrompts: number;
  /** Penalty on squared weights. */
  ridge: number;
}

interface SparseRow {
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

const solverSteps = 60;

/**
 * Ridge regression of strong − weak on the TF-IDF of pairs of tokens, over the given rows. Solved for a coefficient a row (the dual) by conjugate
 * gradients: (XXᵀ + λI) a = y − mean, weights Xᵀa.
 */
export function fitPairs(features: PromptFeatures, chosen: Int32Array, options: PairOptions): PairWeights {
  const { keys, rarities, columnOf } = vocabularyOf(features, chosen, options.minPrompts);
  const rows = Array.from(chosen, (row) => sparseRow(features, row, rarities, columnOf));
  const targets = Float64Array.from(chosen, (row) => differenceOf(features, row));
  const base = targets.reduce((sum, target) => sum + target, 0) / Math.max(1, targets.length);
  const weights = new Float64Array(keys.length);
  const multiply = (vector: Float64Array): Float64Array => {
    spread(rows, vector, weights);
    return Float64Array.from(rows, ({ columns, values }, at) => {
      let sum = options.ridge * (vector[at] as number);
      for (let entry = 0; entry < columns.length; entry += 1)
        sum += (values[entry] as number) * (weights[columns[entry] as number] as number);
      return sum;
    });
  };
  const solution = solve(
    multiply,
    targets.map((target) => target - base),
  );
  spread(rows, solution, weights);
  return { keys, rarities, weights: Float32Array.from(weights), base };
}

export const differenceOf = ({ rows }: PromptFeatures, row: number): number =>
  (rows[row]?.strong ?? 0) - (rows[row]?.weak ?? 0);

function vocabularyOf({ pairs }: PromptFeatures, chosen: Int32Array, minPrompts: number) {
  const prompts = new Map<number, number>();
  for (const row of chosen) for (const key of pairs[row]?.keys ?? []) prompts.set(key, (prompts.get(key) ?? 0) + 1);
  const kept = [...prompts].filter(([, count]) => count >= minPrompts).sort(([first], [second]) => first - second);
  return {
    keys: Int32Array.from(kept, ([key]) => key),
    rarities: Float32Array.from(kept, ([, count]) => Math.log((1 + chosen.length) / (1 + count)) + 1),
    columnOf: new Map(kept.map(([key], column) => [key, column])),
  };
}

function sparseRow(
  { pairs }: PromptFeatures,
  row: number,
  rarities: Float32Array,
  columnOf: ReadonlyMap<number, number>,
): SparseRow {
  const columns: number[] = [];
  const values: number[] = [];
  let squares = 0;
  pairs[row]?.keys.forEach((key, at) => {
    const column = columnOf.get(key);
    if (column === undefined) return;
    const value = (pairs[row]?.counts[at] ?? 0) * (rarities[column] as number);
    columns.push(column);
    values.push(value);
    squares += value * value;
  });
  const length = Math.sqrt(squares) || 1;
  return { columns: Int32Array.from(columns), values: Float32Array.from(values, (value) => value / length) };
}

/** Xᵀ · vector into `into`. */
function spread(rows: readonly SparseRow[], vector: Float64Array, into: Float64Array): void {
  into.fill(0);
  rows.forEach(({ columns, values }, at) => {
    const by = vector[at] as number;
    for (let entry = 0; entry < columns.length; entry += 1) {
      const column = columns[entry] as number;
      into[column] = (into[column] as number) + by * (values[entry] as number);
    }
  });
}

const dot = (first: Float64Array, second: Float64Array): number =>
  first.reduce((sum, value, at) => sum + value * (second[at] as number), 0);

/** Conjugate gradients (Hestenes and Stiefel 1952) for a symmetric positive definite product. */
function solve(multiply: (vector: Float64Array) => Float64Array, right: Float64Array): Float64Array {
  const solution = new Float64Array(right.length);
  const residual = Float64Array.from(right);
  let direction = Float64Array.from(right);
  let squares = dot(residual, residual);
  const enough = squares * 1e-12;
  for (let step = 0; step < solverSteps && squares > enough; step += 1) {
    const product = multiply(direction);
    const length = squares / dot(direction, product);
    for (let at = 0; at < right.length; at += 1) {
      solution[at] = (solution[at] as number) + length * (direction[at] as number);
      residual[at] = (residual[at] as number) - length * (product[at] as number);
    }
    const next = dot(residual, residual);
    const turn = next / squares;
    direction = direction.map((value, at) => (residual[at] as number) + turn * value);
    squares = next;
  }
  return solution;
}
