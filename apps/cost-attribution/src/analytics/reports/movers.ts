import { rangeBefore, type Mover, type ReportGrouping, type ReportScope } from '@costlane/ledger';
import { namesOf } from '../figures';
import { readRange } from '../read-range';
import { headOf, rowsResult, type Report } from '../report';
import { ratio, usd } from '../usd';
import { readLimit, templateOf } from './read-groups';

interface MoversQuery extends ReportScope {
  grouping: ReportGrouping;
  limit: number;
}

const groupings = ['user', 'team', 'feature', 'model', 'key', 'provider', 'endpoint', 'tenant'] as const;

function changeOf(mover: Mover) {
  const { paidNanoUsd, previousPaidNanoUsd, requests, previousRequests } = mover;
  const change = paidNanoUsd - previousPaidNanoUsd;
  return {
    kind: previousRequests === 0 ? 'new' : requests === 0 ? 'gone' : change > 0n ? 'up' : 'down',
    paid_usd: usd(paidNanoUsd),
    previous_paid_usd: usd(previousPaidNanoUsd),
    change_usd: usd(change),
    change_share: ratio(change, previousPaidNanoUsd),
    requests,
    previous_requests: previousRequests,
  };
}

const unmoved = { paidNanoUsd: 0n, previousPaidNanoUsd: 0n, requests: 0, previousRequests: 0 };

/** Whose payments changed most against the period of the same length before. */
export const moversReport: Report<MoversQuery> = {
  name: 'movers',
  read(reader, { tenantId, now }) {
    const grouping = reader.oneOf('group_by', groupings, 'user');
    return { tenantId, grouping, range: readRange(reader, now, 'none'), limit: readLimit(reader) };
  },
  async run(store, query) {
    const { grouping } = query;
    const { rows, hasMore } = await store.movers(query);
    const previous = rangeBefore(query.range);
    const head = {
      ...headOf(query),
      previous_from: previous.from.toISOString(),
      previous_to: previous.to.toISOString(),
      group_by: grouping,
      has_more: hasMore,
    };
    return rowsResult(
      head,
      rows.map((row) => ({ ...namesOf(grouping, row), ...changeOf(row) })),
      { ...templateOf(grouping), ...changeOf(unmoved) },
    );
  },
};
