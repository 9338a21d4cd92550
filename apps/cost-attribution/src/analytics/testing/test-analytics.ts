import { createLedger, createMigratedDatabase, type AnalyticsStore, type Ledger } from '@costlane/ledger';
import { createMetrics } from '@costlane/platform';
import { databaseUrlForTests } from '@costlane/testing';
import { quiet } from '../../testing/test-stream';
import { createAnalytics, type Analytics } from '../analytics.service';
import { createReportCache } from '../report-cache';
import { createTurns } from '../turns';
import { INFRASTRUCTURE_NANO_USD, NOW, reportRecords, RESERVED_NANO_USD_PER_HOUR } from './report-records';

export const describeWithPostgres = databaseUrlForTests() ? describe : describe.skip;

export interface TestAnalytics {
  ledger: Ledger;
  analytics: Analytics;
  /** A report's document. */
  document(report: string, parameters?: Record<string, string>, tenantId?: string): Promise<Document>;
  /** Everything that an export sends. */
  exported(report: string, parameters?: Record<string, string>, tenantId?: string): Promise<string>;
  /** Statements that were asked so far. */
  statements(): number;
  /** As the one who rolls up says it. */
  rolledUp(): void;
  end(): Promise<void>;
}

export type Line = Record<string, string | number | null>;
export interface Document extends Record<string, unknown> {
  rows: Line[];
  totals: Line;
  total: Line;
  current: Line;
  previous: Line;
  change_share: Line;
}

/** Analytics over a database of its own, into which the records have come by the ledger's own road, rollups included. */
export async function startTestAnalytics(records = reportRecords()): Promise<TestAnalytics> {
  const scratch = await createMigratedDatabase(databaseUrlForTests() ?? '');
  const ledger = createLedger({
    databaseUrl: scratch.url,
    logger: quiet,
    infrastructureCostOf: () => INFRASTRUCTURE_NANO_USD,
  });
  await ledger.record(records);
  await ledger.rollups.run();
  let [statements, version] = [0, 1];
  const counted = <Query, Reply>(ask: (query: Query) => Promise<Reply>) => {
    return (query: Query): Promise<Reply> => {
      statements += 1;
      return ask(query);
    };
  };
  const { groups, buckets, periods, movers, units, history, holdout, holdoutByTenant, charges } = ledger.analytics;
  const store: AnalyticsStore = {
    groups: counted(groups),
    buckets: counted(buckets),
    periods: counted(periods),
    movers: counted(movers),
    units: counted(units),
    history: counted(history),
    holdout: counted(holdout),
    holdoutByTenant: counted(holdoutByTenant),
    charges: counted(charges),
  };
  const analytics = createAnalytics({
    store,
    cache: createReportCache({
      version: () => Promise.resolve(String(version)),
      metrics: createMetrics({ service: 'test' }),
    }),
    takeTurn: createTurns(2, 100),
    focus: { billingAccount: 'costlane' },
    reservedNanoUsdPerHour: RESERVED_NANO_USD_PER_HOUR,
    now: () => NOW,
  });
  return {
    ledger,
    analytics,
    document: async (report, parameters = {}, tenantId?: string) =>
      JSON.parse(await analytics.report({ report, tenantId, parameters })) as Document,
    async exported(report, parameters = {}, tenantId?: string) {
      let text = '';
      for await (const piece of analytics.export({ report, tenantId, parameters })) text += piece;
      return text;
    },
    statements: () => statements,
    rolledUp: () => void (version += 1),
    async end() {
      await ledger.close();
      await scratch.drop();
    },
  };
}
