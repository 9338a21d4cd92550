import { createHash } from 'node:crypto';
import { anomalySeverities } from '@costlane/domain';
import type { AlertRules } from './alert-rules';
import type { AlertCondition, AlertNotice, AlertRuleName, AlertSeverity } from './alert-types';

/** How a rule stands for a scope; kept in Postgres. */
export interface AlertState extends AlertCondition {
  readonly labels: Readonly<Record<string, string>>;
  readonly seenSinceMs: number;
  readonly firingSinceMs?: number;
  readonly resolvedAtMs?: number;
  readonly notifiedAtMs?: number;
}

export interface AdvancedAlerts {
  /** States that are new or have changed. */
  states: AlertState[];
  /** States that are of no use any more. */
  gone: AlertState[];
  notices: AlertNotice[];
}

const REPEAT_MS = 86_400_000;
/** So that what comes and goes does not tell each time. */
const FLAP_MS = 600_000;

/** What these look at does not come and go within its day, period or life: once it holds no more, it is over, as with a budget or a tenant that was removed. */
const steadyRules: ReadonlySet<string> = new Set<AlertRuleName>([
  'day_spend',
  'user_spend',
  'budget_used',
  'budget_soft_limit',
  'anomaly',
]);

const keyOf = ({ rule, tenantId, scope }: Pick<AlertCondition, 'rule' | 'tenantId' | 'scope'>): string =>
  JSON.stringify([rule, tenantId, scope]);

/**
 * One step of all alerts: a condition that has held for as long as its rule asks fires, is told once and again after a day, and is told to be over once it has not held for ten minutes, or at once where the
 * rule is a steady one. While it fires it becomes worse, never milder: who was told of it is told of its end. What is not seen of rules that could not be looked at, or not at all of them (`unknown`), stays as it is.
 */
export function advanceAlerts(
  states: readonly AlertState[],
  conditions: readonly AlertCondition[],
  rules: AlertRules,
  nowMs: number,
  unknown: ReadonlySet<string> = new Set(),
): AdvancedAlerts {
  const result: AdvancedAlerts = { states: [], gone: [], notices: [] };
  const now = new Map(conditions.map((condition) => [keyOf(condition), condition]));
  for (const state of states) {
    const condition = now.get(keyOf(state));
    now.delete(keyOf(state));
    if (condition) hold(result, held(state, condition), state, rules, nowMs);
    else if (!unknown.has(state.rule)) pass(result, state, nowMs);
  }
  for (const condition of now.values()) {
    const fresh: AlertState = { ...condition, labels: rules[condition.rule].labels, seenSinceMs: nowMs };
    hold(result, fresh, undefined, rules, nowMs);
  }
  return result;
}

const rankOf = (severity: AlertSeverity): number => anomalySeverities.indexOf(severity);

function held(state: AlertState, condition: AlertCondition): AlertState {
  const isMilder = state.firingSinceMs !== undefined && rankOf(condition.severity) < rankOf(state.severity);
  const severity = isMilder ? state.severity : condition.severity;
  return { ...state, ...condition, severity, resolvedAtMs: undefined };
}

function hold(
  result: AdvancedAlerts,
  state: AlertState,
  before: AlertState | undefined,
  rules: AlertRules,
  nowMs: number,
): void {
  const isDue = nowMs - state.seenSinceMs >= rules[state.rule].for_seconds * 1_000;
  const firing: AlertState = isDue && state.firingSinceMs === undefined ? { ...state, firingSinceMs: nowMs } : state;
  const isWorse = before !== undefined && before.severity !== state.severity;
  const isTold = firing.notifiedAtMs !== undefined && nowMs - firing.notifiedAtMs < REPEAT_MS && !isWorse;
  if (firing.firingSinceMs === undefined || isTold) {
    if (before === undefined || isChanged(before, firing)) result.states.push(firing);
    return;
  }
  const told = { ...firing, notifiedAtMs: nowMs };
  result.states.push(told);
  result.notices.push({
    ...noticeOf(told, 'firing'),
    ...(isWorse && before.notifiedAtMs !== undefined ? { formerSeverity: before.severity } : {}),
  });
}

const isChanged = (a: AlertState, b: AlertState): boolean =>
  a.summary !== b.summary ||
  a.severity !== b.severity ||
  a.firingSinceMs !== b.firingSinceMs ||
  a.resolvedAtMs !== b.resolvedAtMs;

function pass(result: AdvancedAlerts, state: AlertState, nowMs: number): void {
  if (state.firingSinceMs === undefined) {
    result.gone.push(state);
    return;
  }
  // `resolvedAtMs` is when it stopped to hold; it is over once it has stayed so.
  const since = state.resolvedAtMs ?? nowMs;
  if (nowMs - since < FLAP_MS && !steadyRules.has(state.rule)) {
    if (state.resolvedAtMs === undefined) result.states.push({ ...state, resolvedAtMs: since });
    return;
  }
  result.gone.push(state);
  result.notices.push(noticeOf({ ...state, resolvedAtMs: since }, 'resolved'));
}

export function noticeOf(state: AlertState, is: AlertNotice['state']): AlertNotice {
  const { rule, tenantId, scope, severity, summary, labels, seenSinceMs, firingSinceMs, resolvedAtMs } = state;
  const digest = createHash('sha256').update(keyOf(state)).digest('hex');
  return {
    ...{ rule, tenantId, scope, severity, summary, labels },
    key: `costlane/${digest.slice(0, 32)}`,
    state: is,
    sinceMs: firingSinceMs ?? seenSinceMs,
    ...(is === 'resolved' && resolvedAtMs !== undefined ? { resolvedAtMs } : {}),
  };
}
