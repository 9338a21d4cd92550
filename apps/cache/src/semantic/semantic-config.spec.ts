import { configSchema } from '../config';

const problemOf = (env: Record<string, string>): string => {
  const parsed = configSchema.safeParse(env);
  return parsed.success
    ? 'fine'
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join();
};

describe('settings of the semantic tier', () => {
  it('are careful by default', () => {
    expect(configSchema.parse({}).semantic).toMatchObject({
      CACHE_SEMANTIC_ENABLED: true,
      CACHE_SIMILARITY_THRESHOLD: 0.92,
      CACHE_MAX_FALSE_HIT_RATE: 0.02,
      EMBEDDING_PROVIDER: 'static',
      CACHE_KEEP_PAIRS: false,
    });
  });

  it.each([
    [{ EMBEDDING_PROVIDER: 'onnx' }, 'EMBEDDING_MODEL_DIR is needed'],
    [{ EMBEDDING_PROVIDER: 'http' }, 'EMBEDDING_BASE_URL is needed'],
    [{ EMBEDDING_DIMENSION: '768' }, 'EMBEDDING_DIMENSION is 384'],
    [
      { EMBEDDING_PROVIDER: 'http', EMBEDDING_BASE_URL: 'http://e/v1', EMBEDDING_DIMENSION: '4096' },
      'EMBEDDING_DIMENSION is 3,072 at the most without QDRANT_URL',
    ],
    [
      {
        EMBEDDING_PROVIDER: 'http',
        EMBEDDING_BASE_URL: 'http://e/v1',
        EMBEDDING_DIMENSION: '4096',
        QDRANT_URL: 'http://q',
      },
      'fine',
    ],
    [{ CACHE_SIMILARITY_THRESHOLD: '0.2' }, 'CACHE_SIMILARITY_THRESHOLD'],
    [{ CACHE_MAX_FALSE_HIT_RATE: '0' }, 'CACHE_MAX_FALSE_HIT_RATE'],
    [{ QDRANT_COLLECTION_NAME: 'a/b' }, 'QDRANT_COLLECTION_NAME'],
    [{ EMBEDDING_PROVIDER: 'http', EMBEDDING_BASE_URL: 'http://e/v1', EMBEDDING_DIMENSION: '768' }, 'fine'],
    [{ EMBEDDING_PROVIDER: 'onnx', EMBEDDING_MODEL_DIR: '/models' }, 'fine'],
  ])('%j: %s', (env, expected) => expect(problemOf(env)).toContain(expected));
});
