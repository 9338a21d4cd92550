import { rangeOf, type ObliviousTrees } from '../model/oblivious-trees';
import type { PromptFeatures } from './read-features';
import { createRandom } from './seeded-random';

export interface TreeOptions {
  /** Trees an ensemble; one for the strong and one for the weak model are grown with each seed. */
  trees: number;
  depth: number;
  learningRate: number;
  rowShare: number;
  featureShare: number;
  maxRanges: number;
  minLeafRows: number;
  l2: number;
  seeds: number;
}

/** Least gain of a split: below it a level asks nothing new. */
const maxCells = 256;

/**
 * Boosted oblivious trees on squared loss: one ensemble for the strong model's success and one for the weak one's, subtracted. Two separate
 * predictions rank better than trees grown on the difference itself, whose noise is that of both. Deterministic.
 */
export function fitTrees(features: PromptFeatures, chosen: Int32Array, options: TreeOptions): ObliviousTrees {
  const featureCount = features.form[0]?.length ?? 0;
  const cuts = Array.from({ length: featureCount }, (_, feature) =>
    cutsOf(features, chosen, feature, options.maxRanges),
  );
  const bins = cuts.map((own, feature) =>
    Uint8Array.from(chosen, (row) => rangeOf(own, features.form[row]?.[feature] ?? 0)),
  );
  const parts: Grown[] = [];
  for (let seed = 0; seed < options.seeds; seed += 1) {
    const share = 1 / options.seeds;
    for (const [sign, read] of [
      [1, (row: number) => features.rows[row]?.strong ?? 0],
      [-1, (row: number) => features.rows[row]?.weak ?? 0],
    ] as const)
      parts.push(boost(bins, cuts, Float64Array.from(chosen, read), options, seed * 2 + sign, sign * share));
  }
  return {
    depth: options.depth,
    base: parts.reduce((sum, part) => sum + part.base, 0),
    cuts,
    features: Uint8Array.from(parts.flatMap((part) => part.features)),
    thresholds: Uint8Array.from(parts.flatMap((part) => part.thresholds)),
    leaves: Float32Array.from(parts.flatMap((part) => part.leaves)),
  };
}

interface Grown {
  base: number;
  features: number[];
  thresholds: number[];
  leaves: number[];
}

/** Ends of ranges with about equally many rows. */
function cutsOf({ form }: PromptFeatures, chosen: Int32Array, feature: number, maxRanges: number): Float32Array {
  const values = Float32Array.from(chosen, (row) => form[row]?.[feature] ?? 0).sort();
  const cuts = new Set<number>();
  for (let range = 1; range < maxRanges; range += 1)
    cuts.add(values[Math.floor((range * values.length) / maxRanges)] as number);
  cuts.delete(values[values.length - 1] as number);
  return Float32Array.from(cuts);
}

function boost(
  bins: readonly Uint8Array[],
  cuts: readonly Float32Array[],
  targets: Float64Array,
  options: TreeOptions,
  seed: number,
  scale: number,
): Grown {
  const random = createRandom(seed);
  const mean = targets.reduce((sum, target) => sum + target, 0) / Math.max(1, targets.length);
  const residuals = targets.map((target) => target - mean);
  const grown: Grown = { base: mean * scale, features: [], thresholds: [], leaves: [] };
  const leafOf = new Uint8Array(targets.length);
  const usable = cuts.flatMap((own, feature) => (own.length > 0 ? [feature] : []));
  for (let tree = 0; tree < options.trees; tree += 1) {
    const rows = sample(targets.length, options.rowShare, random);
    const tried = sample(usable.length, options.featureShare, random).map((at) => usable[at] as number);
    leafOf.fill(0);
    for (let level = 0; level < options.depth; level += 1) {
      const { feature, threshold } = bestQuestion(bins, cuts, residuals, leafOf, rows, tried, 1 << level, options);
      grown.features.push(feature);
      grown.thresholds.push(threshold);
      const column = bins[feature] as Uint8Array;
      for (let row = 0; row < leafOf.length; row += 1)
        leafOf[row] = ((leafOf[row] as number) << 1) | ((column[row] as number) > threshold ? 1 : 0);
    }
    const values = leafValues(residuals, leafOf, rows, options);
    for (let row = 0; row < residuals.length; row += 1)
      residuals[row] = (residuals[row] as number) - (values[leafOf[row] as number] as number);
    for (const value of values) grown.leaves.push(value * scale);
  }
  return grown;
}

