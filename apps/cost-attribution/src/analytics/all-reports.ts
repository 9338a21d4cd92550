import { holdoutReport } from '../holdout/holdout-report';
import type { Report } from './report';
import { costsReport } from './reports/costs';
import { forecastReport } from './reports/forecast';
import { moversReport } from './reports/movers';
import { roiReport } from './reports/roi';
import { savingsReport } from './reports/savings';
import { summaryReport } from './reports/summary';
import { unitEconomicsReport } from './reports/unit-economics';
import { whatIfReport } from './reports/what-if';

/** All reports by name, their queries being their own affair. */
export const reports: ReadonlyMap<string, Report> = new Map(
  [
    erased(costsReport),
    erased(savingsReport),
    erased(roiReport),
    erased(forecastReport),
    erased(unitEconomicsReport),
    erased(moversReport),
    erased(whatIfReport),
    erased(summaryReport),
    erased(holdoutReport),
  ].map((report) => [report.name, report]),
);

/** What `read` gives is what `run` takes: of the same report, whatever it is. */
function erased<Query>({ name, read, run }: Report<Query>): Report {
  return { name, read, run: (store, query) => run(store, query as Query) };
}
