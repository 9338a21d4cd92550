import { booleanSetting } from '@costlane/platform';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const batchSize = z.coerce.number().int().min(1).max(1_024);

/** Settings of the batcher; see `.env.example` for each one's meaning. */
export const configSchema = z
  .object({
    API_HOST: z.string().default('127.0.0.1'),
    BATCHER_HTTP_PORT: port.default(8003),
    BATCHER_GRPC_PORT: port.default(50054),
    REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    /** Share of the workers' places that may be taken before work has to pass the batcher. */
    DIRECT_DISPATCH_SHARE: z.coerce.number().min(0).max(1).default(0.8),
    BATCH_MIN_SIZE: batchSize.default(1),
    BATCH_MAX_SIZE: batchSize.default(64),
    BATCH_MAX_WAIT_MS: z.coerce.number().int().min(0).max(60_000).default(200),
    /** Milliseconds. */
    BATCH_TARGET_LATENCY_P95: z.coerce.number().int().min(1).max(60_000).default(200),
    BATCH_COALESCE_SEMANTIC: booleanSetting.default(true),
    /** The semantic cache's gates, which hold for shared calls as well. */
    CACHE_SIMILARITY_THRESHOLD: z.coerce.number().min(0.5).max(1).default(0.92),
    CACHE_MAX_FALSE_HIT_RATE: z.coerce.number().min(0.0001).max(0.5).default(0.02),
    CACHE_VERIFIER_WEIGHTS: z.string().optional(),
    ENABLE_TRACING: booleanSetting.default(false),
    OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
    TRACE_SAMPLE_RATIO: z.coerce.number().min(0).max(1).default(1),
  })
  .superRefine(({ BATCH_MIN_SIZE, BATCH_MAX_SIZE }, context) => {
    if (BATCH_MIN_SIZE > BATCH_MAX_SIZE)
      context.addIssue({ code: 'custom', path: ['BATCH_MIN_SIZE'], message: 'has to be BATCH_MAX_SIZE at the most' });
  });

export type BatcherConfig = z.infer<typeof configSchema>;
