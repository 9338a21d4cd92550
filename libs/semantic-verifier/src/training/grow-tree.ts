import { cellSize, type BinnedFeatures } from './bin-features';
import { findSplit, type LeafSums, type Split, type SplitLimits, type ValueRange } from './find-split';

export interface TreeLimits extends SplitLimits {
  maxLeaves: number;
  maxDepth: number;
}

export type TreeNode =
  | { kind: 'leaf'; value: number }
  | {
      kind: 'split';
      feature: number;
      threshold: number;
      /** Number of the last range that goes left: what the threshold is among the rows of the training. */
      bin: number;
      isMissingLeft: boolean;
      left: TreeNode;
      right: TreeNode;
    };

export interface TreeInput {
  binned: BinnedFeatures;
  gradients: Float64Array;
  hessians: Float64Array;
  /** Rows that this tree may see; reordered in place. */
  rows: Int32Array;
  /** Features that this tree may use. */
  features: Int32Array;
  /** Per feature 1, -1 or 0: the direction in which the prediction may move. */
  directions: Int8Array;
  limits: TreeLimits;
}

interface Leaf {
  start: number;
  end: number;
  depth: number;
  sums: LeafSums;
  range: ValueRange;
  value: number;
  histogram: Float64Array;
  split: Split | undefined;
  children?: [Leaf, Leaf];
}

/** Reuses histograms: each is megabytes, and a tree needs one for every open leaf. */
export interface HistogramPool {
  take(): Float64Array;
  give(histogram: Float64Array): void;
}

export function createHistogramPool(length: number): HistogramPool {
  const free: Float64Array[] = [];
  return {
    take: () => free.pop() ?? new Float64Array(length),
    give: (histogram) => void free.push(histogram),
  };
}

/** Grows one tree, always splitting the leaf that gains most; its leaves hold log-odds before shrinkage. */
export function growTree(input: TreeInput, pool: HistogramPool): TreeNode {
  const root = openLeaf(input, 0, input.rows.length, 0, { low: -Infinity, high: Infinity }, pool.take());
  fillHistogram(input, root);
  root.sums = sumsOf(root, input);
  root.value = -root.sums.gradient / (root.sums.hessian + input.limits.l2);
  root.split = bestSplit(input, root);
  const open = [root];
  for (let leaves = 1; leaves < input.limits.maxLeaves; leaves += 1) {
    const chosen = open.reduce<Leaf | undefined>(
      (best, leaf) => ((leaf.split?.gain ?? 0) > (best?.split?.gain ?? 0) ? leaf : best),
      undefined,
    );
    if (!chosen?.split) break;
    open.splice(open.indexOf(chosen), 1, ...splitLeaf(input, chosen, chosen.split, pool));
  }
  for (const leaf of open) pool.give(leaf.histogram);
  return toNode(input.binned, root);
}

function openLeaf(
  input: TreeInput,
  start: number,
  end: number,
  depth: number,
  range: ValueRange,
  histogram: Float64Array,
): Leaf {
  const sums = { gradient: 0, hessian: 0 };
  return { start, end, depth, sums, range, value: 0, histogram, split: undefined };
}

function fillHistogram({ binned, gradients, hessians, rows, features }: TreeInput, leaf: Leaf): void {
  const { histogram } = leaf;
  const own = rows.subarray(leaf.start, leaf.end);
  // Gathered once, so that the loop below reads them in order for every feature.
  const ownGradients = new Float64Array(own.length);
  const ownHessians = new Float64Array(own.length);
  for (let at = 0; at < own.length; at += 1) {
    ownGradients[at] = gradients[own[at] as number] as number;
    ownHessians[at] = hessians[own[at] as number] as number;
  }
  for (const feature of features) {
    const column = binned.bins[feature] as Uint8Array;
    const offset = binned.cellOffsets[feature] as number;
    histogram.fill(0, offset, binned.cellOffsets[feature + 1]);
    for (let at = 0; at < own.length; at += 1) {
      const cell = offset + (column[own[at] as number] as number) * cellSize;
      histogram[cell] = (histogram[cell] as number) + (ownGradients[at] as number);
      histogram[cell + 1] = (histogram[cell + 1] as number) + (ownHessians[at] as number);
    }
  }
}

