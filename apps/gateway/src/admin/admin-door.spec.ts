import type { ApiKey, CreateKeyRequest, InvalidateRequest, SemanticReply } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { hashKey } from '../auth/key-format';
import { KEY_SECRET, testGateway } from '../testing/test-gateway';

const DEPLOYMENT = { authorization: 'Bearer the-deployments-admin-key' };
const TENANT = { authorization: 'Bearer cl_admin-of-acme' };
const MEMBER = { authorization: 'Bearer cl_member-of-acme' };

const stored = (more: Partial<ApiKey> = {}): ApiKey => ({
  id: 'k1',
  prefix: 'cl_12345678',
  tenantId: 'acme',
  teamId: '',
  userId: '',
  name: '',
  role: 'member',
  rateLimitPerMinute: 0,
  createdAt: '2026-01-01T00:00:00Z',
  revokedAt: '',
  ...more,
});

/** The services behind administration, with one key of each of two tenants. */
function admin(semantic: SemanticReply | undefined = undefined) {
  const keys = [stored(), stored({ id: 'k2', tenantId: 'beta' })];
  const calls: {
    created: CreateKeyRequest[];
    revoked: string[];
    invalidated: InvalidateRequest[];
  } = {
    created: [],
    revoked: [],
    invalidated: [],
  };
  const findKey = (hash: string) =>
    Promise.resolve(
      [
        { key: 'cl_admin-of-acme', role: 'admin' },
        { key: 'cl_member-of-acme', role: 'member' },
      ]
        .filter(({ key }) => hashKey(key, KEY_SECRET) === hash)
        .map(({ role }) => stored({ id: `of-${role}`, role }))[0],
    );
  const { fastify } = testGateway({
    authenticator: { findKey, isAdminOpenOnLoopback: true },
    adminServices: {
      createKey: (request) => {
        calls.created.push(request);
        return Promise.resolve(stored({ ...request, id: 'k9' }));
      },
      listKeys: (tenantId) => Promise.resolve(keys.filter((key) => tenantId === '' || key.tenantId === tenantId)),
      revokeKey: (id) => {
        calls.revoked.push(id);
        const key = keys.find((one) => one.id === id);
        if (!key) return Promise.reject(new CostlaneError('not_found', 'There is no API key with this id.'));
        return Promise.resolve({ wasActive: true, key, keyHash: 'h' });
      },
      invalidate: (request) => {
        calls.invalidated.push(request);
        return Promise.resolve(3);
      },
      cacheStats: () => Promise.resolve({ filledEntries: 9, skippedEntries: 2, invalidatedEntries: 1 }),
      semantic: () => Promise.resolve(semantic),
      pairs: (tenantId) =>
        Promise.resolve(
          tenantId === 'acme'
            ? { lines: ['{"a":1}', '{"a":2}'], isCollecting: true }
            : { lines: [], isCollecting: false },
        ),
    },
  });
  const send = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    headers: Record<string, string>,
    payload?: object,
  ) => {
    const reply = await fastify.inject({ method, url, headers: { host: 'gateway.example', ...headers }, payload });
    return {
      status: reply.statusCode,
      code: reply.headers['x-error-code'],
      headers: reply.headers,
      body: reply.json<Reply>(),
    };
  };
  return { send, calls, fastify };
}

interface Reply {
  success: boolean;
  data: Record<string, unknown> & { keys?: { id: string }[] };
  error: string | null;
}

