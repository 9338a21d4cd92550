import { emptyTotals, reportGroupings } from '@costlane/ledger';
import { bucketOf, figuresOf, namesOf } from '../figures';
import { headOf, rowsResult, type Report } from '../report';
import { intervals, readGroups, templateOf, type GroupsQuery } from './read-groups';

const groupings = ['model', ...reportGroupings.filter((grouping) => grouping !== 'model')] as const;

/** Costs, savings, hits, errors and latency by whatever they can be told apart by, over all of the range or by day or hour. */
export const costsReport: Report<GroupsQuery> = {
  name: 'costs',
  read: (reader, context) => readGroups(reader, context, groupings, intervals),
  async run(store, query) {
    const { grouping, interval } = query;
    const { rows, totals, hasMore } = await store.groups(query);
    const head = { ...headOf(query), group_by: grouping, interval, has_more: hasMore, totals: figuresOf(totals) };
    return rowsResult(
      head,
      // Spreading objects of this size takes V8 five times as long, and there may be ten thousand.
      rows.map((row) => Object.assign(bucketOf(interval, row.bucket), namesOf(grouping, row), figuresOf(row.totals))),
      { ...bucketOf(interval, ''), ...templateOf(grouping), ...figuresOf(emptyTotals()) },
    );
  },
};
