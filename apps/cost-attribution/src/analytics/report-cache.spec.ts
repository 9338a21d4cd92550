import { createMetrics } from '@costlane/platform';
import { createReportCache, type ReportCacheOptions } from './report-cache';

function setUp(options: Partial<ReportCacheOptions> = {}) {
  const metrics = createMetrics({ service: 'test' });
  let version: string | undefined = '1';
  let made = 0;
  const cache = createReportCache({ version: () => Promise.resolve(version), metrics, ...options });
  return {
    metrics,
    made: () => made,
    rolledUp: (next: string | undefined) => (version = next),
    ask: (tenantId: string | undefined, question = 'q') =>
      cache.get(tenantId, question, () => Promise.resolve(`${tenantId}/${question}/${(made += 1)}`)),
  };
}

const valueOf = async ({ metrics }: ReturnType<typeof setUp>, name: string): Promise<string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));

describe('the cache of reports', () => {
  it('gives the same answer again until a rollup changes what it shows', async () => {
    const { ask, rolledUp } = setUp();
    expect(await ask('acme')).toBe('acme/q/1');
    expect(await ask('acme')).toBe('acme/q/1');
    rolledUp('2');
    expect(await ask('acme')).toBe('acme/q/2');
  });

  it('shares nothing between tenants, nor with the deployment', async () => {
    const { ask } = setUp();
    expect(await ask('acme')).toBe('acme/q/1');
    expect(await ask('globex')).toBe('globex/q/2');
    expect(await ask(undefined)).toBe('undefined/q/3');
    expect(await ask('acme', 'other')).toBe('acme/other/4');
  });

  it('keeps nothing while nobody can say which rollup is the latest', async () => {
    const { ask, rolledUp } = setUp();
    await ask('acme');
    rolledUp(undefined);
    expect(await ask('acme')).toBe('acme/q/2');
    expect(await ask('acme')).toBe('acme/q/3');
    rolledUp('1');
    expect(await ask('acme')).toBe('acme/q/1');
  });

  it('makes one answer for those who ask the same at the same time, and none stays of one that failed', async () => {
    const { ask, made } = setUp();
    expect(new Set(await Promise.all([ask('acme'), ask('acme'), ask('acme')]))).toEqual(new Set(['acme/q/1']));
    expect(made()).toBe(1);
    const cache = createReportCache({ version: () => Promise.resolve('1'), metrics: createMetrics({ service: 't' }) });
    await expect(cache.get('acme', 'q', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await cache.get('acme', 'q', () => Promise.resolve('back'))).toBe('back');
  });

  it('holds no more than its bound', async () => {
    const { ask, made } = setUp({ maxEntries: 2 });
    for (const question of ['a', 'b', 'c']) await ask('acme', question);
    await ask('acme', 'c');
    expect(made()).toBe(3);
    await ask('acme', 'a');
    expect(made()).toBe(4);
  });

  it('keeps an answer for its time and no longer', async () => {
    let nowMs = 1_000;
    const { ask } = setUp({ nowMs: () => nowMs });
    await ask('acme');
    nowMs += 60_000;
    expect(await ask('acme')).toBe('acme/q/1');
    nowMs += 1;
    expect(await ask('acme')).toBe('acme/q/2');
  });

  it('tells its hit rate', async () => {
    const test = setUp();
    for (let i = 0; i < 4; i++) await test.ask('acme');
    expect(await valueOf(test, 'costlane_analytics_cache_hit_rate')).toEqual([
      'costlane_analytics_cache_hit_rate{service="test"} 0.75',
    ]);
    expect(await valueOf(test, 'costlane_analytics_cache_requests_total')).toEqual([
      'costlane_analytics_cache_requests_total{result="miss",service="test"} 1',
      'costlane_analytics_cache_requests_total{result="hit",service="test"} 3',
    ]);
  });
});
