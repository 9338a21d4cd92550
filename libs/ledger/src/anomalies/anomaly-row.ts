import type { AnomalyIncident, AnomalyVerdict } from '@costlane/domain';

export interface StoredAnomaly extends AnomalyIncident {
  readonly explanation: string;
  readonly verdict?: AnomalyVerdict;
  readonly note?: string;
}

export interface AnomalyRow {
  id: string;
  tenant_id: string;
  dimension: StoredAnomaly['dimension'];
  value: string;
  started_at: Date;
  last_seen_at: Date;
  resolved_at: Date | null;
  window_minutes: number;
  actual_nano_usd: string;
  expected_nano_usd: string;
  impact_nano_usd: string;
  score: number;
  severity: StoredAnomaly['severity'];
  evidence: StoredAnomaly['evidence'];
  cause: StoredAnomaly['cause'];
  explanation: string;
  verdict: AnomalyVerdict | null;
  note: string | null;
}

export const anomalyColumns = `id, tenant_id, dimension, value, started_at, last_seen_at, resolved_at, window_minutes, actual_nano_usd,
  expected_nano_usd, impact_nano_usd, score, severity, evidence, cause, explanation, verdict, note`;

export const toAnomaly = (row: AnomalyRow): StoredAnomaly => ({
  id: row.id,
  tenantId: row.tenant_id,
  dimension: row.dimension,
  value: row.value,
  startedAtMs: row.started_at.getTime(),
  lastSeenMs: row.last_seen_at.getTime(),
  ...(row.resolved_at ? { resolvedAtMs: row.resolved_at.getTime() } : {}),
  windowMinutes: row.window_minutes,
  actualNanoUsd: Number(row.actual_nano_usd),
  expectedNanoUsd: Number(row.expected_nano_usd),
  impactNanoUsd: Number(row.impact_nano_usd),
  score: row.score,
  severity: row.severity,
  evidence: row.evidence,
  cause: row.cause,
  explanation: row.explanation,
  ...(row.verdict ? { verdict: row.verdict } : {}),
  ...(row.note !== null ? { note: row.note } : {}),
});