/** The sibling's histogram is the parent's minus the other child's, so only the smaller child is counted. */
function subtractHistogram({ binned, features }: TreeInput, parent: Float64Array, child: Float64Array): void {
  for (const feature of features) {
    const end = binned.cellOffsets[feature + 1] as number;
    for (let at = binned.cellOffsets[feature] as number; at < end; at += 1)
      parent[at] = (parent[at] as number) - (child[at] as number);
  }
}

function sumsOf(leaf: Leaf, { gradients, hessians, rows }: TreeInput): LeafSums {
  let gradient = 0;
  let hessian = 0;
  for (let at = leaf.start; at < leaf.end; at += 1) {
    const row = rows[at] as number;
    gradient += gradients[row] as number;
    hessian += hessians[row] as number;
  }
  return { gradient, hessian };
}

function bestSplit(input: TreeInput, leaf: Leaf): Split | undefined {
  if (leaf.depth >= input.limits.maxDepth || leaf.sums.hessian < 2 * input.limits.minLeafHessian) return undefined;
  let best: Split | undefined;
  for (const feature of input.features) {
    const binCount = (input.binned.thresholds[feature]?.length ?? 0) + 1;
    const direction = input.directions[feature] ?? 0;
    const start = input.binned.cellOffsets[feature] as number;
    const found = findSplit(leaf.histogram, start, feature, binCount, leaf.sums, leaf.range, direction, input.limits);
    if (found && found.gain > (best?.gain ?? 0)) best = found;
  }
  return best;
}

function splitLeaf(input: TreeInput, leaf: Leaf, split: Split, pool: HistogramPool): [Leaf, Leaf] {
  const middle = partition(input, leaf, split);
  const [leftRange, rightRange] = rangesOf(leaf.range, split, input.directions[split.feature] ?? 0);
  const isLeftSmaller = middle - leaf.start < leaf.end - middle;
  const own = pool.take();
  const left = openLeaf(input, leaf.start, middle, leaf.depth + 1, leftRange, isLeftSmaller ? own : leaf.histogram);
  const right = openLeaf(input, middle, leaf.end, leaf.depth + 1, rightRange, isLeftSmaller ? leaf.histogram : own);
  fillHistogram(input, isLeftSmaller ? left : right);
  subtractHistogram(input, leaf.histogram, own);
  left.value = split.leftValue;
  right.value = split.rightValue;
  for (const child of [left, right]) {
    child.sums = sumsOf(child, input);
    child.split = bestSplit(input, child);
  }
  leaf.children = [left, right];
  return [left, right];
}

function rangesOf(range: ValueRange, { leftValue, rightValue }: Split, direction: number): [ValueRange, ValueRange] {
  if (direction === 0) return [range, range];
  const middle = (leftValue + rightValue) / 2;
  const below = { low: range.low, high: middle };
  const above = { low: middle, high: range.high };
  return direction > 0 ? [below, above] : [above, below];
}

function goesLeft(bin: number, split: Split): boolean {
  return bin === 0 ? split.isMissingLeft : bin <= split.bin;
}

/** Moves the leaf's rows that go left before those that go right, each in their order; returns where the right ones begin. */
function partition({ binned, rows }: TreeInput, leaf: Leaf, split: Split): number {
  const column = binned.bins[split.feature] as Uint8Array;
  const rightRows = new Int32Array(leaf.end - leaf.start);
  let rightCount = 0;
  let next = leaf.start;
  for (let at = leaf.start; at < leaf.end; at += 1) {
    const row = rows[at] as number;
    if (goesLeft(column[row] as number, split)) rows[next++] = row;
    else rightRows[rightCount++] = row;
  }
  rows.set(rightRows.subarray(0, rightCount), next);
  return next;
}

function toNode(binned: BinnedFeatures, leaf: Leaf): TreeNode {
  if (!leaf.children || !leaf.split) return { kind: 'leaf', value: leaf.value };
  const { feature, bin, isMissingLeft } = leaf.split;
  const cuts = binned.thresholds[feature];
  // Range numbers begin with 1; a split after the last range parts all values from the missing ones.
  const threshold = cuts?.[bin - 1] ?? Infinity;
  const [left, right] = leaf.children;
  return {
    kind: 'split',
    feature,
    threshold,
    bin,
    isMissingLeft,
    left: toNode(binned, left),
    right: toNode(binned, right),
  };
}
