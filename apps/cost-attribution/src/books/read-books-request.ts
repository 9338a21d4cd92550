import type { BooksRangeRequest, CorrectRequest, ListEntriesRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { entryKinds, type CheckRange, type Correction, type EntryFilter, type EntryKind } from '@costlane/ledger';
import { readText, readTime } from '../ledger/read-filter';

const MAX_INT8 = 2n ** 63n - 1n;
const NAME_LIMIT = 200;
const REASON_LIMIT = 1_000;
const DEFAULT_ENTRIES = 100;
const MAX_ENTRIES = 1_000;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const amountPattern = /^-?\d{1,19}$/;

const refuse = (field: string, message: string): never => {
  throw new CostlaneError('invalid_request', `${field} ${message}`, { field });
};

/** What of the ledger is to be checked. Throws `invalid_request` that names the field. */
export function readCheckRange({ tenantId, since, until }: BooksRangeRequest): CheckRange {
  const tenant = readText('tenant_id', tenantId);
  const range: CheckRange = {
    ...(tenant === '' ? {} : { tenantId: tenant }),
    ...(since === '' ? {} : { since: readTime('since', since) }),
    ...(until === '' ? {} : { until: readTime('until', until) }),
  };
  if (range.since && range.until && range.since >= range.until) refuse('until', 'must be later than since.');
  return range;
}

/** An entry by hand. Throws `invalid_request` that names the field. */
export function readCorrection(request: CorrectRequest): Correction {
  const { amountNanoUsd, day } = request;
  if (!isDay(day)) refuse('day', 'must be a UTC day such as 2026-11-21.');
  if (!amountPattern.test(amountNanoUsd)) refuse('amount_nano_usd', 'must be a whole number of nano-dollars, as text.');
  const amount = BigInt(amountNanoUsd);
  if (amount === 0n) refuse('amount_nano_usd', 'must not be zero: that corrects nothing.');
  if (amount > MAX_INT8 || amount < -MAX_INT8) refuse('amount_nano_usd', 'must fit into 64 bits.');
  return {
    tenantId: requiredText('tenant_id', request.tenantId, NAME_LIMIT),
    day,
    amountNanoUsd: amount,
    reference: requiredText('reference', request.reference, NAME_LIMIT),
    reason: requiredText('reason', request.reason, REASON_LIMIT),
    by: requiredText('by', request.by, NAME_LIMIT),
  };
}

/** Which entries are asked for. Throws `invalid_request` that names the field. */
export function readEntryFilter({ tenantId, since, until, kind, limit, beforeId }: ListEntriesRequest): EntryFilter {
  const tenant = readText('tenant_id', tenantId);
  if (!Number.isInteger(limit) || limit < 0 || limit > MAX_ENTRIES)
    refuse('limit', `must be a whole number from 1 to ${MAX_ENTRIES}.`);
  if (beforeId !== '' && !isEntryId(beforeId)) refuse('before_id', 'must be the id of an entry.');
  return {
    limit: limit === 0 ? DEFAULT_ENTRIES : limit,
    ...(tenant === '' ? {} : { tenantId: tenant }),
    ...(kind === '' ? {} : { kind: readKind(kind) }),
    ...(since === '' ? {} : { since: dayOf('since', since) }),
    ...(until === '' ? {} : { until: dayOf('until', until) }),
    ...(beforeId === '' ? {} : { beforeId }),
  };
}

const isEntryId = (id: string): boolean => /^\d{1,19}$/.test(id) && BigInt(id) <= MAX_INT8;

function requiredText(field: string, value: string, limit: number): string {
  const text = readText(field, value).trim();
  return text !== '' && text.length <= limit ? text : refuse(field, `must be a text of 1 to ${limit} characters.`);
}

function readKind(kind: string): EntryKind {
  return entryKinds.find((known) => known === kind) ?? refuse('kind', `must be one of ${entryKinds.join(', ')}.`);
}

const dayOf = (field: string, text: string): string => readTime(field, text).toISOString().slice(0, 10);

function isDay(text: string): boolean {
  const time = new Date(dayPattern.test(text) ? `${text}T00:00:00Z` : NaN);
  // A date that does not exist is taken by some engines for one in the next month.
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}
