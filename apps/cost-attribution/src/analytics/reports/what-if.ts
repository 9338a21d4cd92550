import { emptyTotals, sumTotals, type ReportScope, type ReportTotals } from '@costlane/ledger';
import { bucketOf } from '../figures';
import { readRange } from '../read-range';
import { headOf, rowsResult, type Report } from '../report';
import { ratio, usd } from '../usd';

const levers = ['all', 'cache', 'routing', 'prefix', 'batching'] as const;
type Lever = (typeof levers)[number];

interface WhatIfQuery extends ReportScope {
  without: Lever;
  interval: 'day' | 'hour';
}

function lostOf(totals: ReportTotals, without: Lever): bigint {
  if (without === 'all') return totals.baselineNanoUsd - totals.paidNanoUsd;
  return totals[`${without}NanoUsd`];
}

/** With nothing switched on there is nothing to run either; with the rest still on, its cost stays. */
function withoutLever(totals: ReportTotals, without: Lever) {
  const { paidNanoUsd, infrastructureNanoUsd, requests } = totals;
  const lost = lostOf(totals, without);
  const cost = paidNanoUsd + infrastructureNanoUsd;
  const otherCost = paidNanoUsd + lost + (without === 'all' ? 0n : infrastructureNanoUsd);
  return {
    requests,
    paid_usd: usd(paidNanoUsd),
    infrastructure_usd: usd(infrastructureNanoUsd),
    cost_usd: usd(cost),
    what_if_paid_usd: usd(paidNanoUsd + lost),
    what_if_cost_usd: usd(otherCost),
    difference_usd: usd(otherCost - cost),
    difference_share: ratio(otherCost - cost, cost),
  };
}

/** What would have been paid with a lever off, by the savings that each request's record holds. */
export const whatIfReport: Report<WhatIfQuery> = {
  name: 'what-if',
  read(reader, { tenantId, now }) {
    const without = reader.oneOf('without', levers, 'all');
    const interval = reader.oneOf('interval', ['day', 'hour'], 'day');
    return { tenantId, without, interval, range: readRange(reader, now, interval) };
  },
  async run(store, query) {
    const { without, interval } = query;
    const buckets = await store.buckets(query);
    const total = withoutLever(sumTotals(buckets.map(({ totals }) => totals)), without);
    return rowsResult(
      { ...headOf(query), without, interval, total },
      buckets.map(({ bucket, totals }) => ({ ...bucketOf(interval, bucket), ...withoutLever(totals, without) })),
      { ...bucketOf(interval, ''), ...withoutLever(emptyTotals(), without) },
    );
  },
};
