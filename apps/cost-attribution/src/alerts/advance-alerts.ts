import { createHash } from 'node:crypto';
import type { AlertRules } from './alert-rules';
import type { AlertCondition, AlertNotice } from './alert-types';

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

const keyOf = ({ rule, tenantId, scope }: Pick<AlertCondition, 'rule' | 'tenantId' | 'scope'>): string =>
  JSON.stringify([rule, tenantId, scope]);

/**
 * One step of all alerts: a condition that has held for as long as its rule asks fires, is told once and again after a day, and is told to be over once it has not held for ten minutes. Rules that could not be
 * looked at (`unknown`) stay as they are.
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
    if (condition) hold(result, { ...state, ...condition, resolvedAtMs: undefined }, state, rules, nowMs);
    else if (!unknown.has(state.rule)) pass(result, state, nowMs);
  }
  for (const condition of now.values()) {
    const fresh: AlertState = { ...condition, labels: rules[condition.rule].labels, seenSinceMs: nowMs };
    hold(result, fresh, undefined, rules, nowMs);
  }
  return result;
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
    if (firing !== before) result.states.push(firing);
    return;
  }
  const told = { ...firing, notifiedAtMs: nowMs };
  result.states.push(told);
  result.notices.push(noticeOf(told, 'firing'));
}

function pass(result: AdvancedAlerts, state: AlertState, nowMs: number): void {
  if (state.firingSinceMs === undefined) {
    result.gone.push(state);
    return;
  }
  // `resolvedAtMs` is when it stopped to hold; it is over once it has stayed so.
  const since = state.resolvedAtMs ?? nowMs;
  if (nowMs - since < FLAP_MS) {
    if (state.resolvedAtMs === undefined) result.states.push({ ...state, resolvedAtMs: since });
    return;
  }
  result.gone.push(state);
  result.notices.push(noticeOf(state, 'resolved'));
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
