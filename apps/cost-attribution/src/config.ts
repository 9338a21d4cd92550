import { booleanSetting } from '@costlane/platform';
import { z } from 'zod';
import { alertSettings, alertsOf, anomaliesOf } from './alerts/alert-settings';
import { infrastructureOf, infrastructureSettings } from './infrastructure/infrastructure-settings';

const port = z.coerce.number().int().min(0).max(65_535);
/** A budget that is made in the middle of a month begins with what the month has cost, for which the month's detail has to be there. */
const LEAST_RETENTION_DAYS = 32;
const detailRetentionDays = z.coerce
  .number()
  .int()
  .max(36_500)
  .refine((days) => days === 0 || days >= LEAST_RETENTION_DAYS, {
    error: `must be 0 (for ever) or at least ${LEAST_RETENTION_DAYS}`,
  });

/** Settings of cost-attribution; the README lists them with their defaults. */
export const configSchema = z
  .object({
    API_HOST: z.string().default('127.0.0.1'),
    COST_ATTRIBUTION_HTTP_PORT: port.default(8005),
    COST_ATTRIBUTION_GRPC_PORT: port.default(50_056),
    REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
    DATABASE_URL: z
      .string({
        error: 'is missing: where the ledger is, for example postgres://user:password@127.0.0.1:5432/costlane',
      })
      .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'),
    DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(6),
    LEDGER_DETAIL_RETENTION_DAYS: detailRetentionDays.default(0),
    ROLLUP_INTERVAL_SECONDS: z.coerce.number().int().min(5).max(3_600).default(60),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    FOCUS_BILLING_ACCOUNT: z.string().min(1).max(200).default('costlane'),
    ENABLE_TRACING: booleanSetting.default(false),
    OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
    TRACE_SAMPLE_RATIO: z.coerce.number().min(0).max(1).default(1),
    ...infrastructureSettings,
    ...alertSettings,
  })
  .transform((env) => ({
    httpHost: env.API_HOST,
    httpPort: env.COST_ATTRIBUTION_HTTP_PORT,
    grpcPort: env.COST_ATTRIBUTION_GRPC_PORT,
    redisUrl: env.REDIS_URL,
    databaseUrl: env.DATABASE_URL,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    ledgerDetailRetentionDays: env.LEDGER_DETAIL_RETENTION_DAYS,
    rollupIntervalSeconds: env.ROLLUP_INTERVAL_SECONDS,
    logLevel: env.LOG_LEVEL,
    focusBillingAccount: env.FOCUS_BILLING_ACCOUNT,
    isTracingEnabled: env.ENABLE_TRACING,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    traceSampleRatio: env.TRACE_SAMPLE_RATIO,
    infrastructure: infrastructureOf(env),
    alerts: alertsOf(env),
    anomalies: anomaliesOf(env),
  }));

export type CostAttributionConfig = z.output<typeof configSchema>;
