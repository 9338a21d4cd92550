import { evictionPolicies } from '@costlane/domain';
import { booleanSetting } from '@costlane/platform';
import { z } from 'zod';

/** What this process's own index takes. */
const MAX_EMBEDDED_DIMENSION = 3_072;

const share = z.coerce.number().min(0).max(1);

/** Settings of the semantic tier; `.env.example` lists them with their meaning. */
export const semanticShape = {
  CACHE_SEMANTIC_ENABLED: booleanSetting.default(true),
  CACHE_SIMILARITY_THRESHOLD: z.coerce.number().min(0.5).max(1).default(0.92),
  CACHE_SEMANTIC_SIZE: z.coerce.number().int().min(1).max(10_000_000).default(100_000),
  CACHE_SEMANTIC_MAX_AGE_SECONDS: z.coerce.number().int().min(1).max(2_592_000).default(86_400),
  CACHE_SEMANTIC_MIN_TIMES_ASKED: z.coerce.number().int().min(0).max(1_000).default(0),
  CACHE_MAX_FALSE_HIT_RATE: z.coerce.number().min(0.0001).max(0.5).default(0.02),
  CACHE_AUDIT_SHARE: share.default(0.05),
  CACHE_AUDIT_AGREEMENT: share.default(0.8),
  CACHE_KEEP_PAIRS: booleanSetting.default(false),
  CACHE_VERIFIER_WEIGHTS: z.string().optional(),
  CACHE_JUDGE_MODEL: z.string().optional(),
  CACHE_JUDGE_BASE_URL: z.url().default('http://127.0.0.1:8000/v1'),
  CACHE_JUDGE_API_KEY: z.string().optional(),
  CACHE_EVICTION_POLICY: z.enum(evictionPolicies).default('lru'),
  EMBEDDING_PROVIDER: z.enum(['static', 'onnx', 'http']).default('static'),
  EMBEDDING_MODEL_DIR: z.string().optional(),
  EMBEDDING_BASE_URL: z.url().optional(),
  EMBEDDING_API_KEY: z.string().optional(),
  EMBEDDING_MODEL: z.string().default('text-embedding-3-small'),
  EMBEDDING_DIMENSION: z.coerce.number().int().min(8).max(4_096).default(384),
  QDRANT_URL: z.url().optional(),
  QDRANT_API_KEY: z.string().optional(),
  QDRANT_COLLECTION_NAME: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'has to be 1 to 100 letters, digits, _ or -')
    .default('costlane'),
};

export type SemanticSettings = z.output<z.ZodObject<typeof semanticShape>>;

/** Problems between settings that single values do not show. */
export function semanticProblem(env: SemanticSettings): { path: keyof SemanticSettings; message: string } | undefined {
  if (env.EMBEDDING_PROVIDER === 'onnx' && env.EMBEDDING_MODEL_DIR === undefined)
    return {
      path: 'EMBEDDING_MODEL_DIR',
      message: 'is needed with EMBEDDING_PROVIDER=onnx: the folder of the .onnx file',
    };
  if (env.EMBEDDING_PROVIDER === 'http' && env.EMBEDDING_BASE_URL === undefined)
    return { path: 'EMBEDDING_BASE_URL', message: 'is needed with EMBEDDING_PROVIDER=http: the server’s URL with /v1' };
  if (env.EMBEDDING_PROVIDER !== 'http' && env.EMBEDDING_DIMENSION !== 384)
    return { path: 'EMBEDDING_DIMENSION', message: 'is 384 for the built-in and the ONNX model' };
  if (env.QDRANT_URL === undefined && env.EMBEDDING_DIMENSION > MAX_EMBEDDED_DIMENSION)
    return { path: 'EMBEDDING_DIMENSION', message: 'is 3,072 at the most without QDRANT_URL' };
  return undefined;
}
