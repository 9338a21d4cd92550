import { sumTotals, type ReportInterval, type ReportScope, type ReportTotals } from '@costlane/ledger';
import { bucketOf, netSavings } from '../figures';
import { readRange } from '../read-range';
import { headOf, rowsResult, type Report, type Row } from '../report';
import { ratio, usd } from '../usd';
import { intervals } from './read-groups';

interface SavingsQuery extends ReportScope {
  interval: ReportInterval;
}

const amountsOf = (totals: ReportTotals) => ({
  cache: totals.cacheNanoUsd,
  routing: totals.routingNanoUsd,
  prefix: totals.prefixNanoUsd,
  batching: totals.batchingNanoUsd,
  infrastructure: -totals.infrastructureNanoUsd,
  net: netSavings(totals),
});

/** A row for each cause; what running Costlane costs counts against them. */
function causesOf(totals: ReportTotals): Row[] {
  const { baselineNanoUsd, paidNanoUsd } = totals;
  return Object.entries(amountsOf(totals)).map(([cause, amount]) => ({
    cause,
    amount_usd: usd(amount),
    share_of_savings: ratio(amount, baselineNanoUsd - paidNanoUsd),
    share_of_baseline: ratio(amount, baselineNanoUsd),
  }));
}

/** What was saved, by cause, and what is left of it after the cost of saving. */
export const savingsReport: Report<SavingsQuery> = {
  name: 'savings',
  read(reader, { tenantId, now }) {
    const interval = reader.oneOf('interval', intervals, 'none');
    return { tenantId, interval, range: readRange(reader, now, interval) };
  },
  async run(store, query) {
    const { interval } = query;
    const buckets = await store.buckets({ ...query, interval: interval === 'none' ? query.range.grain : interval });
    const totals = sumTotals(buckets.map((bucket) => bucket.totals));
    const head = {
      ...headOf(query),
      interval,
      baseline_usd: usd(totals.baselineNanoUsd),
      paid_usd: usd(totals.paidNanoUsd),
      infrastructure_usd: usd(totals.infrastructureNanoUsd),
      savings_usd: usd(totals.baselineNanoUsd - totals.paidNanoUsd),
      net_savings_usd: usd(netSavings(totals)),
    };
    const rows =
      interval === 'none'
        ? causesOf(totals)
        : buckets.flatMap((one) => causesOf(one.totals).map((row) => ({ ...bucketOf(interval, one.bucket), ...row })));
    return rowsResult(head, rows, {
      ...bucketOf(interval, ''),
      cause: '',
      amount_usd: '',
      share_of_savings: null,
      share_of_baseline: null,
    });
  },
};
