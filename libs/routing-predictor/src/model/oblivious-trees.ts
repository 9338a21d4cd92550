/**
 * Trees that ask the same question in all nodes of a level (oblivious trees, as in CatBoost; Prokhorenkova et al. 2018): the answers are the bits of
 * the leaf's number, so that scoring has no branches. Features are cut into ranges beforehand; a question is "range above t?".
 */
export interface ObliviousTrees {
  readonly depth: number;
  readonly base: number;
  /** Upper ends of the ranges of each feature, ascending. */
  readonly cuts: readonly Float32Array[];
  /** Feature asked about on each level of each tree. */
  readonly features: Uint8Array;
  /** Ranges above this number set the level's bit. */
  readonly thresholds: Uint8Array;
  /** 2^depth values a tree. */
  readonly leaves: Float32Array;
}

/** Number of the range a value is in: how many cuts are below it. */
export function rangeOf(cuts: Float32Array, value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value > (cuts[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type TreeScorer = (features: Float32Array) => number;

export function createTreeScorer({ depth, base, cuts, features, thresholds, leaves }: ObliviousTrees): TreeScorer {
  const ranges = new Uint8Array(cuts.length);
  const leafCount = 1 << depth;
  const treeCount = leaves.length / leafCount;
  return (values) => {
    for (let feature = 0; feature < ranges.length; feature += 1)
      ranges[feature] = rangeOf(cuts[feature] as Float32Array, values[feature] as number);
    let sum = base;
    let level = 0;
    for (let tree = 0; tree < treeCount; tree += 1) {
      let leaf = 0;
      for (const end = level + depth; level < end; level += 1)
        leaf = (leaf << 1) | ((ranges[features[level] as number] as number) > (thresholds[level] as number) ? 1 : 0);
      sum += leaves[tree * leafCount + leaf] as number;
    }
    return sum;
  };
}
