import type { BoostedTrees } from './boosted-trees';
import { decodeWeights, encodeWeights, type VerifierWeights } from './verifier-weights';

const trees = (base: number): BoostedTrees => ({
  base,
  roots: Uint32Array.from([0, 3]),
  feature: Uint16Array.from([0x8001, 0x7fff, 0x7fff, 0x7fff]),
  value: Float32Array.from([0.25, -1, 1, 0.5]),
  right: Uint16Array.from([2, 0, 0, 0]),
});

const weights: VerifierWeights = {
  modelId: 'm',
  staticModelId: 's',
  featureNames: ['one', 'two', 'trois'],
  models: {
    static: { trees: trees(0.1), calibration: { scores: [-1, 1], logOdds: [-2, 2] }, thresholds: [] },
    dense: {
      trees: trees(0.2),
      calibration: { scores: [], logOdds: [] },
      thresholds: [{ falseHitRate: 0.01, probability: 0.9 }],
    },
  },
};

test('weights come back as they were written, from any offset of a buffer', () => {
  const bytes = encodeWeights(weights);
  expect(decodeWeights(bytes)).toEqual(weights);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(decodeWeights(shifted.subarray(3))).toEqual(weights);
  // A Buffer’s slice is a view of the pool that it lies in, not a copy.
  const pooled = Buffer.allocUnsafe(bytes.length + 3).subarray(3);
  pooled.set(bytes);
  expect(decodeWeights(pooled)).toEqual(weights);
});

test('another file, a broken header and a file that is cut off are refused, each by its reason', () => {
  const bytes = encodeWeights(weights);
  expect(() => decodeWeights(new TextEncoder().encode('{"a":1}'))).toThrow('not a weights file');
  expect(() => decodeWeights(bytes.slice(0, bytes.length - 8))).toThrow('cut off');
  expect(() => decodeWeights(bytes.slice(0, 20))).toThrow('cut off');
  const broken = bytes.slice();
  broken[8] = 0x20;
  expect(() => decodeWeights(broken)).toThrow('header cannot be read');
});
