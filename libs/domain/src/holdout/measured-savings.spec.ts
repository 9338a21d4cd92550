import { groupOf, type HoldoutUser } from './group-sums';
import { measureSavings, ratioEstimate } from './measured-savings';

const user = (cost: number, baseline: number, requests = 1, weight = 1): HoldoutUser => ({
  requests,
  baseline,
  cost,
  weight,
});
const student = () => 2;

describe('a ratio over users', () => {
  const users = [user(2, 3), user(5, 10), user(1, 1), user(9, 11), user(4, 6)];

  it('has the error that leaving out one user at a time shows', () => {
    const { costOfBaseline } = groupOf(users);
    const { mean, standardError } = ratioEstimate(costOfBaseline, users.length);
    const ratio = (some: readonly HoldoutUser[]): number =>
      some.reduce((sum, { cost }) => sum + cost, 0) / some.reduce((sum, { baseline }) => sum + baseline, 0);
    expect(mean).toBeCloseTo(ratio(users), 12);
    const squares = users.map((left) => (ratio(users.filter((other) => other !== left)) - ratio(users)) ** 2);
    const jackknife = Math.sqrt((squares.reduce((sum, square) => sum + square, 0) * (users.length - 1)) / users.length);
    expect(standardError).toBeCloseTo(jackknife, 12);
  });

  it('does not change when all users weigh as much more, and follows those that do', () => {
    const heavier = users.map((each) => ({ ...each, weight: 7 }));
    const [once, more] = [users, heavier].map((some) => ratioEstimate(groupOf(some).costOfBaseline, some.length));
    expect(more?.mean).toBeCloseTo(once?.mean ?? NaN, 12);
    expect(more?.standardError).toBeCloseTo(once?.standardError ?? NaN, 12);
    const { costOfBaseline } = groupOf([user(1, 1, 1, 3), user(0, 1)]);
    expect(ratioEstimate(costOfBaseline, 2).mean).toBe(0.75);
  });

  it('counts as few users as make its traffic', () => {
    const even = Array.from({ length: 40 }, () => user(1, 2));
    expect(ratioEstimate(groupOf(even).costOfBaseline, 40).degreesOfFreedom).toBeGreaterThan(36);
    const uneven = [user(1_000, 2_000), ...even];
    expect(ratioEstimate(groupOf(uneven).costOfBaseline, 41).degreesOfFreedom).toBe(1);
  });

  it('is not known of one user', () => {
    expect(ratioEstimate(groupOf([user(1, 2)]).costOfBaseline, 1).standardError).toBeNaN();
  });
});

describe('measured savings', () => {
  it('are what the holdout pays of its list price, less what the others pay of theirs', () => {
    const holdout = groupOf(Array.from({ length: 30 }, (_, at) => user(at + 1, at + 1)));
    const optimised = groupOf(Array.from({ length: 60 }, (_, at) => user((at + 1) / 4, at + 1)));
    const { verdict, share, perRequest } = measureSavings(holdout, optimised, { confidence: 0.95, student, days: 7 });
    expect(verdict).toBe('measured');
    expect(share?.value).toBeCloseTo(0.75, 12);
    // Every user pays the same share: nothing varies.
    expect([share?.low, share?.high]).toEqual([share?.value, share?.value]);
    expect(perRequest?.value).toBeCloseTo(15.5 - 30.5 / 4, 12);
    expect(perRequest?.low).toBeLessThan(perRequest?.value ?? 0);
  });
});
