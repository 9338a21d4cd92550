import { emptyTotals, type ReportInterval, type ReportScope, type UnitRow } from '@costlane/ledger';
import { bucketOf } from '../figures';
import { readRange } from '../read-range';
import { headOf, rowsResult, type Report } from '../report';
import { divideRounded, usd, usdPer } from '../usd';
import { intervals } from './read-groups';

interface UnitsQuery extends ReportScope {
  interval: ReportInterval;
}

/** Costs are what was paid and what Costlane itself cost. `users`: in all of the range; active ones: in a row's day or hour. */
function unitsOf(row: UnitRow, users: number) {
  const { totals, activeUsers, userCostNanoUsd, featureCalls, featureCostNanoUsd } = row;
  const cost = totals.paidNanoUsd + totals.infrastructureNanoUsd;
  const tokens = totals.tokensInput + totals.tokensOutput;
  return {
    requests: totals.requests,
    cost_usd: usd(cost),
    cost_per_request_usd: usdPer(cost, totals.requests),
    active_users: activeUsers,
    cost_per_active_user_usd: usdPer(userCostNanoUsd, activeUsers),
    cost_per_user_usd: usdPer(userCostNanoUsd, users),
    feature_calls: featureCalls,
    cost_per_feature_call_usd: usdPer(featureCostNanoUsd, featureCalls),
    tokens,
    cost_per_1k_tokens_usd: tokens > 0 ? usd(divideRounded(cost * 1_000n, BigInt(tokens))) : null,
  };
}

const nothing: UnitRow = {
  totals: emptyTotals(),
  activeUsers: 0,
  userCostNanoUsd: 0n,
  featureCalls: 0,
  featureCostNanoUsd: 0n,
};

/** What a user, a call of a feature, a request and a thousand tokens cost. */
export const unitEconomicsReport: Report<UnitsQuery> = {
  name: 'unit-economics',
  read(reader, { tenantId, now }) {
    const interval = reader.oneOf('interval', intervals, 'day');
    return { tenantId, interval, range: readRange(reader, now, interval) };
  },
  async run(store, query) {
    const { interval } = query;
    const { overall, rows } = await store.units(query);
    const users = overall.activeUsers;
    const total = unitsOf(overall, users);
    return rowsResult(
      { ...headOf(query), interval, users, total },
      interval === 'none'
        ? [total]
        : rows.map((row) => ({ ...bucketOf(interval, row.bucket), ...unitsOf(row, users) })),
      { ...bucketOf(interval, ''), ...unitsOf(nothing, 0) },
    );
  },
};
