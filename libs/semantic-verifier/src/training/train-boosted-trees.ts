import { leafMark, missingLeft, type BoostedTrees } from '../model/boosted-trees';
import { binFeatures, type BinnedFeatures, type FeatureMatrix } from './bin-features';
import { createHistogramPool, growTree, type TreeLimits, type TreeNode } from './grow-tree';
import { createRandom } from './seeded-random';

export interface BoostingOptions extends TreeLimits {
  trees: number;
  learningRate: number;
  /** Share of the rows that each tree sees. */
  rowShare: number;
  /** Share of the features that each tree may use. */
  featureShare: number;
  maxBins: number;
  seed: number;
}

export const defaultBoosting: BoostingOptions = {
  trees: 400,
  learningRate: 0.04,
  rowShare: 0.7,
  featureShare: 0.3,
  maxBins: 64,
  maxLeaves: 16,
  maxDepth: 8,
  minLeafHessian: 2.5,
  l2: 5,
  minGain: 0,
  seed: 1,
};

export interface BoostingInput {
  matrix: FeatureMatrix;
  /** The matrix cut into ranges, where that has been done already. */
  binned?: BinnedFeatures;
  /** 1 same, 0 different. */
  labels: Uint8Array;
  weights: Float32Array;
  /** By feature name: 1 the prediction may only rise with it, -1 only fall. */
  monotone?: Readonly<Record<string, 1 | -1>>;
  /** Told after every tree; training is synchronous. */
  onTree?: (done: number, of: number) => void;
}

/**
 * Gradient-boosted trees on the logistic loss (Friedman 2001; histograms and best-first growth as in LightGBM, Ke et al. 2017).
 * Deterministic: the same rows, options and seed give the same trees.
 */
export function trainBoostedTrees(input: BoostingInput, options: BoostingOptions = defaultBoosting): BoostedTrees {
  const { matrix, labels, weights } = input;
  const binned = input.binned ?? binFeatures(matrix, options.maxBins);
  const rowCount = matrix.rowCount;
  const directions = Int8Array.from(matrix.names, (name) => input.monotone?.[name] ?? 0);
  const random = createRandom(options.seed);
  const pool = createHistogramPool(binned.cellOffsets[matrix.names.length] ?? 0);
  const base = priorLogOdds(labels, weights);
  const logOdds = new Float64Array(rowCount).fill(base);
  const gradients = new Float64Array(rowCount);
  const hessians = new Float64Array(rowCount);
  const order = Int32Array.from({ length: rowCount }, (_, row) => row);
  const spare = new Int32Array(rowCount);
  const trees: TreeNode[] = [];
  for (let tree = 0; tree < options.trees; tree += 1) {
    for (let row = 0; row < rowCount; row += 1) {
      const probability = 1 / (1 + Math.exp(-(logOdds[row] as number)));
      const weight = weights[row] as number;
      gradients[row] = weight * (probability - (labels[row] as number));
      hessians[row] = Math.max(1e-9, weight * probability * (1 - probability));
    }
    const rows = sample(rowCount, options.rowShare, random);
    const features = sample(matrix.names.length, options.featureShare, random);
    const grown = growTree({ binned, gradients, hessians, rows, features, directions, limits: options }, pool);
    scaleLeaves(grown, options.learningRate);
    addToAll(binned, grown, logOdds, order, spare);
    trees.push(grown);
    input.onTree?.(tree + 1, options.trees);
  }
  return flatten(trees, base);
}

function priorLogOdds(labels: Uint8Array, weights: Float32Array): number {
  let same = 0;
  let all = 0;
  for (let row = 0; row < labels.length; row += 1) {
    all += weights[row] as number;
    same += (weights[row] as number) * (labels[row] as number);
  }
  const share = Math.min(0.999, Math.max(0.001, same / Math.max(all, 1e-9)));
  return Math.log(share / (1 - share));
}

/** A random part of 0 … count - 1, in ascending order (selection sampling, Knuth 3.4.2 S). */
function sample(count: number, share: number, random: () => number): Int32Array {
  const wanted = Math.max(1, Math.round(count * share));
  const chosen = new Int32Array(wanted);
  let taken = 0;
  for (let at = 0; at < count && taken < wanted; at += 1)
    if (random() * (count - at) < wanted - taken) chosen[taken++] = at;
  return chosen;
}

function scaleLeaves(node: TreeNode, factor: number): void {
  if (node.kind === 'leaf') node.value *= factor;
  else {
    scaleLeaves(node.left, factor);
    scaleLeaves(node.right, factor);
  }
}

/** Adds the tree's answer to every row, those it did not see included. `order` and `spare`: all rows, and room for as many. */
function addToAll(binned: BinnedFeatures, root: TreeNode, logOdds: Float64Array, order: Int32Array, spare: Int32Array) {
  const visit = (node: TreeNode, start: number, end: number): void => {
    if (node.kind === 'leaf') {
      for (let at = start; at < end; at += 1) {
        const row = order[at] as number;
        logOdds[row] = (logOdds[row] as number) + node.value;
      }
      return;
    }
    const column = binned.bins[node.feature] as Uint8Array;
    const firstLeft = node.isMissingLeft ? 0 : 1;
    const lastLeft = node.bin;
    let middle = start;
    let aside = 0;
    for (let at = start; at < end; at += 1) {
      const row = order[at] as number;
      const bin = column[row] as number;
      if (bin >= firstLeft && bin <= lastLeft) order[middle++] = row;
      else spare[aside++] = row;
    }
    order.set(spare.subarray(0, aside), middle);
    visit(node.left, start, middle);
    visit(node.right, middle, end);
  };
  visit(root, 0, order.length);
}

function flatten(trees: readonly TreeNode[], base: number): BoostedTrees {
  const feature: number[] = [];
  const value: number[] = [];
  const right: number[] = [];
  const put = (node: TreeNode): void => {
    const at = feature.length;
    feature.push(leafMark);
    right.push(0);
    if (node.kind === 'leaf') {
      value.push(node.value);
      return;
    }
    value.push(node.threshold);
    feature[at] = node.feature | (node.isMissingLeft ? missingLeft : 0);
    put(node.left);
    right[at] = feature.length - at;
    put(node.right);
  };
  const roots = trees.map((tree) => {
    const root = feature.length;
    put(tree);
    return root;
  });
  return {
    base,
    roots: Uint32Array.from(roots),
    feature: Uint16Array.from(feature),
    value: Float32Array.from(value),
    right: Uint16Array.from(right),
  };
}
