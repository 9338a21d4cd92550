import { CostlaneError } from '@costlane/domain';
import type { AnalyticsStore } from '@costlane/ledger';
import { reports } from './all-reports';
import { csvTable } from './csv';
import { exportFocus, readFocus } from './focus/export-focus';
import type { FocusContext } from './focus/focus-columns';
import { createParameterReader } from './read-parameters';
import type { ReportCache } from './report-cache';
import type { TakeTurn } from './turns';

export interface AnalyticsQuestion {
  report: string;
  /** Absent: the whole deployment. */
  tenantId?: string;
  parameters: Readonly<Record<string, string>>;
}

export interface AnalyticsOptions {
  store: AnalyticsStore;
  cache: ReportCache;
  takeTurn: TakeTurn;
  focus: FocusContext;
  /** What the deployment's machines cost an hour, used or not; absent or 0: not known. */
  reservedNanoUsdPerHour?: number;
  now?: () => Date;
}

export interface Analytics {
  /** A report's document, as JSON. */
  report(question: AnalyticsQuestion): Promise<string>;
  /** A report as a table, or a FOCUS export, in pieces. */
  export(question: AnalyticsQuestion): AsyncIterable<string>;
}

/** Answers questions: reads their parameters, and asks the rollups where no answer is kept. Throws `invalid_request`, `not_found`, {@link DatabaseError}. */
export function createAnalytics({
  store,
  cache,
  takeTurn,
  focus,
  reservedNanoUsdPerHour,
  now = () => new Date(),
}: AnalyticsOptions): Analytics {
  const answer = async (question: AnalyticsQuestion, form: 'json' | 'csv'): Promise<string> => {
    const { report: name, tenantId, parameters } = question;
    const report = reports.get(name);
    if (!report) throw new CostlaneError('not_found', 'There is no such report.', { field: 'report' });
    const reader = createParameterReader(parameters);
    const query = report.read(reader, { tenantId, now: now(), reservedNanoUsdPerHour });
    reader.end();
    return cache.get(tenantId, JSON.stringify([name, query, form]), async () => {
      const { document, columns, rows } = await takeTurn(() => report.run(store, query));
      return form === 'json' ? JSON.stringify(document) : csvTable(columns, rows);
    });
  };
  return {
    report: (question) => answer(question, 'json'),
    async *export(question) {
      if (question.report !== 'focus') {
        const { format: _always, ...parameters } = question.parameters;
        yield await answer({ ...question, parameters }, 'csv');
        return;
      }
      const reader = createParameterReader(question.parameters);
      const query = readFocus(reader, { tenantId: question.tenantId, now: now() });
      reader.end();
      yield* exportFocus({ charges: (page) => takeTurn(() => store.charges(page)) }, query, focus);
    },
  };
}
