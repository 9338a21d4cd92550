import type { Database } from '../database';
import { totalsOf, type VariantTotals } from './variant-totals';

/** What experiments have shown. All throw `DatabaseError`; texts have to be bounded and free of NUL already. */
export interface ExperimentStore {
  /** By variant; one without a request is not there. `tenantId`: of this tenant's requests only. */
  totals(experimentId: string, filter?: { tenantId?: string }): Promise<Map<string, VariantTotals>>;
  /**
   * Keeps what a user said of an answer, 0 wrong to 1 right; the last word counts. False: the tenant has no such request of the last
   * {@link FEEDBACK_DAYS} days that took part in an experiment.
   */
  recordFeedback(feedback: { tenantId: string; requestId: string; value: number }): Promise<boolean>;
}

/** A look-up by the request's id alone probes each day's partition. */
export const FEEDBACK_DAYS = 30;
const REPORT_TIMEOUT_MS = 20_000;

const feedbackSql = `
  INSERT INTO request_feedback (request_id, tenant_id, experiment_id, variant, subject, value)
  SELECT request_id, tenant_id, experiment_id, experiment_variant, coalesce(user_id, key_id, ''), $3
  FROM llm_requests
  WHERE request_id = $1 AND tenant_id = $2 AND created_at > now() - interval '${FEEDBACK_DAYS} days'
    AND experiment_id IS NOT NULL AND experiment_variant IS NOT NULL
  LIMIT 1
  ON CONFLICT (tenant_id, request_id) DO UPDATE SET value = EXCLUDED.value, created_at = now()
  RETURNING 1`;

export function createExperimentStore(database: Database): ExperimentStore {
  return {
    totals: (experimentId, { tenantId } = {}) =>
      totalsOf((sql) => database.report(sql, [experimentId, tenantId ?? null], REPORT_TIMEOUT_MS)),
    async recordFeedback({ tenantId, requestId, value }) {
      const rows = await database.query(feedbackSql, [requestId, tenantId, value]);
      return rows.length > 0;
    },
  };
}
