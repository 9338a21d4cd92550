import { testGateway } from '../testing/test-gateway';

const get = async (url: string) => (await testGateway().fastify.inject(url)).json<Record<string, unknown>>();

describe('what operators look at', () => {
  it('/health gives the figures and the services, at the top level and in the envelope', async () => {
    const figures = {
      status: 'healthy',
      cache_hit_rate: 0.25,
      requests_processed: 0,
      avg_latency_ms: 12.346,
      services: { redis: { status: 'up' } },
    };
    expect(await get('/health')).toEqual({ ...figures, success: true, data: figures, error: null });
  });

  it('/config gives the settings in groups, and of secrets only whether they are set', async () => {
    const { fastify } = testGateway();
    const { body } = await fastify.inject('/config');
    expect(JSON.parse(body)).toMatchObject({
      caching: { semantic_enabled: true, ttl_seconds: 3600 },
      batching: {},
      routing: { strategy: 'cost_optimal', complexity_weights: { reasoning: 0.3 }, default_model: 'auto' },
      auth: { mode: 'none', is_admin_key_set: true, is_key_secret_set: false },
      data: { caching: { semantic_enabled: true } },
    });
    expect(body).not.toContain('the-deployments-admin-key');
  });

  it('/v1/models lists what can be used, as OpenAI does', async () => {
    const model = { id: 'gpt-4o-mini', object: 'model', created: 0, owned_by: 'mock' };
    expect(await get('/v1/models')).toEqual({ object: 'list', data: [model] });
    expect(await get('/v1/models/gpt-4o-mini')).toEqual(model);
    expect(await get('/v1/models/a/model')).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
  });

  it('/models gives tier, price and health; an unknown price is null', async () => {
    expect(await get('/models')).toMatchObject({
      default_model: 'auto',
      models: [
        {
          name: 'gpt-4o-mini',
          tier: 'economy',
          health: 'healthy',
          circuit_breaker_open: false,
          prices_usd_per_million_tokens: null,
        },
      ],
    });
  });

  it('needs a key where keys are required', async () => {
    const { fastify } = testGateway({ authenticator: { mode: 'required' } });
    for (const url of ['/config', '/models', '/v1/models']) expect((await fastify.inject(url)).statusCode).toBe(401);
    for (const url of ['/health', '/docs', '/chat', '/openapi.json', '/'])
      expect((await fastify.inject(url)).statusCode).toBe(200);
  });

  it('names a request on every answer', async () => {
    const { headers } = await testGateway().fastify.inject('/');
    expect(headers['x-request-id']).toMatch(/^req/);
  });
});
