import { HealthRegistry } from './health';

describe('readiness', () => {
  test('is ready when every check passes', async () => {
    const health = new HealthRegistry();
    health.register('redis', () => ({ ok: true }));
    expect(await health.report()).toMatchObject({ status: 'ready', isReady: true, checks: { redis: { ok: true } } });
  });

  test('a critical failure makes it not ready, any other degraded', async () => {
    const health = new HealthRegistry();
    let isRedisUp = true;
    health.register('redis', () => ({ ok: isRedisUp, detail: 'gone' }));
    health.register('router', async () => ({ ok: false }), { isCritical: false });
    expect(await health.report()).toMatchObject({ status: 'degraded', isReady: true });
    isRedisUp = false;
    expect(await health.report()).toMatchObject({
      status: 'not_ready',
      isReady: false,
      checks: { redis: { ok: false, detail: 'gone', isCritical: true }, router: { ok: false, isCritical: false } },
    });
  });

  test('a check that throws or hangs has failed', async () => {
    const health = new HealthRegistry({ checkTimeoutMs: 30 });
    health.register('throws', () => {
      throw new Error('refused');
    });
    health.register('hangs', () => new Promise(() => undefined));
    const { checks } = await health.report();
    expect(checks['throws']).toMatchObject({ ok: false, detail: 'refused' });
    expect(checks['hangs']).toMatchObject({ ok: false, detail: 'no answer in 30 ms' });
  });

  test('askers at the same time share one run of the checks', async () => {
    const health = new HealthRegistry();
    let runs = 0;
    health.register('slow', async () => ({ ok: ++runs > 0 }));
    await Promise.all([health.report(), health.report(), health.report()]);
    expect(runs).toBe(1);
    await health.report();
    expect(runs).toBe(2);
  });

  test('a draining service is not ready whatever its checks say', async () => {
    const health = new HealthRegistry();
    health.register('redis', () => ({ ok: true }));
    health.startDraining();
    expect(await health.report()).toMatchObject({ status: 'shutting_down', isReady: false });
  });

  test('a name can be used once', () => {
    const health = new HealthRegistry();
    health.register('redis', () => ({ ok: true }));
    expect(() => health.register('redis', () => ({ ok: true }))).toThrow('redis is registered twice');
  });
});
