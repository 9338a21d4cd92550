import { comparisonConfidence, verdictOf } from './verdict';

describe('verdict', () => {
  it.each([
    [1, 2, true, 'better'],
    [1, 2, false, 'worse'],
    [-2, -1, true, 'worse'],
    [-2, -1, false, 'better'],
    [-1, 1, true, 'no_difference_shown'],
    [0, 1, true, 'no_difference_shown'],
    [NaN, NaN, true, 'too_few_data'],
  ] as const)(
    'of a difference from %d to %d where higher is better (%s) is %s',
    (low, high, isHigherBetter, verdict) => {
      expect(verdictOf({ low, high }, { isHigherBetter, isEnough: true })).toBe(verdict);
      expect(verdictOf({ low, high }, { isHigherBetter, isEnough: false })).toBe('too_few_data');
    },
  );

  it('asks more of each comparison where there are several', () => {
    expect(comparisonConfidence(0.95, 1)).toBeCloseTo(0.95, 12);
    expect(comparisonConfidence(0.95, 5)).toBeCloseTo(0.99, 12);
    expect(comparisonConfidence(0.95, 0)).toBeCloseTo(0.95, 12);
  });
});
