import { parseConfig } from '@costlane/platform';
import { configSchema } from './config';

const config = (env: NodeJS.ProcessEnv) => parseConfig(configSchema, { env, directory: '/nonexistent' });

describe('cache config', () => {
  it('starts without any setting', () => {
    const { semantic, ...own } = config({});
    expect(semantic.CACHE_EVICTION_POLICY).toBe('lru');
    expect(own).toEqual({
      httpHost: '127.0.0.1',
      httpPort: 8001,
      grpcPort: 50_052,
      redisUrl: 'redis://127.0.0.1:6379',
      logLevel: 'info',
      maxEntryBytes: 1_048_576,
      maxEntriesPerTenant: 100_000,
      staleSeconds: 86_400,
      evictionPolicy: 'lru',
    });
  });

  it('takes the older name of the bound on a tenant’s entries', () => {
    expect(config({ CACHE_EXACT_SIZE: '7' }).maxEntriesPerTenant).toBe(7);
    expect(config({ CACHE_MAX_ENTRIES_PER_TENANT: '8' }).maxEntriesPerTenant).toBe(8);
  });

  it('names the field that is wrong', () => {
    expect(() => config({ CACHE_HTTP_PORT: '99999' })).toThrow(/CACHE_HTTP_PORT/);
    expect(() => config({ CACHE_MAX_ENTRY_BYTES: '10' })).toThrow(/CACHE_MAX_ENTRY_BYTES/);
    expect(() => config({ REDIS_URL: 'here' })).toThrow(/REDIS_URL/);
  });
});
