import { adminGateway, DEPLOYMENT, MEMBER, memoryDocuments, TENANT } from '../admin/testing/admin-gateway';

const report = {
  id: 'e1',
  variants: [
    {
      name: 'a',
      requests: 10,
      users: 4,
      metrics: { cost_usd: { value: 0.5, low: 0.25, high: 0.75, observations: 10, difference: null, verdict: null } },
    },
    {
      name: 'b "x", y',
      requests: 5,
      users: 3,
      metrics: {
        error_rate: {
          value: 0,
          low: null,
          high: null,
          observations: 5,
          difference: { value: -0.1, low: -0.2, high: 0 },
          verdict: 'too_few_data',
        },
      },
    },
  ],
};

async function setUp() {
  const control = memoryDocuments();
  await control.create('experiment', 'of-acme', { tenantId: 'acme' }, 9);
  await control.create('experiment', 'of-beta', { tenantId: 'beta' }, 9);
  await control.create('experiment', 'of-all', {}, 9);
  const asked: [string, string | undefined][] = [];
  const gateway = adminGateway({
    control,
    experiments: {
      report(id, tenantId) {
        asked.push([id, tenantId]);
        return Promise.resolve(report);
      },
      recordFeedback: () => Promise.resolve(false),
    },
  });
  const get = (path: string, who: Record<string, string>) =>
    gateway.fastify.inject({ url: `/analytics/experiments/${path}`, headers: { host: 'gateway.example', ...who } });
  return { get, asked };
}

describe('GET /analytics/experiments/:id', () => {
  it('gives the deployment’s administrator all of an experiment, and a tenant’s the tenant’s part', async () => {
    const { get, asked } = await setUp();
    expect((await get('of-all', DEPLOYMENT)).json()).toEqual({ success: true, data: report, error: null });
    expect((await get('of-all', TENANT)).statusCode).toBe(200);
    expect((await get('of-acme', TENANT)).statusCode).toBe(200);
    expect((await get('of-beta', DEPLOYMENT)).statusCode).toBe(200);
    expect(asked).toEqual([
      ['of-all', undefined],
      ['of-all', 'acme'],
      ['of-acme', 'acme'],
      ['of-beta', undefined],
    ]);
  });

  it('shows nobody another tenant’s, and members none', async () => {
    const { get, asked } = await setUp();
    expect((await get('of-beta', TENANT)).statusCode).toBe(404);
    expect((await get('never', DEPLOYMENT)).statusCode).toBe(404);
    expect((await get('of-acme', MEMBER)).statusCode).toBe(403);
    expect((await get('of-acme', {})).statusCode).toBe(401);
    expect(asked).toEqual([]);
  });

  it('comes as a table too', async () => {
    const { get } = await setUp();
    const reply = await get('of-all?format=csv', DEPLOYMENT);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="experiment-e1.csv"',
    });
    expect(reply.body.split('\r\n')).toEqual([
      'variant,requests,users,metric,observations,value,low,high,difference,difference_low,difference_high,verdict',
      'a,10,4,cost_usd,10,0.5,0.25,0.75,,,,',
      '"b ""x"", y",5,3,error_rate,5,0,,,-0.1,-0.2,0,too_few_data',
      '',
    ]);
    expect((await get('of-all?format=xml', DEPLOYMENT)).statusCode).toBe(400);
  });
});
