import type { AnomalySeverity } from '@costlane/domain';

export type AlertSeverity = AnomalySeverity;

export const alertRuleNames = [
  'day_spend',
  'user_spend',
  'hit_rate',
  'budget_used',
  'budget_soft_limit',
  'fallback_mode',
  'holdout_savings',
  'anomaly',
  'ledger_unbalanced',
  'ingest_lag',
] as const;
export type AlertRuleName = (typeof alertRuleNames)[number];

export const alertSinkNames = ['alertmanager', 'webhook', 'slack', 'pagerduty'] as const;
export type AlertSinkName = (typeof alertSinkNames)[number];

/** What a rule sees right now: one for each scope for which it holds. */
export interface AlertCondition {
  readonly rule: AlertRuleName;
  /** '' for what concerns the whole deployment. */
  readonly tenantId: string;
  /** Whose or which, within the tenant: a user, a budget and its threshold, an anomaly. */
  readonly scope: string;
  readonly severity: AlertSeverity;
  /** A sentence for people; no prompts, no keys. */
  readonly summary: string;
}

/** An alert as sinks are told. */
export interface AlertNotice extends AlertCondition {
  /** The same for as long as it fires: by it a receiver knows what it has. */
  readonly key: string;
  readonly state: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly sinceMs: number;
  readonly resolvedAtMs?: number;
  /** What it was told as before it became worse. */
  readonly formerSeverity?: AlertSeverity;
}

/** What goes to a sink in one piece. */
export interface AlertMessage {
  readonly id: string;
  readonly notices: readonly AlertNotice[];
}
