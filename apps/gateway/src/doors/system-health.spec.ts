import type { SemanticReply } from '@costlane/contracts';
import { HealthRegistry } from '@costlane/platform';
import type { ServiceProbe } from './service-probes';
import { createSystemHealth } from './system-health';

const probe = (isServing: boolean | undefined): ServiceProbe => ({
  isServing: () => Promise.resolve(isServing),
  close: () => undefined,
});

const semanticUp = {
  embedder: 'static',
  index: 'embedded',
  entries: 0,
  tenants: [],
  areEmbeddingsUp: true,
  isIndexUp: true,
};

interface SystemOptions {
  own?: boolean;
  isCritical?: boolean;
  cache?: boolean;
  ledger?: boolean;
  semantic?: () => Promise<SemanticReply | undefined>;
}

function system(options: SystemOptions = {}) {
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
  const look = createSystemHealth({
    health,
    probes,
    semantic: options.semantic ?? (() => Promise.resolve(semanticUp)),
    now: () => nowMs,
  });
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
      vector_index: { status: 'up', detail: 'embedded' },
      embeddings: { status: 'up', detail: 'static' },
    });
  });

  it('tells how the parts of the semantic cache do, or that they are not there, or not to be asked', async () => {
    const statusOf = async (semantic: SystemOptions['semantic']) => {
      const { status, services } = await system({ semantic }).look();
      return [status, services['vector_index']?.status, services['embeddings']?.status];
    };
    const broken = { ...semanticUp, areEmbeddingsUp: false };
    expect(await statusOf(() => Promise.resolve(broken))).toEqual(['degraded', 'up', 'down']);
    expect(await statusOf(() => Promise.resolve(undefined))).toEqual(['healthy', 'not_configured', 'not_configured']);
    expect(await statusOf(() => Promise.reject(new Error('gone')))).toEqual(['healthy', 'unknown', 'unknown']);
    expect(await statusOf(() => new Promise(() => undefined))).toEqual(['healthy', 'unknown', 'unknown']);
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
