import { emptyTotals, type ReportTotals } from '@costlane/ledger';
import { namesOf, netSavings } from '../figures';
import { headOf, rowsResult, type Report } from '../report';
import { ratio, usd, usdPer } from '../usd';
import { readGroups, templateOf, type GroupsQuery } from './read-groups';

function returnsOf(totals: ReportTotals) {
  const { requests, paidNanoUsd, baselineNanoUsd, infrastructureNanoUsd } = totals;
  const saved = baselineNanoUsd - paidNanoUsd;
  return {
    requests,
    savings_usd: usd(saved),
    infrastructure_usd: usd(infrastructureNanoUsd),
    net_savings_usd: usd(netSavings(totals)),
    /** Dollars saved for each dollar that saving costs. */
    roi: ratio(saved, infrastructureNanoUsd),
    baseline_per_call_usd: usdPer(baselineNanoUsd, requests),
    paid_per_call_usd: usdPer(paidNanoUsd, requests),
    infrastructure_per_call_usd: usdPer(infrastructureNanoUsd, requests),
    savings_per_call_usd: usdPer(saved, requests),
    net_savings_per_call_usd: usdPer(netSavings(totals), requests),
  };
}

/** What optimisation saves against what it costs to run, by feature or variant. */
export const roiReport: Report<GroupsQuery> = {
  name: 'roi',
  read: (reader, context) => readGroups(reader, context, ['feature', 'experiment'], ['none']),
  async run(store, query) {
    const { rows, totals, hasMore } = await store.groups(query);
    const head = { ...headOf(query), group_by: query.grouping, has_more: hasMore, totals: returnsOf(totals) };
    return rowsResult(
      head,
      rows.map((row) => ({ ...namesOf(query.grouping, row), ...returnsOf(row.totals) })),
      { ...templateOf(query.grouping), ...returnsOf(emptyTotals()) },
    );
  },
};
