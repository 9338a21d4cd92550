import fc from 'fast-check';
import { calibrationError, operatingPoint, pointAtFalseHitRate, precisionRecallArea, rocArea } from './metrics';

const scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4];
const labels = [1, 1, 0, 1, 0, 0];

test('an operating point counts what is answered of each kind', () => {
  expect(operatingPoint(scores, labels, 0.65)).toEqual({
    threshold: 0.65,
    recall: 2 / 3,
    falseHitRate: 1 / 3,
    precision: 2 / 3,
  });
});

test('the threshold chosen with hindsight takes as much as the rate allows', () => {
  expect(pointAtFalseHitRate(scores, labels, 0)).toMatchObject({ threshold: 0.8, falseHitRate: 0 });
  expect(pointAtFalseHitRate(scores, labels, 0.34)).toMatchObject({ threshold: 0.6, recall: 1 });
});

test('pairs of one score are taken together or not at all', () => {
  expect(pointAtFalseHitRate([0.9, 0.9, 0.1], [1, 0, 0], 0.1)).toMatchObject({ threshold: Infinity, recall: 0 });
});

test('areas: by hand, and of scores that say nothing', () => {
  expect(rocArea(scores, labels)).toBeCloseTo(8 / 9);
  expect(precisionRecallArea(scores, labels)).toBeCloseTo((1 + 1 + 3 / 4) / 3);
  expect(rocArea([1, 1, 1, 1], [1, 0, 1, 0])).toBe(0.5);
});

test('areas depend on the order of the scores alone', () => {
  const pairs = fc.array(fc.record({ score: fc.integer({ min: 0, max: 30 }), label: fc.constantFrom(0, 1) }), {
    minLength: 2,
  });
  fc.assert(
    fc.property(pairs, (rows) => {
      const own = rows.map(({ score }) => score);
      const stretched = own.map((score) => Math.exp(score / 5) - 3);
      const truth = rows.map(({ label }) => label);
      expect(rocArea(stretched, truth)).toBeCloseTo(rocArea(own, truth), 10);
      expect(precisionRecallArea(stretched, truth)).toBeCloseTo(precisionRecallArea(own, truth), 10);
    }),
  );
});

test('the calibration error is nought for shares that come true and large for boasts', () => {
  const truth = Array.from({ length: 1000 }, (_, row) => (row % 10 < 8 ? 1 : 0));
  expect(calibrationError(new Array<number>(1000).fill(0.8), truth, 1)).toBeCloseTo(0);
  expect(calibrationError(new Array<number>(1000).fill(1), truth, 1)).toBeCloseTo(0.2);
});