describe('POST /admin/keys', () => {
  it('makes a key that is shown once and kept as a hash only', async () => {
    const { send, calls } = admin();
    const { status, headers, body } = await send('POST', '/admin/keys', DEPLOYMENT, {
      tenant_id: 'beta',
      name: 'ci',
      rate_limit_per_minute: 9,
    });
    const key = String(body.data['key']);
    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    expect(body.data).toMatchObject({
      id: 'k9',
      tenant_id: 'beta',
      name: 'ci',
      role: 'member',
      rate_limit_per_minute: 9,
    });
    expect(key.startsWith(String(body.data['prefix']))).toBe(true);
    expect(calls.created).toEqual([expect.objectContaining({ tenantId: 'beta', keyHash: hashKey(key, KEY_SECRET) })]);
    expect(JSON.stringify(calls.created)).not.toContain(key);
  });

  it('gives a tenant’s administrator keys of its own tenant only', async () => {
    const { send, calls } = admin();
    expect(await send('POST', '/admin/keys', TENANT, { name: 'own' })).toMatchObject({
      status: 201,
      body: { data: { tenant_id: 'acme' } },
    });
    expect(await send('POST', '/admin/keys', TENANT, { tenant_id: 'beta' })).toMatchObject({
      status: 403,
      code: 'forbidden',
    });
    expect(calls.created).toHaveLength(1);
  });

  it.each([
    [{}, 'tenant_id'],
    [{ tenant_id: 'a/b' }, 'tenant_id'],
    [{ tenant_id: 'acme', role: 'owner' }, 'role'],
    [{ tenant_id: 'acme', rate_limit_per_minute: -1 }, 'rate_limit_per_minute'],
    [{ tenant_id: 'acme', rate_limit: 5 }, 'rate_limit'],
  ])('refuses %j and names %s', async (payload, field) => {
    const { status, body } = await admin().send('POST', '/admin/keys', DEPLOYMENT, payload);
    expect(status).toBe(400);
    expect(body.error).toContain(`"${field}"`);
  });
});

describe('GET and DELETE /admin/keys', () => {
  it('show the deployment’s administrator all keys, a tenant’s its own', async () => {
    const { send } = admin();
    const ids = async (headers: Record<string, string>, query = '') =>
      (await send('GET', `/admin/keys${query}`, headers)).body.data.keys?.map(({ id }) => id);
    expect(await ids(DEPLOYMENT)).toEqual(['k1', 'k2']);
    expect(await ids(DEPLOYMENT, '?tenant_id=beta')).toEqual(['k2']);
    expect(await ids(TENANT)).toEqual(['k1']);
    expect((await send('GET', '/admin/keys?tenant_id=beta', TENANT)).status).toBe(403);
    expect((await send('GET', '/admin/keys?tenant_id=', DEPLOYMENT)).status).toBe(400);
  });

  it('revoke a key within reach; another tenant’s looks as if it were not there', async () => {
    const { send, calls } = admin();
    expect(await send('DELETE', '/admin/keys/k2', TENANT)).toMatchObject({ status: 404, code: 'not_found' });
    expect(calls.revoked).toEqual([]);
    expect(await send('DELETE', '/admin/keys/k1', TENANT)).toMatchObject({
      status: 200,
      body: { data: { revoked: true } },
    });
    expect(await send('DELETE', '/admin/keys/k2', DEPLOYMENT)).toMatchObject({ status: 200 });
    expect(await send('DELETE', '/admin/keys/k3', DEPLOYMENT)).toMatchObject({ status: 404 });
  });
});

describe('POST /admin/cache/invalidate', () => {
  const url = '/admin/cache/invalidate';

  it.each([
    [{ all: true }, { $case: 'all', value: true }],
    [{ model: 'gpt-4o' }, { $case: 'model', value: 'gpt-4o' }],
    [{ tag: 'faq' }, { $case: 'tag', value: 'faq' }],
    [{ key: 'a'.repeat(64) }, { $case: 'key', value: 'a'.repeat(64) }],
  ])('drops what %j names', async (choice, what) => {
    const { send, calls } = admin();
    const { body } = await send('POST', url, DEPLOYMENT, { tenant_id: 'beta', ...choice });
    expect(body).toEqual({ success: true, data: { tenant_id: 'beta', removed_entries: 3 }, error: null });
    expect(calls.invalidated).toEqual([{ tenantId: 'beta', what }]);
  });

  it('stays within a tenant administrator’s own tenant', async () => {
    const { send, calls } = admin();
    expect((await send('POST', url, TENANT, { tenant_id: 'beta', all: true })).status).toBe(403);
    await send('POST', url, TENANT, { all: true });
    expect(calls.invalidated).toEqual([{ tenantId: 'acme', what: { $case: 'all', value: true } }]);
  });

  it('drops every tenant’s answers for the deployment’s administrator, and for nobody else', async () => {
    const { send, calls } = admin();
    expect((await send('POST', url, TENANT, { tenant_id: '*', all: true })).status).toBe(403);
    expect((await send('POST', url, MEMBER, { tenant_id: '*', all: true })).status).toBe(403);
    for (const choice of [{ model: 'm' }, { tag: 't' }, {}]) {
      const { status, body } = await send('POST', url, DEPLOYMENT, { tenant_id: '*', ...choice });
      expect(status).toBe(400);
      expect(body.error).toContain('"tenant_id"');
    }
    expect(calls.invalidated).toEqual([]);
    const { body } = await send('POST', url, DEPLOYMENT, { tenant_id: '*', all: true });
    expect(body.data).toEqual({ tenant_id: '*', removed_entries: 3 });
    expect(calls.invalidated).toEqual([{ tenantId: '*', what: { $case: 'all', value: true } }]);
  });

  it.each([[{}], [{ all: false }], [{ model: 'a', tag: 'b' }], [{ key: 'short' }]])('refuses %j', async (choice) => {
    const { send, calls } = admin();
    expect((await send('POST', url, DEPLOYMENT, { tenant_id: 'acme', ...choice })).status).toBe(400);
    expect(calls.invalidated).toEqual([]);
  });
});

