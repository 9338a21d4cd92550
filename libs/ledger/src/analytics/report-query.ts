/** The finest that a report shows. Days are read from `cost_daily_rollup`, and what a range has of its first and last day from the hourly one. */
export type ReportGrain = 'day' | 'hour';

/** From which rows a report is made up into one, `none`: all of the range. */
export type ReportInterval = 'none' | ReportGrain;

/** From `from` on and before `to`; both stand at a full hour. */
export interface ReportRange {
  from: Date;
  to: Date;
  grain: ReportGrain;
}

/** Whose figures, and of when. */
export interface ReportScope {
  /** Absent: the whole deployment, for its administrators only. */
  tenantId?: string;
  range: ReportRange;
}

/** The range of the same length that ends where this one begins. */
export function rangeBefore({ from, to, grain }: ReportRange): ReportRange {
  return { from: new Date(from.getTime() - (to.getTime() - from.getTime())), to: from, grain };
}
