import { CostlaneError } from '@costlane/domain';
import type { SummaryFilter } from '@costlane/ledger';

// Date.parse takes much more than RFC 3339, and guesses.
const timePattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/;

/** What a caller asks to see; nothing or empty text is no limit. Throws `invalid_request` that names the field. */
export function readFilter(asked: { tenantId?: unknown; since?: unknown }): SummaryFilter {
  const tenantId = readText('tenant_id', asked.tenantId);
  const since = readText('since', asked.since);
  return { ...(tenantId === '' ? {} : { tenantId }), ...(since === '' ? {} : { since: readTime('since', since) }) };
}

/** A text that may be left out; empty then. Throws `invalid_request` that names the field. */
export function readText(field: string, value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && !value.includes('\0')) return value;
  throw new CostlaneError('invalid_request', `${field} must be given once, as text.`, { field });
}

/** Throws `invalid_request` that names the field. */
export function readTime(field: string, text: string): Date {
  const time = new Date(timePattern.test(text) ? text : NaN);
  if (!Number.isNaN(time.getTime())) return time;
  const message = `${field} must be an RFC 3339 time such as 2026-11-21T00:00:00Z, or a date.`;
  throw new CostlaneError('invalid_request', message, { field });
}
