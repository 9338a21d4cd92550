import type { AnalyticsStore, ChargeDetail, ChargeRow, ReportRange } from '@costlane/ledger';
import { refusal, type ParameterReader } from '../read-parameters';
import { isOfWholeDays, readRange } from '../read-range';
import type { ReportContext } from '../report';
import type { FocusContext } from './focus-columns';
import { createFocusWriter } from './write-focus';

export interface FocusQuery {
  tenantId?: string;
  range: ReportRange;
  detail: ChargeDetail;
  format: 'csv' | 'json';
}

/** Rows in memory at a time. */
const PAGE_ROWS = 1_000;

/** Throws `invalid_request` that names the parameter. */
export function readFocus(reader: ParameterReader, { tenantId, now }: ReportContext): FocusQuery {
  const range = readRange(reader, now, 'none');
  if (!isOfWholeDays(range)) throw refusal('from', 'and "to" have to be dates here: charges are by day');
  const detail = reader.oneOf('detail', ['model', 'user'], 'model');
  return { tenantId, range, detail, format: reader.oneOf('format', ['csv', 'json'], 'csv') };
}

/** An export in pieces, one page of charges at a time. The first piece comes once the first page has been read. */
export async function* exportFocus(
  store: Pick<AnalyticsStore, 'charges'>,
  query: FocusQuery,
  context: FocusContext,
): AsyncGenerator<string> {
  const writer = createFocusWriter(query.format, context);
  let after: ChargeRow | undefined;
  for (;;) {
    const page: ChargeRow[] = await store.charges({ ...query, after, limit: PAGE_ROWS });
    yield (after === undefined ? writer.begin() : '') + writer.page(page, after === undefined);
    if (page.length < PAGE_ROWS) break;
    after = page.at(-1);
  }
  yield writer.end();
}
