import { adminGateway, DEPLOYMENT, MEMBER, TENANT } from './testing/admin-gateway';

function setUp() {
  const asked: string[][] = [];
  const prompts = {
    find: (tenantId: string, requestId: string) => {
      asked.push([tenantId, requestId]);
      const times = { createdAt: '2026-03-04T12:00:00.000Z', expiresAt: '2026-04-03T12:00:00.000Z' };
      return Promise.resolve(
        tenantId === 'acme' && requestId === 'req_1' ? { requestId, ...times, text: 'words', isCut: false } : undefined,
      );
    },
    forget: (tenantId: string) => {
      asked.push([tenantId]);
      return Promise.resolve(3);
    },
  };
  return { ...adminGateway({ prompts }), asked };
}

describe('stored prompts', () => {
  it.each([
    [TENANT, '/admin/prompts/req_1'],
    [DEPLOYMENT, '/admin/prompts/req_1?tenant_id=acme'],
  ])('are shown to administrators, and kept by no cache on the way', async (headers, url) => {
    const { fastify } = setUp();
    const reply = await fastify.inject({ method: 'GET', url, headers: { host: 'gateway.example', ...headers } });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.json()).toEqual({
      success: true,
      data: {
        request_id: 'req_1',
        tenant_id: 'acme',
        created_at: '2026-03-04T12:00:00.000Z',
        expires_at: '2026-04-03T12:00:00.000Z',
        prompt: 'words',
        is_cut: false,
      },
      error: null,
    });
  });

  it('that are not kept are not found', async () => {
    expect(await setUp().send('GET', '/admin/prompts/req_2', TENANT)).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('are removed for a tenant', async () => {
    const { send, asked } = setUp();
    const { status, data } = await send('DELETE', '/admin/prompts?tenant_id=globex', DEPLOYMENT);
    expect([status, data, asked]).toEqual([200, { tenant_id: 'globex', removed_prompts: 3 }, [['globex']]]);
  });

  it.each([
    ['GET', '/admin/prompts/req_1'],
    ['DELETE', '/admin/prompts'],
  ] as const)('%s %s is within a tenant only', async (method, url) => {
    const { send, asked } = setUp();
    expect((await send(method, `${url}?tenant_id=globex`, TENANT)).status).toBe(403);
    expect((await send(method, url, MEMBER)).status).toBe(403);
    expect((await send(method, url, {})).status).toBe(401);
    expect(await send(method, url, DEPLOYMENT)).toMatchObject({
      status: 400,
      error: expect.stringContaining('tenant_id'),
    });
    expect(asked).toEqual([]);
  });
});
