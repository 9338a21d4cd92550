import type { AnomalyAdmin } from './anomalies-door-client';
import { adminGateway, DEPLOYMENT, MEMBER, TENANT } from './testing/admin-gateway';

function setUp() {
  const asked: [string, unknown][] = [];
  const answer = (what: string) => (request: unknown) => {
    asked.push([what, request]);
    return Promise.resolve({ done: what });
  };
  const anomalies: AnomalyAdmin = {
    list: answer('list'),
    judge: answer('judge'),
    alerts: answer('alerts'),
    test: answer('test'),
  };
  const { send } = adminGateway({ anomalies });
  return { send, asked };
}

describe('doors to anomalies and alerts', () => {
  it('show and judge a tenant’s own to its administrator, all to the deployment’s', async () => {
    const { send, asked } = setUp();
    expect(await send('GET', '/admin/anomalies?open=true&limit=5', TENANT)).toMatchObject({
      status: 200,
      data: { done: 'list' },
    });
    await send('GET', '/admin/anomalies', DEPLOYMENT);
    await send('POST', '/admin/anomalies/anm_1/feedback', TENANT, { verdict: 'no', note: 'a test' });
    await send('GET', '/admin/alerts?firing=true', TENANT);
    expect(asked).toEqual([
      ['list', { tenantId: 'acme', since: '', limit: 5, isOpenOnly: true }],
      ['list', { tenantId: '', since: '', limit: 0, isOpenOnly: false }],
      [
        'judge',
        { id: 'anm_1', tenantId: 'acme', verdict: 'no', note: 'a test', until: '', dimension: '', value: '', from: '' },
      ],
      ['alerts', { tenantId: 'acme', isFiringOnly: true }],
    ]);
  });

  it('take what is planned, for a tenant that is named or the own one', async () => {
    const { send, asked } = setUp();
    const plan = { dimension: 'feature', value: 'search', until: '2026-12-01T00:00:00Z' };
    expect((await send('POST', '/admin/anomalies/planned', TENANT, plan)).status).toBe(201);
    expect(asked[0]).toEqual([
      'judge',
      expect.objectContaining({ id: '', tenantId: 'acme', verdict: 'planned', ...plan }),
    ]);
    expect(await send('POST', '/admin/anomalies/planned', DEPLOYMENT, plan)).toMatchObject({ status: 400 });
    expect(await send('POST', '/admin/anomalies/planned', TENANT, { ...plan, tenant_id: 'globex' })).toMatchObject({
      status: 403,
    });
  });

  it('refuse others, and what they do not understand, by the name of the field', async () => {
    const { send, asked } = setUp();
    expect((await send('GET', '/admin/anomalies', MEMBER)).status).toBe(403);
    expect((await send('GET', '/admin/anomalies?tenant_id=globex', TENANT)).status).toBe(403);
    expect((await send('POST', '/admin/alerts/test', TENANT, {})).status).toBe(403);
    for (const [method, url, body, field] of [
      ['GET', '/admin/anomalies?limit=0', undefined, 'limit'],
      ['GET', '/admin/anomalies?open=maybe', undefined, 'open'],
      ['POST', '/admin/anomalies/anm_1/feedback', { verdict: 'perhaps' }, 'verdict'],
      ['POST', '/admin/anomalies/planned', { dimension: 'user', value: 'ann', until: 'soon' }, 'until'],
      ['POST', '/admin/alerts/test', { sink: 'telex' }, 'sink'],
    ] as const) {
      const { status, error } = await send(method, url, DEPLOYMENT, body);
      expect([status, error]).toEqual([400, expect.stringContaining(field)]);
    }
    expect(asked).toEqual([]);
  });

  it('the deployment’s administrator tries its sinks', async () => {
    const { send, asked } = setUp();
    expect((await send('POST', '/admin/alerts/test', DEPLOYMENT, { sink: 'slack' })).status).toBe(200);
    expect(asked).toEqual([['test', 'slack']]);
  });
});
