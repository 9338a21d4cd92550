import { groupOf, measureSavings, type Interval, type MeasuredSavings } from '@costlane/domain';
import { student } from '../experiments/quantiles';
import {
  simulateHoldout,
  trueSavingOfRequest,
  trueShare,
  usualHoldoutWorld,
  type HoldoutWorld,
} from './testing/simulate-holdout';

const SEEDS = 1_000;
const quantiles = new Map<number, number>();
/** Of whole degrees of freedom, each worked out once: thousands of them would take a minute. */
const quickStudent: typeof student = (probability, degreesOfFreedom) => {
  const whole = Math.floor(degreesOfFreedom);
  let quantile = quantiles.get(whole);
  if (quantile === undefined) quantiles.set(whole, (quantile = student(probability, whole)));
  return quantile;
};
const options = { confidence: 0.95, student: quickStudent, days: 30 };

/** What is measured in each of the draws of a world that have enough users. */
function draws(world: HoldoutWorld, seeds = SEEDS): MeasuredSavings[] {
  const all = Array.from({ length: seeds }, (_, seed) => {
    const { holdout, optimised } = simulateHoldout(world, seed + 1);
    return measureSavings(holdout, optimised, options);
  });
  return all.filter(({ verdict }) => verdict === 'measured');
}

const holds = (interval: Interval | undefined, value: number): boolean =>
  interval !== undefined && interval.low <= value && value <= interval.high;
const rateOf = (all: readonly MeasuredSavings[], isSo: (one: MeasuredSavings) => boolean): number =>
  all.filter(isSo).length / all.length;

describe('savings measured against the holdout', () => {
  const worlds: [string, HoldoutWorld][] = [
    ['of the usual traffic', usualHoldoutWorld],
    ['of hardly enough users', { ...usualHoldoutWorld, users: 420, heldShare: 0.08 }],
    ['where few users make most of the traffic', { ...usualHoldoutWorld, activitySpread: 1.6, userSpread: 1 }],
    ['where few of many users are held out', { ...usualHoldoutWorld, users: 1_200, heldShare: 0.04 }],
    ['where nothing is saved', { ...usualHoldoutWorld, hitRates: [0, 0], costShares: [1, 1], heldShareOfList: 1 }],
  ];

  it.each(worlds)('lie in their interval in at least 93 of 100 draws, %s', (_what, world) => {
    const all = draws(world);
    expect(all.length).toBeGreaterThan(SEEDS / 2);
    expect(rateOf(all, ({ share }) => holds(share, trueShare(world)))).toBeGreaterThanOrEqual(0.93);
  });

  it('show what computed ones do not: that users would not have asked the dear model', () => {
    // Who asks `auto` within a bound of its tenant's would have paid a third of the list price that savings are computed from.
    const world: HoldoutWorld = { ...usualHoldoutWorld, heldShareOfList: 1 / 3, costShares: [0.05, 0.3] };
    const computed = 1 - (1 - 0.35) * 0.175 - world.infrastructure / world.meanBaseline;
    const all = draws(world);
    expect(computed).toBeGreaterThan(0.88);
    expect(trueShare(world)).toBeLessThan(0.23);
    expect(rateOf(all, ({ share }) => holds(share, trueShare(world)))).toBeGreaterThanOrEqual(0.93);
    expect(rateOf(all, ({ share }) => holds(share, computed))).toBe(0);
  });

  it('tell a loss as a loss', () => {
    const world: HoldoutWorld = {
      ...usualHoldoutWorld,
      heldShareOfList: 0.5,
      hitRates: [0, 0.1],
      costShares: [0.8, 1],
    };
    const all = draws(world, 100);
    expect(trueShare(world)).toBeLessThan(-0.3);
    expect(rateOf(all, ({ share }) => (share?.high ?? 0) < 0)).toBe(1);
  });

  it('of a request take nothing for granted: they are right where a cheaper model answers at length, which is told', () => {
    const world: HoldoutWorld = { ...usualHoldoutWorld, users: 2_000, heldShare: 0.2, lengthFactor: 1.8 };
    const all = draws(world, 100);
    const truth = trueSavingOfRequest(world);
    // Counted from a list price that holds the longer answers, savings look larger than they are.
    const shareOfCounted = truth / (world.meanBaseline * world.lengthFactor);
    expect(rateOf(all, ({ share }) => holds(share, shareOfCounted))).toBe(0);
    expect(rateOf(all, ({ perRequest }) => holds(perRequest, truth))).toBeGreaterThanOrEqual(0.9);
    expect(rateOf(all, ({ isBaselineAlike }) => isBaselineAlike === false)).toBeGreaterThanOrEqual(0.9);
    expect(
      rateOf(draws(usualHoldoutWorld, 100), ({ isBaselineAlike }) => isBaselineAlike === true),
    ).toBeGreaterThanOrEqual(0.9);
  });

  it('are not told of fewer than 30 users in a group, but how many days more it takes', () => {
    const users = (count: number) =>
      Array.from({ length: count }, () => ({ requests: 1, baseline: 2, cost: 1, weight: 1 }));
    const savings = (held: number, others: number) =>
      measureSavings(groupOf(users(held)), groupOf(users(others)), options);
    expect(savings(10, 1_000)).toEqual({ verdict: 'not_enough_users', daysMore: 60 });
    expect(savings(29, 1_000)).toEqual({ verdict: 'not_enough_users', daysMore: 2 });
    expect(savings(1_000, 10)).toEqual({ verdict: 'not_enough_users', daysMore: 60 });
    expect(savings(0, 1_000)).toEqual({ verdict: 'nobody_held_out' });
    expect(savings(40, 0)).toEqual({ verdict: 'not_enough_users' });
    expect(savings(30, 30)).toMatchObject({ verdict: 'measured', share: { value: 0, low: 0, high: 0 } });
  });
});
