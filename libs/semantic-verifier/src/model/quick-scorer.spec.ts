import fc from 'fast-check';
import { averageTrees, leafMark, missingLeft, predictLogOdds, type BoostedTrees } from './boosted-trees';
import { createScorer } from './quick-scorer';

type Node = { value: number } | { feature: number; threshold: number; isMissingLeft: boolean; left: Node; right: Node };

const node: fc.Memo<Node> = fc.memo((depth) => {
  const leaf = fc.record({ value: fc.integer({ min: -4, max: 4 }) });
  if (depth <= 1) return leaf;
  return fc.oneof(
    leaf,
    fc.record({
      feature: fc.integer({ min: 0, max: 3 }),
      threshold: fc.integer({ min: -3, max: 3 }),
      isMissingLeft: fc.boolean(),
      left: node(),
      right: node(),
    }),
  );
});

function flatten(roots: readonly Node[]): BoostedTrees {
  const feature: number[] = [];
  const value: number[] = [];
  const right: number[] = [];
  const put = (one: Node): number => {
    const at = feature.length;
    const isLeaf = 'value' in one;
    feature.push(isLeaf ? leafMark : one.feature | (one.isMissingLeft ? missingLeft : 0));
    value.push(isLeaf ? one.value : one.threshold);
    right.push(0);
    if (!isLeaf) {
      put(one.left);
      right[at] = put(one.right) - at;
    }
    return at;
  };
  const starts = roots.map(put);
  return {
    base: 0.5,
    roots: Uint32Array.from(starts),
    feature: Uint16Array.from(feature),
    value: Float32Array.from(value),
    right: Uint16Array.from(right),
  };
}

const trees = fc.array(node(5), { minLength: 1, maxLength: 6 }).map(flatten);
const features = fc
  .array(fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(Number.NaN)), { minLength: 4, maxLength: 4 })
  .map((values) => Float32Array.from(values));

test('striking out leaves gives the leaf that a walk reaches, for any trees and any values', () => {
  fc.assert(
    fc.property(trees, features, (ensemble, row) => {
      expect(createScorer(ensemble)(row)).toBeCloseTo(predictLogOdds(ensemble, row), 6);
    }),
    { numRuns: 500 },
  );
});

test('averaged ensembles give the mean of their log-odds', () => {
  fc.assert(
    fc.property(trees, trees, features, (first, second, row) => {
      const mean = (predictLogOdds(first, row) + predictLogOdds(second, row)) / 2;
      expect(predictLogOdds(averageTrees([first, second]), row)).toBeCloseTo(mean, 4);
    }),
  );
});

test('a tree with more leaves than bits is refused', () => {
  let comb: Node = { value: 0 };
  for (let depth = 0; depth < 33; depth += 1)
    comb = { feature: 0, threshold: depth, isMissingLeft: false, left: { value: depth }, right: comb };
  expect(() => createScorer(flatten([comb]))).toThrow(RangeError);
});
