import { booleanSetting } from '@costlane/platform';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);

/** Settings of the batcher; see `.env.example` for each one's meaning. */
export const configSchema = z.object({
  API_HOST: z.string().default('127.0.0.1'),
  BATCHER_HTTP_PORT: port.default(8003),
  BATCHER_GRPC_PORT: port.default(50054),
  REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Share of the workers' places that may be taken before work has to pass the batcher. */
  DIRECT_DISPATCH_SHARE: z.coerce.number().min(0).max(1).default(0.8),
  ENABLE_TRACING: booleanSetting.default(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  TRACE_SAMPLE_RATIO: z.coerce.number().min(0).max(1).default(1),
});

export type BatcherConfig = z.infer<typeof configSchema>;
