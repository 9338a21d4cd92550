/**
 * Extremely randomised trees (Geurts, Ernst and Wehenkel 2006), averaged. Features are cut into ranges beforehand; an inner node asks "range above t?".
 * Four bytes a node, trees one after the other.
 */
export interface ExtraTrees {
  /** Upper ends of the ranges of each feature, ascending. */
  readonly cuts: readonly Float32Array[];
  /** First node of each tree. */
  readonly roots: Int32Array;
  /** Feature a node asks about; `leafMark` for a leaf. */
  readonly features: Uint8Array;
  /** Ranges above this number go to the second child. */
  readonly thresholds: Uint8Array;
  /** Of an inner node: its first child, counted from the root, the second one being next to it. Of a leaf: its value, by encodeLeaf. */
  readonly links: Uint16Array;
}

export const leafMark = 255;

const furthestLink = 65_535;

/** A difference of success, -1 to 1, in 16 bits. */
export const encodeLeaf = (value: number): number => Math.round(((value + 1) / 2) * furthestLink);

const decodeLeaf = (link: number): number => (link / furthestLink) * 2 - 1;

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

/** Expected difference of success, strong minus weak, as the mean of the leaves a prompt's features lead to; 0 where there are no trees. */
export function createTreeScorer({ cuts, roots, features, thresholds, links }: ExtraTrees): TreeScorer {
  const ranges = new Uint8Array(cuts.length);
  return (values) => {
    for (let feature = 0; feature < cuts.length; feature += 1)
      ranges[feature] = rangeOf(cuts[feature] as Float32Array, values[feature] as number);
    let sum = 0;
    for (let tree = 0; tree < roots.length; tree += 1) {
      const root = roots[tree] as number;
      let node = root;
      let feature = features[node] as number;
      while (feature !== leafMark) {
        const isAbove = (ranges[feature] as number) > (thresholds[node] as number);
        node = root + (links[node] as number) + (isAbove ? 1 : 0);
        feature = features[node] as number;
      }
      sum += decodeLeaf(links[node] as number);
    }
    return roots.length === 0 ? 0 : sum / roots.length;
  };
}
