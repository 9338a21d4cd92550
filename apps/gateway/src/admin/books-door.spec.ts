import { CostlaneError } from '@costlane/domain';
import { adminGateway, DEPLOYMENT, MEMBER, TENANT } from './testing/admin-gateway';

function setUp() {
  const asked: [string, object][] = [];
  const say = (what: string) => (request: object) => {
    asked.push([what, request]);
    return Promise.resolve({ said: what });
  };
  const books = {
    check: say('check'),
    rollup: say('rollup'),
    entries: say('entries'),
    correct: say('correct'),
    reconcile: say('reconcile'),
  };
  return { ...adminGateway({ books }), asked };
}

const correction = {
  tenant_id: 'acme',
  day: '2026-11-20',
  amount_usd: '-12.000000001',
  reference: 'inv-7',
  reason: 'credit',
};
const csv = 'day,model,token_class,tokens\n2026-11-20,"m, large",output,5\n';

describe('the doors to the books', () => {
  it('roll up what has changed, or a range', async () => {
    const { send, fastify, asked } = setUp();
    const bare = await fastify.inject({
      method: 'POST',
      url: '/admin/rollup',
      headers: { host: 'gateway.example', ...DEPLOYMENT },
    });
    expect([bare.statusCode, bare.json()]).toMatchObject([200, { data: { said: 'rollup' } }]);
    await send('POST', '/admin/rollup', DEPLOYMENT, { since: '2026-11-01', until: '2026-11-02T00:00:00Z' });
    expect(asked).toEqual([
      ['rollup', { tenantId: '', since: '', until: '' }],
      ['rollup', { tenantId: '', since: '2026-11-01', until: '2026-11-02T00:00:00Z' }],
    ]);
  });

  it('check and list within reach: a tenant’s administrator its own tenant, the deployment’s all or one', async () => {
    const { send, asked } = setUp();
    await send('GET', '/admin/ledger/check?since=2026-11-01', TENANT);
    await send('GET', '/admin/ledger/check', DEPLOYMENT);
    await send(
      'GET',
      '/admin/ledger/entries?kind=correct&limit=7&since=2026-11-01&until=2026-11-02&before_id=12',
      TENANT,
    );
    await send('GET', '/admin/ledger/entries?tenant_id=globex', DEPLOYMENT);
    expect(asked).toEqual([
      ['check', { tenantId: 'acme', since: '2026-11-01', until: '' }],
      ['check', { tenantId: '', since: '', until: '' }],
      [
        'entries',
        { tenantId: 'acme', since: '2026-11-01', until: '2026-11-02', kind: 'correct', limit: 7, beforeId: '12' },
      ],
      ['entries', { tenantId: 'globex', since: '', until: '', kind: '', limit: 0, beforeId: '' }],
    ]);
    for (const url of ['/admin/ledger/check', '/admin/ledger/entries'])
      expect((await send('GET', `${url}?tenant_id=globex`, TENANT)).status).toBe(403);
  });

  it.each([
    ['12.5', '12500000000'],
    [12.5, '12500000000'],
    ['-0.000000001', '-1'],
    [1e-9, '1'],
    [-0.3, '-300000000'],
  ])('enter a correction of %s dollars as %s nano-dollars', async (amount_usd, amountNanoUsd) => {
    const { send, asked } = setUp();
    expect((await send('POST', '/admin/ledger/corrections', DEPLOYMENT, { ...correction, amount_usd })).status).toBe(
      201,
    );
    expect(asked).toEqual([
      [
        'correct',
        expect.objectContaining({
          tenantId: 'acme',
          day: '2026-11-20',
          amountNanoUsd,
          reference: 'inv-7',
          reason: 'credit',
        }),
      ],
    ]);
  });

  it.each([
    ['POST', '/admin/rollup', { since: 5 }, 'since'],
    ['POST', '/admin/rollup', { from: '2026-11-01' }, 'from'],
    ['GET', '/admin/ledger/entries?kind=all', undefined, 'kind'],
    ['GET', '/admin/ledger/entries?limit=0', undefined, 'limit'],
    ['GET', '/admin/ledger/entries?limit=9999', undefined, 'limit'],
    ['GET', '/admin/ledger/entries?before_id=last', undefined, 'before_id'],
    ['GET', '/admin/ledger/check?since=a&since=b', undefined, 'since'],
    ['GET', '/admin/ledger/check?untill=a', undefined, 'untill'],
    ['POST', '/admin/ledger/corrections', { ...correction, amount_usd: '1e3' }, 'amount_usd'],
    ['POST', '/admin/ledger/corrections', { ...correction, amount_usd: 0 }, 'amount_usd'],
    ['POST', '/admin/ledger/corrections', { ...correction, amount_usd: '0.0000000001' }, 'amount_usd'],
    ['POST', '/admin/ledger/corrections', { ...correction, tenant_id: '*' }, 'tenant_id'],
    ['POST', '/admin/ledger/corrections', { ...correction, reference: '' }, 'reference'],
    ['POST', '/admin/ledger/reconcile', {}, 'provider'],
    ['POST', '/admin/ledger/reconcile?provider=openai&format=xml', {}, 'format'],
    ['POST', '/admin/ledger/reconcile?provider=openai&tolerance_percent=101', {}, 'tolerance_percent'],
  ] as const)('refuse %s %s %j, naming %s', async (method, url, body, field) => {
    const { send, asked } = setUp();
    const { status, error } = await send(method, url, DEPLOYMENT, body);
    expect([status, error]).toEqual([400, expect.stringContaining(`"${field}"`)]);
    expect(asked).toEqual([]);
  });

  it.each([
    ['POST', '/admin/rollup'],
    ['POST', '/admin/ledger/corrections'],
    ['POST', '/admin/ledger/reconcile?provider=openai'],
  ] as const)('keep %s %s for the deployment’s administrator', async (method, url) => {
    const { send, asked } = setUp();
    for (const who of [TENANT, MEMBER]) expect((await send(method, url, who, correction)).status).toBe(403);
    expect((await send(method, url, {}, correction)).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('hand a provider’s export on as it is, CSV or JSON', async () => {
    const { fastify, asked } = setUp();
    const url = '/admin/ledger/reconcile?provider=openai&tolerance_percent=1.5';
    const upload = (type: string, payload: string) =>
      fastify.inject({
        method: 'POST',
        url,
        payload,
        headers: { host: 'gateway.example', 'content-type': type, ...DEPLOYMENT },
      });
    expect((await upload('text/csv', csv)).statusCode).toBe(200);
    expect((await upload('application/json', '{"data":[]}')).statusCode).toBe(200);
    expect((await upload('application/xml', '<a/>')).statusCode).toBe(415);
    expect(asked).toEqual([
      ['reconcile', { provider: 'openai', usageJson: JSON.stringify({ tolerance_percent: 1.5, export: csv }) }],
      [
        'reconcile',
        { provider: 'openai', usageJson: JSON.stringify({ tolerance_percent: 1.5, export: '{"data":[]}' }) },
      ],
    ]);
  });

  it('refuse who may not before they read what is sent', async () => {
    const { fastify } = setUp();
    const payload = 'x'.repeat(17 * 1024 * 1024);
    const upload = (headers: Record<string, string>) =>
      fastify.inject({
        method: 'POST',
        url: '/admin/ledger/reconcile?provider=openai',
        payload,
        headers: { host: 'gateway.example', 'content-type': 'text/csv', ...headers },
      });
    expect((await upload(TENANT)).statusCode).toBe(403);
    expect((await upload(DEPLOYMENT)).statusCode).toBe(413);
  });

  it('give cost-attribution’s own word on what it refuses', async () => {
    const books = {
      check: () => Promise.reject(new CostlaneError('invalid_request', 'since must be an RFC 3339 time.')),
    };
    const { send } = adminGateway({ books: { ...books } as never });
    expect(await send('GET', '/admin/ledger/check?since=soon', DEPLOYMENT)).toMatchObject({
      status: 400,
      error: 'since must be an RFC 3339 time.',
    });
  });
});
