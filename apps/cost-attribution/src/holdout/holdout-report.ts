import { minimumHoldoutUsers, type Difference, type MeasuredSavings } from '@costlane/domain';
import type { HoldoutArm, HoldoutSums, ReportScope } from '@costlane/ledger';
import { readRange } from '../analytics/read-range';
import { headOf, rowsResult, type Report, type Row } from '../analytics/report';
import { ratio, rounded, usd, usdPer } from '../analytics/usd';
import { HOLDOUT_CONFIDENCE, savingsOf } from './measure-holdout';

/** Of the users who are not held out; a share is of their list price. */
type Figure = 'computed' | 'measured' | 'measured_per_request';

const groupOf = ({ group, paidNanoUsd, baselineNanoUsd, infrastructureNanoUsd }: HoldoutArm) => ({
  users: group.users,
  requests: group.requests,
  paid_usd: usd(paidNanoUsd),
  baseline_usd: usd(baselineNanoUsd),
  infrastructure_usd: usd(infrastructureNanoUsd),
  paid_share_of_baseline: ratio(paidNanoUsd, baselineNanoUsd),
  paid_per_request_usd: usdPer(paidNanoUsd, group.requests),
});

/** An estimate in nano-dollars as dollars; null for one that cannot be made. */
const estimated = (nanoUsd: number): string | null =>
  Number.isFinite(nanoUsd) ? usd(BigInt(Math.round(nanoUsd))) : null;
const share = (value: number): number | null => (Number.isFinite(value) ? rounded(value, 6) : null);

/** The same saving as an amount, as a share of the list price and for each request. */
function rowOf(figure: Figure, of: Difference | undefined, optimised: HoldoutArm): Row {
  const baseline = Number(optimised.baselineNanoUsd);
  const { requests } = optimised.group;
  const { value = NaN, low = NaN, high = NaN } = of ?? {};
  return {
    figure,
    saved_usd: estimated(value * baseline),
    low_usd: estimated(low * baseline),
    high_usd: estimated(high * baseline),
    saved_share: share(value),
    low_share: share(low),
    high_share: share(high),
    saved_per_request_usd: estimated((value * baseline) / requests),
    low_per_request_usd: estimated((low * baseline) / requests),
    high_per_request_usd: estimated((high * baseline) / requests),
  };
}

function rowsOf({ optimised }: HoldoutSums, { share: ofList, perRequest }: MeasuredSavings): Row[] {
  const { baselineNanoUsd, paidNanoUsd, infrastructureNanoUsd, group } = optimised;
  const computed = Number(baselineNanoUsd - paidNanoUsd - infrastructureNanoUsd) / Number(baselineNanoUsd);
  const toShare = group.requests / Number(baselineNanoUsd);
  const ofRequests = perRequest && {
    value: perRequest.value * toShare,
    low: perRequest.low * toShare,
    high: perRequest.high * toShare,
  };
  return [
    // Exact, as far as list prices say what would have been paid.
    rowOf('computed', { value: computed, low: NaN, high: NaN }, optimised),
    rowOf('measured', ofList, optimised),
    rowOf('measured_per_request', ofRequests, optimised),
  ];
}

/** In words, for people: what there is to know about the figures. */
function noteOf({ verdict, daysMore, isBaselineAlike }: MeasuredSavings, { holdout, optimised }: HoldoutSums): string {
  if (verdict === 'nobody_held_out')
    return 'Nobody is held out: set HOLDOUT_SHARE, or holdout_share of a tenant. Users are drawn by their names; requests without one are in neither group.';
  if (verdict === 'not_enough_users') {
    const users = Math.min(holdout.group.users, optimised.group.users);
    const more = daysMore === undefined ? '' : `; at the rate of these days that takes ${daysMore} more`;
    return `Not enough yet: the smaller group has ${users} users, and ${minimumHoldoutUsers} are needed${more}.`;
  }
  return isBaselineAlike
    ? 'The list prices of both groups’ requests do not differ by more than chance: measured is the surer figure.'
    : 'The list prices of both groups’ requests differ by more than chance, so that they are not alike or cheaper models answer at another length: measured_per_request is the one to trust.';
}

/** Savings measured against the users who are held out, beside those that are computed from list prices; all net of our own machines. */
export const holdoutReport: Report<ReportScope> = {
  name: 'holdout',
  read: (reader, { tenantId, now }) => ({ tenantId, range: readRange(reader, now, 'none') }),
  async run(store, query) {
    const sums = await store.holdout(query);
    const savings = savingsOf(sums);
    const { baselineDifference: difference } = savings;
    const head = {
      ...headOf(query),
      verdict: savings.verdict,
      note: noteOf(savings, sums),
      minimum_users: minimumHoldoutUsers,
      days_more: savings.daysMore ?? null,
      confidence: HOLDOUT_CONFIDENCE,
      groups: { holdout: groupOf(sums.holdout), optimised: groupOf(sums.optimised) },
      is_baseline_alike: savings.isBaselineAlike ?? null,
      baseline_per_request_difference: difference
        ? { usd: estimated(difference.value), low_usd: estimated(difference.low), high_usd: estimated(difference.high) }
        : null,
    };
    return rowsResult(head, rowsOf(sums, savings), rowOf('computed', undefined, sums.optimised));
  },
};
