import type { JudgeAnomalyRequest, ListAnomaliesRequest } from '@costlane/contracts';
import { anomalyDimensions, anomalyVerdicts, CostlaneError } from '@costlane/domain';
import type { AnomalyFilter, AnomalyPlan, Verdict } from '@costlane/ledger';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const TEXT_LIMIT = 200;
const NOTE_LIMIT = 2_000;
/** A plan without an end would make a scope blind for good. */
const MAX_PLAN_DAYS = 90;

export function readFilter({ tenantId, since, limit, isOpenOnly }: ListAnomaliesRequest, nowMs: number): AnomalyFilter {
  if (limit < 0 || limit > MAX_LIMIT) throw refused('limit', `must be 1 to ${MAX_LIMIT}`);
  return {
    ...(tenantId === '' ? {} : { tenantId: readText('tenant_id', tenantId) }),
    since: since === '' ? new Date(nowMs - DEFAULT_DAYS * DAY_MS) : new Date(readTime('since', since)),
    limit: limit === 0 ? DEFAULT_LIMIT : limit,
    isOpenOnly,
  };
}

export function readVerdict({ verdict, note, until }: JudgeAnomalyRequest, nowMs: number): Verdict {
  const found = anomalyVerdicts.find((each) => each === verdict);
  if (!found) throw refused('verdict', `must be one of ${anomalyVerdicts.join(', ')}`);
  if (until !== '' && found !== 'planned') throw refused('until', 'goes with the verdict "planned" only');
  return {
    verdict: found,
    ...(note === '' ? {} : { note: readText('note', note, NOTE_LIMIT) }),
    ...(until === '' ? {} : { untilMs: readEnd(until, nowMs) }),
  };
}

/** What is planned and no anomaly yet. */
export function readPlan(request: JudgeAnomalyRequest, nowMs: number): AnomalyPlan {
  const { note } = readVerdict(request, nowMs);
  if (request.verdict !== 'planned') throw refused('verdict', 'must be "planned" where no anomaly is named');
  const dimension = anomalyDimensions.find((each) => each === request.dimension);
  if (!dimension) throw refused('dimension', `must be one of ${anomalyDimensions.join(', ')}`);
  if ((dimension === 'total') !== (request.value === ''))
    throw refused('value', dimension === 'total' ? 'does not go with the dimension "total"' : 'is missing');
  if (request.until === '') throw refused('until', 'is missing: when what is planned is over');
  const fromMs = request.from === '' ? nowMs : readTime('from', request.from);
  const untilMs = readEnd(request.until, nowMs);
  if (untilMs <= fromMs) throw refused('until', 'must be after "from"');
  const tenantId = readText('tenant_id', request.tenantId);
  const value = dimension === 'total' ? '' : readText('value', request.value);
  return { tenantId, dimension, value, fromMs, untilMs, ...(note === undefined ? {} : { note }) };
}

export function readText(field: string, text: string, limit = TEXT_LIMIT): string {
  if (text !== '' && text.length <= limit && !text.includes('\0')) return text;
  throw refused(field, `must be 1 to ${limit} characters`);
}

function readTime(field: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw refused(field, 'must be a time such as 2026-11-27T09:00:00Z');
  return time;
}

function readEnd(text: string, nowMs: number): number {
  const end = readTime('until', text);
  if (end > nowMs + MAX_PLAN_DAYS * DAY_MS) throw refused('until', `must be within ${MAX_PLAN_DAYS} days`);
  return end;
}

const refused = (field: string, why: string): CostlaneError =>
  new CostlaneError('invalid_request', `${field} ${why}.`, { field });
