import { parseConfig } from '@costlane/platform';
import { configSchema } from './config';

const directory = '/nonexistent';
const databaseUrl = 'postgres://costlane:secret@db:5432/costlane';

describe('settings of cost-attribution', () => {
  it('have defaults for all but the database', () => {
    expect(parseConfig(configSchema, { env: { DATABASE_URL: databaseUrl }, directory })).toEqual({
      httpHost: '127.0.0.1',
      httpPort: 8005,
      grpcPort: 50_056,
      redisUrl: 'redis://127.0.0.1:6379',
      databaseUrl,
      databasePoolSize: 6,
      focusBillingAccount: 'costlane',
      ledgerDetailRetentionDays: 0,
      rollupIntervalSeconds: 60,
      logLevel: 'info',
      isTracingEnabled: false,
      otlpEndpoint: undefined,
      traceSampleRatio: 1,
      infrastructure: expect.any(Object),
      alerts: expect.any(Object),
      anomalies: {
        scanIntervalMs: 300_000,
        minImpactNanoUsd: 5_000_000_000,
        minImpactShare: 0.1,
        threshold: 1,
      },
    });
  });

  it.each([
    [{}, 'DATABASE_URL'],
    [{ DATABASE_URL: 'mysql://x:secret@db/costlane' }, 'must be a postgres:// URL'],
    [{ DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: '1' }, 'DATABASE_POOL_SIZE'],
    [{ DATABASE_URL: databaseUrl, LEDGER_DETAIL_RETENTION_DAYS: '30' }, 'LEDGER_DETAIL_RETENTION_DAYS'],
    [{ DATABASE_URL: databaseUrl, COST_ATTRIBUTION_HTTP_PORT: '70000' }, 'COST_ATTRIBUTION_HTTP_PORT'],
  ])('refuse %j with a line that names the field and not the secret', (env, words) => {
    const parse = () => parseConfig(configSchema, { env, directory });
    expect(parse).toThrow(words);
    expect(parse).not.toThrow('secret');
  });
});
