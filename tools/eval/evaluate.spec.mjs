import fc from 'fast-check';
import { markFront, mixtureAt } from './evaluate.mjs';
import { bootstrapMean, drawOf } from './random.mjs';

const point = fc.record({
  costNanoUsd: fc.integer({ min: 1, max: 1_000 }),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
});
const points = fc.array(point, { minLength: 1, maxLength: 12 });

describe('the front', () => {
  it('has for every policy one on it that is as good and as cheap', () => {
    fc.assert(
      fc.property(points, (policies) => {
        const marked = markFront(policies);
        const front = marked.filter(({ isOnFront }) => isOnFront);
        for (const { costNanoUsd, score } of marked)
          expect(front.some((other) => other.costNanoUsd <= costNanoUsd && other.score >= score)).toBe(true);
      }),
    );
  });

  it('leaves out one that is as good but dearer, and keeps both of two alike', () => {
    const marked = markFront([
      { costNanoUsd: 1, score: 0.5 },
      { costNanoUsd: 2, score: 0.5 },
      { costNanoUsd: 1, score: 0.5 },
    ]);
    expect(marked.map(({ isOnFront }) => isOnFront)).toEqual([true, false, true]);
  });
});

describe('the mixture of fixed models', () => {
  const fixed = [
    { costNanoUsd: 100, score: 0.5 },
    { costNanoUsd: 200, score: 0.9 },
    { costNanoUsd: 500, score: 1 },
  ];

  it.each([
    [100, 0.5],
    [150, 0.7],
    [200, 0.9],
    [350, 0.95],
    [500, 1],
    [99, null],
    [501, null],
  ])('at a cost of %d has %p', (cost, score) => {
    const found = mixtureAt(fixed, cost);
    if (score === null) expect(found).toBeNull();
    else expect(found.score).toBeCloseTo(score, 9);
  });

  it('is never below a model of that cost, nor above the best one', () => {
    fc.assert(
      fc.property(points, (models) => {
        for (const { costNanoUsd, score } of models)
          expect(mixtureAt(models, costNanoUsd).score).toBeGreaterThanOrEqual(score);
        const best = Math.max(...models.map(({ score }) => score));
        expect(mixtureAt(models, models[0].costNanoUsd).score).toBeLessThanOrEqual(best + 1e-12);
      }),
    );
  });
});

describe('what is drawn', () => {
  it('is the same for the same names, and uniform over many', () => {
    expect(drawOf(1, 'a')).toBe(drawOf(1, 'a'));
    const draws = Array.from({ length: 4_000 }, (_, at) => drawOf(1, at));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / draws.length));
  });

  it('has an interval around the mean that is as wide as theory has it', () => {
    const values = Array.from({ length: 200 }, (_, at) => at % 2);
    const [low, high] = bootstrapMean(values, 1);
    const expected = 2 * 1.96 * Math.sqrt(0.25 / 200);
    expect(high - low).toBeGreaterThan(0.85 * expected);
    expect(high - low).toBeLessThan(1.15 * expected);
    expect(bootstrapMean([], 1)).toBeNull();
  });
});
