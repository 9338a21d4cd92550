import { encodeLeaf, leafMark, rangeOf, type ExtraTrees } from '../model/extra-trees';
import type { PromptFeatures } from './read-features';
import { createRandom } from './seeded-random';

export interface TreeOptions {
  trees: number;
  /** Share of the features that a node chooses from. */
  featureShare: number;
  /** Ranges a feature is cut into, at most 255. */
  maxRanges: number;
  minLeafRows: number;
}

/** A link to a child has 16 bits. */
const maxNodes = 65_000;

/**
 * Grows each tree on all given rows: a node draws some features, for each of them a threshold at random, and takes the one by which the success of the
 * strong and of the weak model, together, vary least within the children. Leaves hold the difference of the two means. Deterministic by the seed.
 */
export function fitExtraTrees(
  features: PromptFeatures,
  chosen: Int32Array,
  options: TreeOptions,
  seed: number,
): ExtraTrees {
  const featureCount = features.form[0]?.length ?? 0;
  const cuts = Array.from({ length: featureCount }, (_, feature) =>
    cutsOf(features, chosen, feature, options.maxRanges),
  );
  const rows: GrowingRows = {
    bins: cuts.map((own, feature) =>
      Uint8Array.from(chosen, (row) => rangeOf(own, features.form[row]?.[feature] ?? 0)),
    ),
    usable: Int32Array.from(cuts.flatMap((own, feature) => (own.length > 0 ? [feature] : []))),
    strong: Float64Array.from(chosen, (row) => features.rows[row]?.strong ?? 0),
    weak: Float64Array.from(chosen, (row) => features.rows[row]?.weak ?? 0),
    random: createRandom(seed),
  };
  const nodes: Nodes = { features: [], thresholds: [], links: [] };
  const roots: number[] = [];
  for (let tree = 0; chosen.length > 0 && tree < options.trees; tree += 1) {
    roots.push(nodes.features.length);
    growTree(rows, options, nodes);
  }
  return {
    cuts,
    roots: Int32Array.from(roots),
    features: Uint8Array.from(nodes.features),
    thresholds: Uint8Array.from(nodes.thresholds),
    links: Uint16Array.from(nodes.links),
  };
}

interface GrowingRows {
  readonly bins: readonly Uint8Array[];
  readonly usable: Int32Array;
  readonly strong: Float64Array;
  readonly weak: Float64Array;
  readonly random: () => number;
}

interface Nodes {
  features: number[];
  thresholds: number[];
  links: number[];
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

function growTree(rows: GrowingRows, options: TreeOptions, nodes: Nodes): void {
  const root = nodes.features.length;
  const add = (): number => {
    nodes.thresholds.push(0);
    nodes.links.push(0);
    return nodes.features.push(leafMark) - 1;
  };
  const waiting = [{ node: add(), own: Int32Array.from(rows.strong.keys()) }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, own } = next;
    const question = nodes.features.length - root < maxNodes ? drawQuestion(rows, own, options) : undefined;
    if (!question) {
      nodes.links[node] = encodeLeaf(meanOf(rows.strong, own) - meanOf(rows.weak, own));
      continue;
    }
    const column = rows.bins[question.feature] as Uint8Array;
    const [below, above] = [add(), add()];
    nodes.features[node] = question.feature;
    nodes.thresholds[node] = question.threshold;
    nodes.links[node] = below - root;
    waiting.push({ node: below, own: own.filter((row) => (column[row] as number) <= question.threshold) });
    waiting.push({ node: above, own: own.filter((row) => (column[row] as number) > question.threshold) });
  }
}

const meanOf = (values: Float64Array, own: Int32Array): number =>
  own.reduce((sum, row) => sum + (values[row] as number), 0) / own.length;

interface Question {
  feature: number;
  threshold: number;
}

/** The best of some random questions; undefined where none parts the rows into large enough children, or says anything. */
function drawQuestion(rows: GrowingRows, own: Int32Array, options: TreeOptions): Question | undefined {
  if (own.length < 2 * options.minLeafRows) return undefined;
  const wanted = Math.max(1, Math.round(rows.usable.length * options.featureShare));
  const [strong, weak] = [sumOf(rows.strong, own), sumOf(rows.weak, own)];
  let best: Question | undefined;
  let most = (strong * strong + weak * weak) / own.length + 1e-9;
  const deck = rows.usable.slice();
  let asked = 0;
  for (let left = deck.length; left > 0 && asked < wanted; left -= 1) {
    const at = Math.floor(rows.random() * left);
    const feature = deck[at] as number;
    deck[at] = deck[left - 1] as number;
    const column = rows.bins[feature] as Uint8Array;
    const threshold = drawThreshold(column, own, rows.random);
    if (threshold === undefined) continue;
    asked += 1;
    const explained = explainedBy(rows, own, column, threshold, strong, weak, options.minLeafRows);
    if (explained > most) {
      most = explained;
      best = { feature, threshold };
    }
  }
  return best;
}

const sumOf = (values: Float64Array, own: Int32Array): number => {
  let sum = 0;
  for (let at = 0; at < own.length; at += 1) sum += values[own[at] as number] as number;
  return sum;
};

/** A threshold with rows on both sides; undefined where all are in one range. */
function drawThreshold(column: Uint8Array, own: Int32Array, random: () => number): number | undefined {
  let least = 255;
  let most = 0;
  for (let at = 0; at < own.length; at += 1) {
    const range = column[own[at] as number] as number;
    if (range < least) least = range;
    if (range > most) most = range;
  }
  return least < most ? least + Math.floor(random() * (most - least)) : undefined;
}

/** Squared sums of both outcomes over the children's sizes: the larger, the less varies within them. 0 where a child is too small. */
function explainedBy(
  { strong, weak }: GrowingRows,
  own: Int32Array,
  column: Uint8Array,
  threshold: number,
  allStrong: number,
  allWeak: number,
  minLeafRows: number,
): number {
  let count = 0;
  let strongSum = 0;
  let weakSum = 0;
  for (let at = 0; at < own.length; at += 1) {
    const row = own[at] as number;
    if ((column[row] as number) > threshold) continue;
    count += 1;
    strongSum += strong[row] as number;
    weakSum += weak[row] as number;
  }
  const rest = own.length - count;
  if (count < minLeafRows || rest < minLeafRows) return 0;
  const [otherStrong, otherWeak] = [allStrong - strongSum, allWeak - weakSum];
  return (
    (strongSum * strongSum + weakSum * weakSum) / count + (otherStrong * otherStrong + otherWeak * otherWeak) / rest
  );
}
