import { booleanSetting } from '@costlane/platform';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const optionalSecret = z
  .string()
  .trim()
  .transform((value) => (value === '' ? undefined : value))
  .optional();

const words = (value: string): string[] =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** URLs with commas between them. */
const urlList = z.string().transform(words).pipe(z.array(z.url()).min(1));

/** Priorities with commas between them, or `none`. */
const priorityList = z
  .string()
  .transform((value) => words(value).filter((word) => word !== 'none'))
  .pipe(z.array(z.enum(['express', 'standard', 'batch'])));

const deployment = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, 'takes letters, digits, dots, dashes and underscores'),
  base_url: z.url().optional(),
  /** The environment variable that holds the key: no key stands in this setting itself. */
  api_key_env: z.string().min(1).optional(),
  weight: z.number().positive().max(1_000).default(1),
  models: z.array(z.string().min(1)).min(1).optional(),
});

/** Further accounts and addresses by provider, as JSON. */
const deployments = z
  .string()
  .transform((value, context) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not valid JSON; see .env.example for its form' });
      return z.NEVER;
    }
  })
  .pipe(z.partialRecord(z.enum(['openai', 'anthropic', 'google', 'cohere']), z.array(deployment).min(1)));

export const OPENAI_BASE_URL = 'https://api.openai.com/v1';
export const ANTHROPIC_BASE_URL = 'https://api.anthropic.com';
export const GOOGLE_BASE_URL = 'https://generativelanguage.googleapis.com';
export const COHERE_BASE_URL = 'https://api.cohere.com';

/** Settings of the provider-worker; see `.env.example` for each one's meaning. */
export const configSchema = z.object({
  API_HOST: z.string().default('127.0.0.1'),
  PROVIDER_WORKER_HTTP_PORT: port.default(8004),
  PROVIDER_WORKER_GRPC_PORT: port.default(50055),
  REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
  ROUTER_GRPC_ADDRESS: z.string().default('127.0.0.1:50053'),
  COSTLANE_DATA_DIR: z.string().default('.costlane'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  OPENAI_API_KEY: optionalSecret,
  OPENAI_BASE_URL: z.url().default(OPENAI_BASE_URL),
  ANTHROPIC_API_KEY: optionalSecret,
  ANTHROPIC_BASE_URL: z.url().default(ANTHROPIC_BASE_URL),
  GOOGLE_API_KEY: optionalSecret,
  GOOGLE_BASE_URL: z.url().default(GOOGLE_BASE_URL),
  COHERE_API_KEY: optionalSecret,
  COHERE_BASE_URL: z.url().default(COHERE_BASE_URL),
  VLLM_BASE_URL: urlList.optional(),
  VLLM_API_KEY: optionalSecret,
  CACHE_PREFIX_ENABLED: booleanSetting.default(true),
  MOCK_LLM: booleanSetting.optional(),
  MOCK_LLM_URL: z.url().default('http://127.0.0.1:8090'),
  PROVIDER_DEPLOYMENTS: deployments.optional(),
  PROVIDER_ALLOWED_HOSTS: z.string().transform(words).optional(),
  PROVIDER_FIRST_TOKEN_TIMEOUT_MS: z.coerce.number().int().min(0).max(600_000).default(0),
  PROVIDER_CONCURRENCY_INITIAL: z.coerce.number().int().min(1).max(10_000).default(256),
  PROVIDER_CONCURRENCY_MAX: z.coerce.number().int().min(1).max(10_000).default(1_024),
  HEDGE_MAX_SHARE: z.coerce.number().min(0).max(0.5).default(0.02),
  HEDGE_PRIORITIES: priorityList.default(['express']),
  SERVICE_TIER_FLEX_MIN_MINUTES: z.coerce.number().min(0).max(1_440).default(10),
  CONFIDENCE_MAX_SHARE: z.coerce.number().min(0).max(1).default(0.15),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(512),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL')
    .optional(),
  JOB_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(8),
  JOB_ITEM_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(32),
  JOB_RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
  PROVIDER_BATCH_APIS: z
    .string()
    .transform((value) => words(value).filter((word) => word !== 'none'))
    .optional(),
  BATCH_API_MIN_WINDOW_MINUTES: z.coerce.number().min(0).max(1_440).default(30),
  BATCH_API_RESERVE: z.coerce.number().min(0).max(0.9).default(0.2),
  BATCH_API_POLL_MS: z.coerce.number().int().min(10).max(600_000).default(15_000),
  BATCH_API_MOCK_POLL_MS: z.coerce.number().int().min(10).max(600_000).default(500),
  WEBHOOK_SIGNING_SECRET: z.string().min(16).optional(),
  WEBHOOK_ALLOWED_HOSTS: z
    .string()
    .transform((value) => words(value.toLowerCase()))
    .default([]),
  IDEMPOTENCY_TTL_SECONDS: z.coerce.number().int().min(60).max(604_800).default(86_400),
  ENABLE_TRACING: booleanSetting.default(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  TRACE_SAMPLE_RATIO: z.coerce.number().min(0).max(1).default(1),
});

export type WorkerConfig = z.infer<typeof configSchema>;
