import { measureSavings, type MeasuredSavings } from '@costlane/domain';
import type { AnalyticsStore, HoldoutSums, ReportScope } from '@costlane/ledger';
import { student } from '../experiments/quantiles';

export const HOLDOUT_CONFIDENCE = 0.95;

/** What the sums of both groups say is saved. */
export const savingsOf = ({ holdout, optimised, days }: HoldoutSums): MeasuredSavings =>
  measureSavings(holdout.group, optimised.group, { confidence: HOLDOUT_CONFIDENCE, student, days });

/**
 * Savings of a range as the holdout shows them, of a tenant or of all: for rules that look at them. `share` is there once there are enough users; below a target are savings whose `share.high`
 * is. One statement over rollups. Throws {@link DatabaseError}.
 */
export const measureHoldout = async (
  store: Pick<AnalyticsStore, 'holdout'>,
  scope: ReportScope,
): Promise<MeasuredSavings> => savingsOf(await store.holdout(scope));