/** A random part of 0 … count - 1, ascending (selection sampling, Knuth 3.4.2 S). */
function sample(count: number, share: number, random: () => number): Int32Array {
  const wanted = Math.max(1, Math.round(count * share));
  const chosen = new Int32Array(wanted);
  let taken = 0;
  for (let at = 0; at < count && taken < wanted; at += 1)
    if (random() * (count - at) < wanted - taken) chosen[taken++] = at;
  return chosen;
}

const sums = new Float64Array(maxCells * 32);
const counts = new Float64Array(maxCells * 32);

/** The question that explains most of the residuals when all leaves of the level are asked it. */
function bestQuestion(
  bins: readonly Uint8Array[],
  cuts: readonly Float32Array[],
  residuals: Float64Array,
  leafOf: Uint8Array,
  rows: Int32Array,
  tried: Int32Array,
  leafCount: number,
  { l2, minLeafRows }: TreeOptions,
): { feature: number; threshold: number } {
  let best = { feature: tried[0] ?? 0, threshold: maxCells - 1, gain: 0 };
  for (const feature of tried) {
    const column = bins[feature] as Uint8Array;
    const ranges = (cuts[feature]?.length ?? 0) + 1;
    sums.fill(0, 0, leafCount * ranges);
    counts.fill(0, 0, leafCount * ranges);
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] as number;
      const cell = (leafOf[row] as number) * ranges + (column[row] as number);
      sums[cell] = (sums[cell] as number) + (residuals[row] as number);
      counts[cell] = (counts[cell] as number) + 1;
    }
    const gains = gainsOf(leafCount, ranges, l2, minLeafRows);
    for (let threshold = 0; threshold < ranges - 1; threshold += 1)
      if ((gains[threshold] as number) > best.gain) best = { feature, threshold, gain: gains[threshold] as number };
  }
  return best;
}

/** By threshold, how much the squared residuals fall; a leaf that would be parted into too few rows is left whole. */
function gainsOf(leafCount: number, ranges: number, l2: number, minLeafRows: number): Float64Array {
  const gains = new Float64Array(ranges);
  for (let leaf = 0; leaf < leafCount; leaf += 1) {
    const from = leaf * ranges;
    let allSum = 0;
    let allCount = 0;
    for (let range = 0; range < ranges; range += 1) {
      allSum += sums[from + range] as number;
      allCount += counts[from + range] as number;
    }
    let sum = 0;
    let count = 0;
    for (let threshold = 0; threshold < ranges - 1; threshold += 1) {
      sum += sums[from + threshold] as number;
      count += counts[from + threshold] as number;
      const rest = allCount - count;
      if (count < minLeafRows || rest < minLeafRows) continue;
      const restSum = allSum - sum;
      const gain = (sum * sum) / (count + l2) + (restSum * restSum) / (rest + l2) - (allSum * allSum) / (allCount + l2);
      gains[threshold] = (gains[threshold] as number) + Math.max(0, gain);
    }
  }
  return gains;
}

function leafValues(
  residuals: Float64Array,
  leafOf: Uint8Array,
  rows: Int32Array,
  { depth, l2, learningRate }: TreeOptions,
): Float64Array {
  const totals = new Float64Array(1 << depth);
  const sizes = new Float64Array(1 << depth);
  for (const row of rows) {
    const leaf = leafOf[row] as number;
    totals[leaf] = (totals[leaf] as number) + (residuals[row] as number);
    sizes[leaf] = (sizes[leaf] as number) + 1;
  }
  return totals.map((total, leaf) => (learningRate * total) / ((sizes[leaf] as number) + l2));
}
