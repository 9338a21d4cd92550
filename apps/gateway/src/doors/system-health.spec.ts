import { HealthRegistry } from '@costlane/platform';
import type { ServiceProbe } from './service-probes';
import { createSystemHealth } from './system-health';

const probe = (isServing: boolean | undefined): ServiceProbe => ({
  isServing: () => Promise.resolve(isServing),
  close: () => undefined,
});

function system(options: { own?: boolean; isCritical?: boolean; cache?: boolean; ledger?: boolean } = {}) {
  const health = new HealthRegistry();
  let nowMs = 0;
  let looks = 0;
  const check = () => {
    looks++;
    return { ok: options.own ?? true };
  };
  health.register('redis', check, { isCritical: options.isCritical ?? false });
  const probes = {
    cache: probe('cache' in options ? options.cache : true),
    batcher: probe(true),
    cost_attribution: probe('ledger' in options ? options.ledger : true),
  };
  const look = createSystemHealth({ health, probes, now: () => nowMs });
  return { health, look, looks: () => looks, pass: (ms: number) => (nowMs += ms) };
}

describe('the health of the system', () => {
  it('is healthy when everything answers', async () => {
    const { status, services } = await system().look();
    expect(status).toBe('healthy');
    expect(services).toMatchObject({
      redis: { status: 'up' },
      postgres: { status: 'up' },
      cache: { status: 'up' },
      vector_index: { status: 'not_configured' },
      embeddings: { status: 'not_configured' },
    });
  });

  it('is degraded when something it can do without is away', async () => {
    expect(await system({ own: false }).look()).toMatchObject({
      status: 'degraded',
      services: { redis: { status: 'down' } },
    });
    expect(await system({ cache: undefined }).look()).toMatchObject({
      status: 'degraded',
      services: { cache: { status: 'down', detail: 'cannot be reached' } },
    });
  });

  it('does not claim to know about Postgres when cost-attribution cannot be asked', async () => {
    const { services } = await system({ ledger: undefined }).look();
    expect(services).toMatchObject({ cost_attribution: { status: 'down' }, postgres: { status: 'unknown' } });
  });

  it('is unhealthy without what it cannot do without, and says when it is stopping', async () => {
    expect((await system({ own: false, isCritical: true }).look()).status).toBe('unhealthy');
    const { health, look } = system();
    health.startDraining();
    expect((await look()).status).toBe('shutting_down');
  });

  it('is looked at once a second however often it is asked for', async () => {
    const { look, looks, pass } = system();
    await Promise.all([look(), look()]);
    pass(900);
    await look();
    expect(looks()).toBe(1);
    pass(200);
    await look();
    expect(looks()).toBe(2);
  });
});
