import { formatUsd, nanoUsd, type AnomalyScope } from '@costlane/domain';
import type { StoredAnomaly } from '@costlane/ledger';

/** An anomaly as the admin door shows it; money in dollars as decimal strings. */
export function renderAnomaly(anomaly: StoredAnomaly) {
  return {
    id: anomaly.id,
    tenant_id: anomaly.tenantId,
    dimension: anomaly.dimension,
    value: anomaly.value,
    status: anomaly.resolvedAtMs === undefined ? 'open' : 'resolved',
    severity: anomaly.severity,
    score: Number(anomaly.score.toFixed(3)),
    started_at: timeOf(anomaly.startedAtMs),
    last_seen_at: timeOf(anomaly.lastSeenMs),
    resolved_at: anomaly.resolvedAtMs === undefined ? null : timeOf(anomaly.resolvedAtMs),
    window_minutes: anomaly.windowMinutes,
    actual_usd: usdOf(anomaly.actualNanoUsd),
    expected_usd: usdOf(anomaly.expectedNanoUsd),
    impact_usd: usdOf(anomaly.impactNanoUsd),
    explanation: anomaly.explanation,
    evidence: anomaly.evidence,
    cause: anomaly.cause.map(({ dimension, value }: AnomalyScope) => ({ dimension, value })),
    verdict: anomaly.verdict ?? null,
    note: anomaly.note ?? null,
  };
}

const timeOf = (epochMs: number): string => new Date(epochMs).toISOString();
const usdOf = (amountNanoUsd: number): string => formatUsd(nanoUsd(amountNanoUsd));
