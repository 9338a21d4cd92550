import { meanDifference, type Difference } from '../statistics/difference';
import type { MeanEstimate, StudentQuantile } from '../statistics/cluster-mean';
import type { HoldoutGroup, RatioSums } from './group-sums';

/** Fewer users in a group say too little of how users vary. */
export const minimumHoldoutUsers = 30;

/** What optimisation saves, as the holdout shows it: an amount of what it is asked about, and its interval. */
export type SavingEstimate = Difference;

export interface MeasuredSavings {
  readonly verdict: 'measured' | 'not_enough_users' | 'nobody_held_out';
  /** Until there are enough users, if as many come a day as up to now; absent where that cannot be said, or there are. */
  readonly daysMore?: number;
  /**
   * Share of the list price that is saved, net: what the holdout pays of its list price less what the others pay of theirs. List prices make groups of different requests
   * comparable, so that it is sure with few users; it takes for granted that the list price of a request does not depend on whether it is optimised. Absent without enough users.
   */
  readonly share?: SavingEstimate;
  /** What is saved of a request, net, in the unit of the amounts. Takes nothing for granted but the draw, and needs more users to be as sure. */
  readonly perRequest?: SavingEstimate;
  /**
   * List price of an optimised request less that of one held out. Where the interval does not hold 0 the groups ask for different things, or cheaper models answer at another length:
   * then `share` leans on a list price that is not what would have been paid, and `perRequest` is the one to trust.
   */
  readonly baselineDifference?: Difference;
  readonly isBaselineAlike?: boolean;
}

export interface MeasureOptions {
  readonly confidence: number;
  readonly student: StudentQuantile;
  /** That the users were counted in. */
  readonly days: number;
}

/** Compares the users who are held out with the others; users, not requests, are what was drawn. */
export function measureSavings(
  holdout: HoldoutGroup,
  optimised: HoldoutGroup,
  { confidence, student, days }: MeasureOptions,
): MeasuredSavings {
  const users = Math.min(holdout.users, optimised.users);
  if (users === 0) return { verdict: holdout.users === 0 ? 'nobody_held_out' : 'not_enough_users' };
  if (users < minimumHoldoutUsers) {
    const daysMore = Math.ceil(((minimumHoldoutUsers - users) * days) / users);
    return { verdict: 'not_enough_users', daysMore };
  }
  const saved = (of: 'costOfBaseline' | 'costOfRequests'): Difference =>
    meanDifference(
      ratioEstimate(optimised[of], optimised.users),
      ratioEstimate(holdout[of], holdout.users),
      confidence,
      student,
    );
  const baselineDifference = meanDifference(
    ratioEstimate(holdout.baselineOfRequests, holdout.users),
    ratioEstimate(optimised.baselineOfRequests, optimised.users),
    confidence,
    student,
  );
  return {
    verdict: 'measured',
    share: saved('costOfBaseline'),
    perRequest: saved('costOfRequests'),
    baselineDifference,
    isBaselineAlike: baselineDifference.low <= 0 && baselineDifference.high >= 0,
  };
}

/** Below it a sum of squares is what rounding left of nothing. */
const ROUNDING = 1e-12;

/**
 * A ratio of sums over users with the error that leaving out one user at a time shows (the jackknife; Cochran, Sampling Techniques, 1977, 6.17), which stays honest where few users make
 * much of the traffic. So do its degrees of freedom: as many as there are users that count (Kish, Survey Sampling, 1965, 11.7).
 */
export function ratioEstimate(sums: RatioSums, users: number): MeanEstimate {
  const { total, size, totalSquares, products, sizeSquares } = sums;
  const mean = total / size;
  const parts = totalSquares + 2 * Math.abs(mean * products) + mean * mean * sizeSquares;
  const residual = totalSquares - 2 * mean * products + mean * mean * sizeSquares;
  const squares = residual > ROUNDING * parts ? residual : 0;
  const counting = Math.min(users, (size * size) / sizeSquares);
  return {
    mean,
    standardError: users < 2 ? NaN : Math.sqrt(((users - 1) / users) * squares) / size,
    degreesOfFreedom: Math.max(1, counting - 1),
    clusters: users,
    observations: size,
  };
}
