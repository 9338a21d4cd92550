import type { AnalyticsStore, ReportRange } from '@costlane/ledger';
import type { ParameterReader } from './read-parameters';

export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

/** What a report shows, and how it looks as a table. */
export interface ReportResult {
  document: object;
  columns: readonly string[];
  rows: readonly Row[];
}

/** Who asks, and when. */
export interface ReportContext {
  /** Absent: the whole deployment. */
  tenantId?: string;
  now: Date;
  /** What the deployment's machines cost an hour, used or not; absent or 0: nobody has said. */
  reservedNanoUsdPerHour?: number;
}

/** One report: its parameters, and what it makes of them with one statement. */
export interface Report<Query = unknown> {
  name: string;
  /** The same question is the same JSON: it is what answers are kept under. Throws `invalid_request` that names the parameter. */
  read(reader: ParameterReader, context: ReportContext): Query;
  run(store: AnalyticsStore, query: Query): Promise<ReportResult>;
}

/** What every report's document begins with. */
export const headOf = ({ tenantId, range }: { tenantId?: string; range: ReportRange }) => ({
  tenant_id: tenantId ?? null,
  from: range.from.toISOString(),
  to: range.to.toISOString(),
});

/** Of a report whose document is its rows and what stands beside them. `template`: a row, for the columns of an empty table. */
export function rowsResult(head: object, rows: readonly Row[], template: Row): ReportResult {
  return { document: { ...head, rows }, columns: Object.keys(template), rows };
}
