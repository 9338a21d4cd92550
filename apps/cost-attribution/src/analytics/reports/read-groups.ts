import {
  groupOrders,
  isPerTenant,
  type GroupOrder,
  type ReportGrouping,
  type ReportInterval,
  type ReportScope,
} from '@costlane/ledger';
import { namesOf } from '../figures';
import { refusal, type ParameterReader } from '../read-parameters';
import { intervalsIn, readRange, requireDays } from '../read-range';
import type { ReportContext, Row } from '../report';

export const MAX_ROWS = 10_000;
const DEFAULT_LIMIT = 100;
/** There may be thousands of these, each with a row for each hour. */
const manyGroups: ReadonlySet<ReportGrouping> = new Set(['user', 'key']);
const MAX_DAYS_OF_MANY = 7;
export const intervals = ['none', 'day', 'hour'] as const;

export interface GroupsQuery extends ReportScope {
  grouping: ReportGrouping;
  interval: ReportInterval;
  order: GroupOrder;
  isAscending: boolean;
  limit: number;
}

const orders = [...(Object.keys(groupOrders) as GroupOrder[]), 'name' as const];
const directions = orders.flatMap((order) => [order, `${order}.asc` as const, `${order}.desc` as const]);

/** The parameters of a report by groups. */
export function readGroups(
  reader: ParameterReader,
  { tenantId, now }: ReportContext,
  groupings: readonly ReportGrouping[],
  allowedIntervals: readonly ReportInterval[],
): GroupsQuery {
  const grouping = reader.oneOf('group_by', groupings, groupings[0] as ReportGrouping);
  const interval = allowedIntervals.length > 1 ? reader.oneOf('interval', allowedIntervals, 'none') : 'none';
  const range = readRange(reader, now, interval);
  if (interval === 'hour' && manyGroups.has(grouping))
    requireDays(range, MAX_DAYS_OF_MANY, ` where each ${grouping}’s hours are shown`);
  return {
    tenantId,
    range,
    grouping,
    interval,
    ...readOrder(reader),
    limit: readLimit(reader, intervalsIn(range, interval)),
  };
}

/** Of groups: with their days or hours there are at most ten thousand rows. */
export function readLimit(reader: ParameterReader, rowsEach = 1): number {
  const max = Math.max(Math.floor(MAX_ROWS / rowsEach), 1);
  const limit = reader.integer('limit', { otherwise: Math.min(DEFAULT_LIMIT, max), min: 1, max: MAX_ROWS });
  if (limit <= max) return limit;
  throw refusal('limit', `has to be at most ${max}: each has up to ${rowsEach} rows, and an answer ${MAX_ROWS}`);
}

/** `paid`, `paid.asc`…: names begin with the first, amounts with the largest. */
function readOrder(reader: ParameterReader): Pick<GroupsQuery, 'order' | 'isAscending'> {
  const [order = 'paid', direction] = reader.oneOf('order', directions, 'paid').split('.') as [GroupOrder, string?];
  return { order, isAscending: direction === undefined ? order === 'name' : direction === 'asc' };
}

/** The names that a row of a grouping begins with. */
export const templateOf = (grouping: ReportGrouping): Row =>
  namesOf(grouping, { ...(isPerTenant(grouping) ? { tenant_id: '' } : {}), value: '', parent: '' });
