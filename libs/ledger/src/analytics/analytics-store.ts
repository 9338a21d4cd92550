import type { Database } from '../database';
import { bucketTotals, type BucketQuery, type BucketRow } from './bucket-totals';
import { chargeRows, type ChargeQuery, type ChargeRow } from './charge-rows';
import { costHistory, type CostHistory, type HistoryQuery } from './cost-history';
import { groupTotals, type GroupQuery, type GroupTotals } from './group-totals';
import { holdoutSums, holdoutSumsByTenant, type HoldoutSums } from '../holdout/holdout-sums';
import { findMovers, type MoverQuery, type Movers } from './movers';
import { periodTotals, type PeriodTotals } from './period-totals';
import type { ReportRange, ReportScope } from './report-query';
import { unitTotals, type UnitQuery, type UnitRow } from './unit-totals';

/** What reports are made of: sums of rollups. Each is one statement, and none reads a single request. Throw {@link DatabaseError}. */
export interface AnalyticsStore {
  groups(query: GroupQuery): Promise<GroupTotals>;
  buckets(query: BucketQuery): Promise<BucketRow[]>;
  periods(query: ReportScope): Promise<{ current: PeriodTotals; previous: PeriodTotals }>;
  movers(query: MoverQuery): Promise<Movers>;
  units(query: UnitQuery): Promise<{ overall: UnitRow; rows: UnitRow[] }>;
  history(query: HistoryQuery): Promise<CostHistory>;
  /** Users who are held out, and the others. */
  holdout(query: ReportScope): Promise<HoldoutSums>;
  /** The same of each tenant that holds somebody out. */
  holdoutByTenant(range: ReportRange): Promise<Map<string, HoldoutSums>>;
  /** A page of what each model cost each tenant each day. */
  charges(query: ChargeQuery): Promise<ChargeRow[]>;
}

export function createAnalyticsStore(database: Pick<Database, 'query'>): AnalyticsStore {
  return {
    groups: (query) => groupTotals(database, query),
    buckets: (query) => bucketTotals(database, query),
    periods: (query) => periodTotals(database, query),
    movers: (query) => findMovers(database, query),
    units: (query) => unitTotals(database, query),
    history: (query) => costHistory(database, query),
    holdout: (query) => holdoutSums(database, query),
    holdoutByTenant: (range) => holdoutSumsByTenant(database, range),
    charges: (query) => chargeRows(database, query),
  };
}
