import { measureSavings, type MeasuredSavings } from '@costlane/domain';
import type { HoldoutSums } from '@costlane/ledger';
import { student } from '../experiments/quantiles';

export const HOLDOUT_CONFIDENCE = 0.95;

/** What the sums of both groups say is saved. */
export const savingsOf = ({ holdout, optimised, days }: HoldoutSums): MeasuredSavings =>
  measureSavings(holdout.group, optimised.group, { confidence: HOLDOUT_CONFIDENCE, student, days });
