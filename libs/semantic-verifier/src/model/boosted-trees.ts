/**
 * Trees in flat arrays, node after node in pre-order: the left child is the next node, `right` says how far the right child is away.
 * A leaf has `feature` = leafMark and its value in `value`; an inner node has its threshold there (values up to it go left).
 */
export interface BoostedTrees {
  /** Log-odds before any tree has spoken. */
  readonly base: number;
  readonly roots: Uint32Array;
  /** Feature number; its high bit says that a missing value (NaN) goes left. */
  readonly feature: Uint16Array;
  readonly value: Float32Array;
  readonly right: Uint16Array;
}

export const leafMark = 0x7fff;
export const missingLeft = 0x8000;

/** Log-odds of the features' row; NaN is a missing value. A few nanoseconds a node, nothing allocated. */
export function predictLogOdds(trees: BoostedTrees, features: Float32Array): number {
  const { roots, feature, value, right } = trees;
  let sum = trees.base;
  for (let tree = 0; tree < roots.length; tree += 1) {
    let node = roots[tree] as number;
    for (;;) {
      const packed = feature[node] as number;
      const index = packed & 0x7fff;
      if (index === leafMark) break;
      const asked = features[index] as number;
      // A comparison with NaN is false, so the missing value takes the right branch unless the bit says otherwise.
      if (asked <= (value[node] as number) || (asked !== asked && (packed & missingLeft) !== 0)) node += 1;
      else node += right[node] as number;
    }
    sum += value[node] as number;
  }
  return sum;
}

/** The mean of several ensembles as one: all their trees, each leaf divided by the number of ensembles. */
export function averageTrees(ensembles: readonly BoostedTrees[]): BoostedTrees {
  const nodes = ensembles.reduce((total, { feature }) => total + feature.length, 0);
  const merged = {
    base: ensembles.reduce((total, { base }) => total + base, 0) / ensembles.length,
    roots: new Uint32Array(ensembles.reduce((total, { roots }) => total + roots.length, 0)),
    feature: new Uint16Array(nodes),
    value: new Float32Array(nodes),
    right: new Uint16Array(nodes),
  };
  let nodeOffset = 0;
  let rootOffset = 0;
  for (const { roots, feature, value, right } of ensembles) {
    merged.feature.set(feature, nodeOffset);
    merged.right.set(right, nodeOffset);
    for (let node = 0; node < value.length; node += 1) {
      const isLeaf = ((feature[node] ?? 0) & 0x7fff) === leafMark;
      merged.value[nodeOffset + node] = (value[node] ?? 0) / (isLeaf ? ensembles.length : 1);
    }
    for (const root of roots) merged.roots[rootOffset++] = root + nodeOffset;
    nodeOffset += feature.length;
  }
  return merged;
}
