import { adminGateway, DEPLOYMENT, MEMBER, memoryDocuments, TENANT } from './testing/admin-gateway';

const url = '/admin/experiments';
const variants = [{ name: 'a' }, { name: 'b', weight: 3, model: 'other', system_prompt: 'Be brief.' }];

function setUp() {
  const control = memoryDocuments();
  const { send } = adminGateway({ control });
  const ids = async (who: Record<string, string>) =>
    ((await send('GET', url, who)).data['experiments'] as { id: string }[]).map(({ id }) => id);
  return { send, control, ids };
}

describe('POST /admin/experiments', () => {
  it('starts one, with an id of its own where none is given', async () => {
    const { send, control } = setUp();
    const { status, data } = await send('POST', url, DEPLOYMENT, { feature_name: 'search', share: 0.5, variants });
    expect([status, data]).toEqual([
      201,
      {
        id: expect.stringMatching(/^exp-[0-9a-f]{12}$/),
        status: 'running',
        tenant_id: null,
        feature_name: 'search',
        model: null,
        share: 0.5,
        variants: [
          { name: 'a', weight: 1, model: null, strategy: null, system_prompt: null },
          { name: 'b', weight: 3, model: 'other', strategy: null, system_prompt: 'Be brief.' },
        ],
        created_at: expect.any(String),
        stopped_at: null,
      },
    ]);
    expect([...control.all.values()][0]?.body).toEqual({
      featureName: 'search',
      share: 0.5,
      variants: [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 3, model: 'other', systemPrompt: 'Be brief.' },
      ],
      createdAt: expect.any(String),
    });
  });

  it('is for one’s own tenant where a tenant’s administrator asks', async () => {
    const { send, control } = setUp();
    expect((await send('POST', url, TENANT, { variants })).data['tenant_id']).toBe('acme');
    expect((await send('POST', url, TENANT, { tenant_id: 'beta', variants })).status).toBe(403);
    expect((await send('POST', url, DEPLOYMENT, { tenant_id: 'beta', variants })).data['tenant_id']).toBe('beta');
    expect(control.all.size).toBe(2);
  });

  it('takes "auto" for requests that leave the choice, and the name of a model for those that name it', async () => {
    const { send } = setUp();
    expect((await send('POST', url, TENANT, { model: 'auto', variants })).data['model']).toBeNull();
    expect((await send('POST', url, TENANT, { model: 'other', variants })).data['model']).toBe('other');
  });

  it.each([
    [{}, 'variants'],
    [{ variants: [{ name: 'a' }] }, 'at least two'],
    [{ variants: Array.from({ length: 11 }, (_, at) => ({ name: `v${at}` })) }, 'at most 10'],
    [{ variants: [{ name: 'a' }, { name: 'a' }] }, '"variants[1].name": is the name of two'],
    [{ variants: [{ name: 'a' }, { name: 'b', weight: 0 }] }, 'variants[1].weight'],
    [{ variants: [{ name: 'a' }, { name: 'b', model: 'othr' }] }, 'variants[1].model'],
    [{ variants: [{ name: 'a' }, { name: 'b', model: 'othr' }] }, 'Did you mean "other"?'],
    [{ variants: [{ name: 'a' }, { name: 'b', model: 'disabled' }] }, 'variants[1].model'],
    [{ variants: [{ name: 'a' }, { name: 'b', model: 'unpriced' }] }, 'cost cannot be compared'],
    [{ variants: [{ name: 'a' }, { name: 'b/c' }] }, 'variants[1].name'],
    [{ variants, model: 'none-such' }, '"model"'],
    [{ variants, share: 0 }, 'share'],
    [{ variants, share: 1.1 }, 'share'],
    [{ variants, id: 'a b' }, '"id"'],
    [{ variants, tenant_id: 'a/b' }, 'tenant_id'],
    [{ variants, strategy: 'balanced' }, 'strategy'],
    [{ variants: [{ name: 'a' }, { name: 'b', system_prompt: 'x'.repeat(4_001) }] }, 'system_prompt'],
  ])('refuses %j', async (payload, words) => {
    const { send, control } = setUp();
    const refused = await send('POST', url, DEPLOYMENT, payload);
    expect([refused.status, refused.error]).toEqual([400, expect.stringContaining(words)]);
    expect(control.all.size).toBe(0);
  });

  it('refuses an id that was used, also by one that was stopped, and more than a hundred that run', async () => {
    const { send } = setUp();
    await send('POST', url, DEPLOYMENT, { id: 'e1', variants });
    await send('DELETE', `${url}/e1`, DEPLOYMENT);
    expect((await send('POST', url, DEPLOYMENT, { id: 'e1', variants })).status).toBe(400);
    for (let at = 0; at < 100; at++) await send('POST', url, DEPLOYMENT, { variants });
    expect(await send('POST', url, DEPLOYMENT, { variants })).toMatchObject({
      status: 400,
      error: expect.stringContaining('100'),
    });
  });
});

describe('a tenant', () => {
  it('may run twenty at a time, whatever others run', async () => {
    const { send, ids } = setUp();
    for (let at = 0; at < 25; at++) await send('POST', url, DEPLOYMENT, { tenant_id: 'beta', variants });
    for (let at = 0; at < 20; at++) expect((await send('POST', url, TENANT, { variants })).status).toBe(201);
    expect((await send('POST', url, TENANT, { variants })).error).toContain('20 experiments');
    const [first] = await ids(TENANT);
    await send('DELETE', `${url}/${first}`, TENANT);
    expect((await send('POST', url, TENANT, { variants })).status).toBe(201);
  });
});

describe('an experiment', () => {
  it('is shown, stopped once for good, and still shown', async () => {
    const { send, ids } = setUp();
    await send('POST', url, TENANT, { id: 'e1', variants });
    expect(await send('GET', `${url}/e1`, TENANT)).toMatchObject({ status: 200, data: { status: 'running' } });
    const stopped = await send('DELETE', `${url}/e1`, TENANT);
    expect(stopped.data).toMatchObject({
      id: 'e1',
      status: 'stopped',
      stopped_at: expect.any(String),
      variants: [{}, {}],
    });
    expect((await send('DELETE', `${url}/e1`, TENANT)).data).toEqual(stopped.data);
    expect((await send('GET', `${url}/e1`, TENANT)).data).toEqual(stopped.data);
    expect(await ids(TENANT)).toEqual(['e1']);
  });

  it('of another tenant, or of all of them, looks to a tenant’s administrator as if it were not there', async () => {
    const { send, ids } = setUp();
    await send('POST', url, DEPLOYMENT, { id: 'of-beta', tenant_id: 'beta', variants });
    await send('POST', url, DEPLOYMENT, { id: 'of-all', variants });
    await send('POST', url, TENANT, { id: 'of-acme', variants });
    for (const id of ['of-beta', 'of-all', 'none-such']) {
      expect((await send('GET', `${url}/${id}`, TENANT)).code).toBe('not_found');
      expect((await send('DELETE', `${url}/${id}`, TENANT)).code).toBe('not_found');
    }
    expect(await ids(TENANT)).toEqual(['of-acme']);
    expect(await ids(DEPLOYMENT)).toEqual(['of-beta', 'of-all', 'of-acme']);
  });

  it.each(['GET', 'POST', 'DELETE'] as const)('is nothing for a member (%s)', async (method) => {
    const { send } = setUp();
    const where = method === 'POST' ? url : `${url}/e1`;
    expect((await send(method, where, MEMBER, method === 'POST' ? { variants } : undefined)).status).toBe(403);
  });
});
