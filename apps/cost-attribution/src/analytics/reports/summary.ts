import { emptyTotals, rangeBefore, type PeriodTotals, type ReportScope } from '@costlane/ledger';
import { figuresOf } from '../figures';
import { readRange } from '../read-range';
import { headOf, type Report, type Row } from '../report';
import { ratio, usdPer } from '../usd';

function headlinesOf({ totals, users }: PeriodTotals) {
  const { paidNanoUsd, baselineNanoUsd, infrastructureNanoUsd, requests } = totals;
  const cost = paidNanoUsd + infrastructureNanoUsd;
  return {
    ...figuresOf(totals),
    savings_share: ratio(baselineNanoUsd - paidNanoUsd, baselineNanoUsd),
    net_savings_share: ratio(baselineNanoUsd - cost, baselineNanoUsd),
    users,
    cost_per_request_usd: usdPer(cost, requests),
  } satisfies Row;
}

type Headlines = ReturnType<typeof headlinesOf>;

/** How much of itself each figure has grown by; null where it was nothing. */
const changeOf = (current: Headlines, previous: Headlines): Row =>
  Object.fromEntries(
    Object.entries(current).map(([name, value]) => {
      const before = Number(previous[name as keyof Headlines] ?? 0);
      return [name, value === null ? null : ratio(Number(value) - before, before)];
    }),
  );

/** All headline figures of a period and of the one before. */
export const summaryReport: Report<ReportScope> = {
  name: 'summary',
  read: (reader, { tenantId, now }) => ({ tenantId, range: readRange(reader, now, 'none') }),
  async run(store, query) {
    const periods = await store.periods(query);
    const [current, previous] = [headlinesOf(periods.current), headlinesOf(periods.previous)];
    const before = rangeBefore(query.range);
    const spanOf = ({ from, to }: { from: Date; to: Date }) => ({ from: from.toISOString(), to: to.toISOString() });
    return {
      document: {
        ...headOf(query),
        current: { ...spanOf(query.range), ...current },
        previous: { ...spanOf(before), ...previous },
        change_share: changeOf(current, previous),
      },
      columns: ['period', 'from', 'to', ...Object.keys(headlinesOf({ totals: emptyTotals(), users: 0 }))],
      rows: [
        { period: 'current', ...spanOf(query.range), ...current },
        { period: 'previous', ...spanOf(before), ...previous },
      ],
    };
  },
};
