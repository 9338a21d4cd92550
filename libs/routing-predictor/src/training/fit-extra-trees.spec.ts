import { createTreeScorer, encodeLeaf } from '../model/extra-trees';
import { fitExtraTrees } from './fit-extra-trees';
import type { PromptFeatures } from './read-features';
import { createRandom } from './seeded-random';

const options = { trees: 40, featureShare: 0.5, maxRanges: 64, minLeafRows: 8 };

/** The weak model fails where one feature is high and another low; four more say nothing. */
function madeFeatures(count: number): PromptFeatures {
  const random = createRandom(9);
  const form = Array.from({ length: count }, () => Float32Array.from({ length: 6 }, random));
  const rows = form.map((own) => ({
    prompt: '',
    strong: 1,
    weak: (own[0] as number) > 0.6 && (own[1] as number) < 0.5 ? 0 : 1,
  }));
  return { rows, form, pairs: form.map(() => ({ keys: new Int32Array(0), counts: new Float32Array(0) })) };
}

describe('fitExtraTrees', () => {
  const features = madeFeatures(1_500);
  const chosen = Int32Array.from({ length: 1_000 }, (_, row) => row);
  const trees = fitExtraTrees(features, chosen, options, 1);
  const score = createTreeScorer(trees);
  const scored = features.form.slice(1_000).map((own, at) => ({
    value: score(own),
    needed: 1 - (features.rows[1_000 + at]?.weak ?? 0),
  }));

  it('tells rows it has not seen apart by what two features say together', () => {
    const right = scored.filter(({ value, needed }) => value > 0.5 === (needed === 1));
    expect(right.length / scored.length).toBeGreaterThan(0.93);
  });

  it('stays within what outcomes can differ by', () => {
    for (const { value } of scored) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  });

  it('grows other trees from another seed and the same from the same', () => {
    expect(fitExtraTrees(features, chosen, options, 1)).toEqual(trees);
    expect(fitExtraTrees(features, chosen, options, 2).thresholds).not.toEqual(trees.thresholds);
  });

  it('leaves the mean difference of all rows where they are too few to be parted', () => {
    const few = chosen.slice(0, 15);
    const mean = few.reduce((sum, row) => sum + 1 - (features.rows[row]?.weak ?? 0), 0) / 15;
    const small = fitExtraTrees(features, few, options, 1);
    expect(small.features).toHaveLength(options.trees);
    expect(createTreeScorer(small)(features.form[0] as Float32Array)).toBeCloseTo(mean, 4);
  });

  it('says nothing without rows', () => {
    expect(createTreeScorer(fitExtraTrees(features, new Int32Array(0), options, 1))(new Float32Array(6))).toBe(0);
  });
});

describe('createTreeScorer', () => {
  it('follows each tree to its leaf and takes their mean', () => {
    const [low, high, flat] = [-0.5, 0.5, 0.25].map(encodeLeaf) as [number, number, number];
    const score = createTreeScorer({
      cuts: [Float32Array.of(1, 2, 3), new Float32Array(0)],
      roots: Int32Array.of(0, 3),
      features: Uint8Array.of(0, 255, 255, 255),
      thresholds: Uint8Array.of(1, 0, 0, 0),
      links: Uint16Array.of(1, low, high, flat),
    });
    expect(score(Float32Array.of(2, 9))).toBeCloseTo((-0.5 + 0.25) / 2, 4);
    expect(score(Float32Array.of(2.1, 9))).toBeCloseTo((0.5 + 0.25) / 2, 4);
  });
});
