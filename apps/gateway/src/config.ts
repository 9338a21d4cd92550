import { everyTenant, priorities } from '@costlane/contracts';
import { evictionPolicies, maxHoldoutShare, normalizationModes, unreachableActions } from '@costlane/domain';
import { booleanSetting } from '@costlane/platform';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** Settings of the gateway; see `.env.example` for each one's meaning. */
export const configSchema = z.object({
  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: port.optional(),
  GATEWAY_HTTP_PORT: port.default(8000),
  GATEWAY_GRPC_PORT: port.default(50051),
  REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL')
    .optional(),
  JOB_MAX_ITEMS: z.coerce.number().int().min(1).max(1_000_000).default(200_000),
  /** 0: any number. */
  JOB_TENANT_MAX_OPEN: z.coerce.number().int().min(0).max(1_000_000).default(10_000),
  JOB_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(16 * 1024 * 1024 * 1024)
    .default(1024 * 1024 * 1024),
  FILE_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(16 * 1024 * 1024 * 1024)
    .default(200 * 1024 * 1024),
  FILE_TENANT_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(20 * 1024 * 1024 * 1024),
  FILE_RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
  WEBHOOK_SIGNING_SECRET: z.string().min(16).optional(),
  WEBHOOK_ALLOWED_HOSTS: list.default([]),
  ROUTER_GRPC_ADDRESS: z.string().default('127.0.0.1:50053'),
  CACHE_GRPC_ADDRESS: z.string().default('127.0.0.1:50052'),
  BATCHER_GRPC_ADDRESS: z.string().default('127.0.0.1:50054'),
  COST_ATTRIBUTION_GRPC_ADDRESS: z.string().default('127.0.0.1:50056'),
  PROVIDER_WORKER_GRPC_ADDRESSES: list.default(['127.0.0.1:50055']),
  COSTLANE_DATA_DIR: z.string().default('.costlane'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  AUTH_MODE: z.enum(['none', 'required']).default('none'),
  COSTLANE_ADMIN_KEY: z.string().min(16).optional(),
  COSTLANE_KEY_SECRET: z.string().min(16).optional(),
  ADMIN_OPEN_ON_LOOPBACK: booleanSetting.default(false),
  ALLOW_PROVIDER_IDS: booleanSetting.default(false),
  DEFAULT_TENANT_ID: z
    .string()
    .min(1)
    .max(128)
    .refine((name) => name !== everyTenant, 'must not be *, which stands for every tenant')
    .default('default'),
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(0).default(0),
  BODY_LIMIT_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(256 * 1024 * 1024)
    .default(20 * 1024 * 1024),
  BUDGET_ON_UNREACHABLE: z.enum(unreachableActions).default('open'),
  BUDGET_OPEN_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(30),
  BUDGET_THROTTLED_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(6),
  BUDGET_UNPRICED: z.enum(['reserve', 'refuse']).default('reserve'),
  BUDGET_UNPRICED_USD: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,9})?$/, 'must be US dollars such as 0.10')
    .default('0.10'),
  BUDGET_DEFAULT_OUTPUT_TOKENS: z.coerce.number().int().min(1).max(10_000_000).default(8_192),
  /** As the workers have it: what they may ask twice, budgets are reserved for twice. */
  HEDGE_MAX_SHARE: z.coerce.number().min(0).max(0.5).default(0.02),
  HEDGE_PRIORITIES: list
    .transform((names) => names.filter((name) => name !== 'none'))
    .pipe(z.array(z.enum(priorities)))
    .default(['express']),
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(120_000),
  /** 0: never. */
  DEFER_MIN_DEADLINE_MINUTES: z.coerce.number().min(0).max(10_080).default(60),
  ITEM_CONCURRENCY: z.coerce.number().int().min(0).max(10_000).default(64),
  CACHE_ENABLED: booleanSetting.default(true),
  CACHE_TTL_SECONDS: z.coerce.number().int().min(1).max(2_592_000).default(3_600),
  CACHE_SEMANTIC_ENABLED: booleanSetting.default(true),
  CACHE_SEMANTIC_TIMEOUT_MS: z.coerce.number().int().min(1).max(1_000).default(40),
  CACHE_MEMORY_ENTRIES: z.coerce.number().int().min(1).max(1_000_000).default(5_000),
  CACHE_MEMORY_TTL_SECONDS: z.coerce.number().int().min(1).max(3_600).default(60),
  CACHE_MAX_MEMORY_MB: z.coerce.number().int().min(1).max(65_536).default(64),
  CACHE_MAX_ENTRY_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .default(1024 * 1024),
  CACHE_NORMALIZE: z.enum(normalizationModes).default('conservative'),
  CACHE_EVICTION_POLICY: z.enum(evictionPolicies).default('lru'),
  HOLDOUT_SHARE: z.coerce.number().min(0).max(maxHoldoutShare).default(0),
  HOLDOUT_SALT: z.string().max(256).default(''),
  ENABLE_TRACING: booleanSetting.default(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  TRACE_SAMPLE_RATIO: z.coerce.number().min(0).max(1).default(1),
});

export type GatewayConfig = z.infer<typeof configSchema>;
