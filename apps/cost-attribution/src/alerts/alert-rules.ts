import { anomalySeverities } from '@costlane/domain';
import { z } from 'zod';
import { alertSinkNames, type AlertRuleName } from './alert-types';

const SECONDS_A_DAY = 86_400;

const common = {
  enabled: z.boolean().default(true),
  /** How long it has to hold before anybody is told. */
  for_seconds: z.number().int().min(0).max(SECONDS_A_DAY).default(0),
  labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/), z.string().max(200)).default({}),
  /** Which sinks are told; not given: those that take this severity. */
  sinks: z.array(z.enum(alertSinkNames)).optional(),
};
const severity = z.enum(anomalySeverities);
const usd = z.number().positive().max(1e9);

const ruleSchemas = {
  day_spend: z.strictObject({ ...common, severity: severity.default('warning'), limit_usd: usd.default(500) }),
  user_spend: z.strictObject({ ...common, severity: severity.default('warning'), limit_usd: usd.default(10) }),
  hit_rate: z.strictObject({
    ...common,
    severity: severity.default('info'),
    least_rate: z.number().min(0).max(1).default(0.4),
    least_requests_per_hour: z.number().int().min(1).default(1_000),
  }),
  budget_used: z.strictObject({
    ...common,
    severity: severity.default('warning'),
    shares: z.array(z.number().positive().max(10)).min(1).max(10).default([0.5, 0.8, 1]),
  }),
  budget_soft_limit: z.strictObject({ ...common, severity: severity.default('info') }),
  fallback_mode: z.strictObject({
    ...common,
    severity: severity.default('warning'),
    least_count: z.number().int().min(1).default(1),
    /** `service/kind` of what is no news, such as `provider-worker/model_fallback`. */
    except: z.array(z.string().min(1).max(200)).max(100).default([]),
  }),
  holdout_savings: z.strictObject({
    ...common,
    severity: severity.default('warning'),
    least_share: z.number().min(-1).max(1).default(0.2),
  }),
  anomaly: z.strictObject({ ...common, least_severity: severity.default('info') }),
  ledger_unbalanced: z.strictObject({ ...common, severity: severity.default('critical') }),
  ingest_lag: z.strictObject({
    ...common,
    for_seconds: common.for_seconds.unwrap().default(120),
    severity: severity.default('critical'),
    most_seconds: z.number().positive().default(60),
  }),
};

/** Rules that are not named keep what is built in. */
export const alertRulesSchema = z.strictObject({
  rules: z
    .strictObject({
      day_spend: ruleSchemas.day_spend.prefault({}),
      user_spend: ruleSchemas.user_spend.prefault({}),
      hit_rate: ruleSchemas.hit_rate.prefault({}),
      budget_used: ruleSchemas.budget_used.prefault({}),
      budget_soft_limit: ruleSchemas.budget_soft_limit.prefault({}),
      fallback_mode: ruleSchemas.fallback_mode.prefault({}),
      holdout_savings: ruleSchemas.holdout_savings.prefault({}),
      anomaly: ruleSchemas.anomaly.prefault({}),
      ledger_unbalanced: ruleSchemas.ledger_unbalanced.prefault({}),
      ingest_lag: ruleSchemas.ingest_lag.prefault({}),
    } satisfies Record<AlertRuleName, z.ZodType>)
    .prefault({}),
});

export type AlertRules = z.output<typeof alertRulesSchema>['rules'];

export const builtInRules: AlertRules = alertRulesSchema.parse({}).rules;
