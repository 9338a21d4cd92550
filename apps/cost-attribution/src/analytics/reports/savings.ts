import {
  sumTotals,
  type BucketRow,
  type ReportInterval,
  type ReportRange,
  type ReportScope,
  type ReportTotals,
} from '@costlane/ledger';
import { bucketOf, netSavings } from '../figures';
import { readRange } from '../read-range';
import { headOf, rowsResult, type Report, type Row } from '../report';
import { ratio, usd } from '../usd';
import { intervals } from './read-groups';

/** What the deployment keeps ready, and up to when that is known. */
interface Reserved {
  nanoUsdPerHour: number;
  until: Date;
}

interface SavingsQuery extends ReportScope {
  interval: ReportInterval;
  /** Of the whole deployment only: no tenant has machines of its own. */
  reserved?: Reserved;
}

const HOUR_MS = 3_600_000;

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

/** From the first day or hour of the range that has a request, for before it there may have been no deployment, at the prices of now. What no request accounts for is idle. */
function machinesOf(
  { nanoUsdPerHour, until }: Reserved,
  range: ReportRange,
  first: BucketRow | undefined,
  totals: ReportTotals,
) {
  const from = first === undefined ? until : new Date(Math.max(range.from.getTime(), Date.parse(first.bucket)));
  const hours = Math.max(Math.floor((until.getTime() - from.getTime()) / HOUR_MS), 0);
  const reserved = BigInt(nanoUsdPerHour) * BigInt(hours);
  const { baselineNanoUsd, paidNanoUsd, infrastructureNanoUsd: attributed } = totals;
  return {
    from: from.toISOString(),
    to: until.toISOString(),
    reserved_usd: usd(reserved),
    attributed_usd: usd(attributed),
    idle_usd: usd(reserved - attributed),
    savings_less_reserved_usd: usd(baselineNanoUsd - paidNanoUsd - reserved),
  };
}

/** What was saved, by cause, and what is left of it after the cost of saving. */
export const savingsReport: Report<SavingsQuery> = {
  name: 'savings',
  read(reader, { tenantId, now, reservedNanoUsdPerHour: nanoUsdPerHour = 0 }) {
    const interval = reader.oneOf('interval', intervals, 'none');
    const range = readRange(reader, now, interval);
    if (tenantId !== undefined || nanoUsdPerHour === 0) return { tenantId, interval, range };
    // The hour under way has only begun.
    const until = new Date(Math.min(range.to.getTime(), now.getTime() - (now.getTime() % HOUR_MS)));
    return { tenantId, interval, range, reserved: { nanoUsdPerHour, until } };
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
      ...(query.reserved ? { machines: machinesOf(query.reserved, query.range, buckets[0], totals) } : {}),
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