describe('GET /admin/cache', () => {
  it('shows the deployment’s administrator what the cache does, and nobody else', async () => {
    const { send } = admin();
    expect((await send('GET', '/admin/cache', TENANT)).status).toBe(403);
    expect((await send('GET', '/admin/cache', MEMBER)).status).toBe(403);
    expect((await send('GET', '/admin/cache', DEPLOYMENT)).body.data).toEqual({
      memory: null,
      exact: { filled_entries: 9, skipped_entries: 2, invalidated_entries: 1 },
      semantic: null,
    });
  });

  it('shows how the semantic tier of each tenant does', async () => {
    const tenant = { tenantId: 'acme', state: 'tightened', limit: 0.02, threshold: 0.98, lookups: 9, hits: 4 };
    const audits = { audits: 3, wrong: 1, observedRate: 1 / 3, upperRate: 0.8, entries: 7 };
    const { send } = admin({
      embedder: 'static',
      index: 'embedded',
      entries: 7,
      areEmbeddingsUp: true,
      isIndexUp: true,
      tenants: [{ ...tenant, ...audits }],
    });
    const { data } = (await send('GET', '/admin/cache', DEPLOYMENT)).body;
    expect(data['semantic']).toMatchObject({
      embedder: 'static',
      tenants: [{ tenant_id: 'acme', state: 'tightened', max_false_hit_rate: 0.02, observed_false_hit_rate: 1 / 3 }],
    });
  });
});

describe('GET /admin/cache/pairs', () => {
  it('gives a tenant’s judged pairs as lines, and says how to collect them', async () => {
    const { fastify } = admin();
    const reply = await fastify.inject({ url: '/admin/cache/pairs', headers: { host: 'gateway.example', ...TENANT } });
    expect([reply.statusCode, reply.headers['content-type'], reply.body]).toEqual([
      200,
      'application/x-ndjson; charset=utf-8',
      '{"a":1}\n{"a":2}\n',
    ]);
    const { send } = admin();
    expect((await send('GET', '/admin/cache/pairs?tenant_id=beta', TENANT)).status).toBe(403);
    const none = await send('GET', '/admin/cache/pairs?tenant_id=beta', DEPLOYMENT);
    expect([none.status, none.body.error]).toEqual([404, expect.stringContaining('CACHE_KEEP_PAIRS')]);
    expect((await send('GET', '/admin/cache/pairs', DEPLOYMENT)).status).toBe(400);
  });
});

describe('administration', () => {
  it.each([
    ['nobody from elsewhere', {}, 401],
    ['a member', MEMBER, 403],
    ['an unknown key', { authorization: 'Bearer other' }, 401],
    ['somebody on this machine', { host: 'localhost:8000' }, 200],
    ['somebody behind a proxy on this machine', { host: 'localhost:8000', 'x-forwarded-for': '203.0.113.9' }, 401],
    ['a page under another name on this machine', { host: 'rebound.example' }, 401],
  ])('answers %s as it should', async (_who, headers, status) => {
    expect((await admin().send('GET', '/admin/keys', headers)).status).toBe(status);
  });
});
