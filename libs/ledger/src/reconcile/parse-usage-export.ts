import { CostlaneError } from '@costlane/domain';
import { readCsvExport } from './read-csv-export';
import { readJsonExport } from './read-json-export';
import { refuse, type UsageExport } from './usage-row';

export type ExportFormat = 'csv' | 'json';

const MAX_ROWS = 200_000;
const MAX_DAYS = 400;
const DAY_MS = 86_400_000;

/**
 * A provider's usage export, whose kind is found by what is in it. `format` is found the same way where it is not given. Throws `invalid_request` that
 * names the place in the export.
 */
export function parseUsageExport(text: string, format?: string): UsageExport {
  const read = (format ?? guess(text)) === 'json' ? readJsonExport : readCsvExport;
  if (format !== undefined && format !== 'csv' && format !== 'json')
    throw new CostlaneError('invalid_request', 'format must be csv or json.', { field: 'format' });
  const parsed = read(text, MAX_ROWS);
  const days = parsed.rows.map(({ day }) => Date.parse(day)).sort((a, b) => a - b);
  if (((days.at(-1) ?? 0) - (days[0] ?? 0)) / DAY_MS >= MAX_DAYS)
    refuse('as a whole', `spans more than ${MAX_DAYS} days.`);
  return parsed;
}

const guess = (text: string): ExportFormat => (/^\uFEFF?\s*[[{]/.test(text.slice(0, 1_000)) ? 'json' : 'csv');
