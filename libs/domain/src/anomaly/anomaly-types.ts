/** What anomalies are looked for in, from the widest to the narrowest. Names are those of the rollups' dimensions. */
export const anomalyDimensions = ['total', 'model', 'feature', 'user'] as const;
export type AnomalyDimension = (typeof anomalyDimensions)[number];

/** Whose spend: a value of a dimension within a tenant. The value of `total` is ''. */
export interface AnomalyScope {
  readonly tenantId: string;
  readonly dimension: AnomalyDimension;
  readonly value: string;
}

/** What a scope has spent in a step or an hour. */
export interface SpendRow extends AnomalyScope {
  readonly costNanoUsd: number;
  readonly requests: number;
}

export const anomalySeverities = ['info', 'warning', 'critical'] as const;
export type AnomalySeverity = (typeof anomalySeverities)[number];

/** What each detector makes of a window, 1 being where it would give alarm by itself. */
export interface AnomalyEvidence {
  readonly spike: number;
  /** Undefined where there is not enough history to say. */
  readonly fence?: number;
  readonly pattern?: number;
  /** What a call costs, against what it cost before. */
  readonly price?: number;
}

/** A scope that spends beyond what is expected of it. Amounts are nano-dollars over the window. */
export interface AnomalyFinding extends AnomalyScope {
  readonly windowMinutes: number;
  readonly actualNanoUsd: number;
  readonly expectedNanoUsd: number;
  /** The excess so far and what the next hour would add at this rate. */
  readonly impactNanoUsd: number;
  /** From 1 on it is an anomaly; below that it only keeps one open. */
  readonly score: number;
  readonly evidence: AnomalyEvidence;
  readonly isNew: boolean;
}

export interface AnomalySettings {
  /** The least impact in nano-dollars. */
  readonly minImpactNanoUsd: number;
  /** And as a share of what the scope spends on a usual day. */
  readonly minImpactShare: number;
  /** 1 as tuned; more for fewer alarms. */
  readonly threshold: number;
  /** Values of a dimension that a tenant has watched at the most; those who spend least are let go. */
  readonly maxValues: number;
}

export const defaultAnomalySettings: AnomalySettings = {
  minImpactNanoUsd: 5_000_000_000,
  minImpactShare: 0.1,
  threshold: 1,
  maxValues: 2_000,
};

export const STEP_MS = 300_000;
export const HOUR_MS = 3_600_000;
export const STEPS_PER_HOUR = 12;
