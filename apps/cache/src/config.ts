import { z } from 'zod';
import { semanticProblem, semanticShape, type SemanticSettings } from './semantic/semantic-config';

const port = z.coerce.number().int().min(0).max(65_535);
const MIB = 1024 * 1024;
const entriesPerTenant = z.coerce.number().int().min(1).max(100_000_000);

/** Settings of the cache service; the README lists them with their defaults. */
export const configSchema = z
  .object({
    API_HOST: z.string().default('127.0.0.1'),
    CACHE_HTTP_PORT: port.default(8001),
    CACHE_GRPC_PORT: port.default(50_052),
    REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    CACHE_MAX_ENTRY_BYTES: z.coerce
      .number()
      .int()
      .min(1_024)
      .max(64 * MIB)
      .default(MIB),
    CACHE_EXACT_SIZE: entriesPerTenant.default(100_000),
    /** The name that CACHE_EXACT_SIZE had before; counts where it is set. */
    CACHE_MAX_ENTRIES_PER_TENANT: entriesPerTenant.optional(),
    CACHE_STALE_SECONDS: z.coerce.number().int().min(0).max(604_800).default(86_400),
    ...semanticShape,
  })
  .superRefine((env, context) => {
    const problem = semanticProblem(env);
    if (problem) context.addIssue({ code: 'custom', path: [problem.path], message: problem.message });
  })
  .transform((env) => ({
    httpHost: env.API_HOST,
    httpPort: env.CACHE_HTTP_PORT,
    grpcPort: env.CACHE_GRPC_PORT,
    redisUrl: env.REDIS_URL,
    logLevel: env.LOG_LEVEL,
    maxEntryBytes: env.CACHE_MAX_ENTRY_BYTES,
    maxEntriesPerTenant: env.CACHE_MAX_ENTRIES_PER_TENANT ?? env.CACHE_EXACT_SIZE,
    staleSeconds: env.CACHE_STALE_SECONDS,
    evictionPolicy: env.CACHE_EVICTION_POLICY,
    semantic: env satisfies SemanticSettings,
  }));

export type CacheConfig = z.output<typeof configSchema>;
