import { CostlaneError } from '@costlane/domain';
import { adminGateway, DEPLOYMENT, MEMBER, TENANT } from '../admin/testing/admin-gateway';
import type { AnalyticsQuestion } from './analytics-client';
import { reportNames } from './analytics-reports-door';

function setUp(pieces: () => AsyncIterable<Buffer> = () => piecesOf('a,b\r\n', '1,2\r\n')) {
  const asked: AnalyticsQuestion[] = [];
  const left: AbortSignal[] = [];
  const { fastify } = adminGateway({
    analytics: {
      report(question) {
        asked.push(question);
        return Promise.resolve(`{"of":"${question.report}","paid_usd":"0.000000001"}`);
      },
      export(question, leaving) {
        asked.push(question);
        left.push(leaving);
        return Promise.resolve(pieces());
      },
    },
  });
  const get = (path: string, who: Record<string, string> = DEPLOYMENT) =>
    fastify.inject({ url: `/analytics/${path}`, headers: { host: 'gateway.example', ...who } });
  return { get, asked, left };
}

async function* piecesOf(...pieces: string[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield await Promise.resolve(Buffer.from(piece));
}

describe('GET /analytics/<report>', () => {
  it.each(reportNames)('answers %s in our envelope', async (name) => {
    const { get, asked } = setUp();
    const reply = await get(`${name}?from=2026-11-01&limit=5`);
    expect(reply.statusCode).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(reply.json()).toEqual({ success: true, data: { of: name, paid_usd: '0.000000001' }, error: null });
    expect(asked).toEqual([{ report: name, parameters: { from: '2026-11-01', limit: '5' } }]);
  });

  it('shows a tenant’s administrator its own tenant, whatever is asked, and members nothing', async () => {
    const { get, asked } = setUp();
    for (const path of [...reportNames, 'focus']) {
      expect((await get(path, TENANT)).statusCode).toBe(200);
      expect((await get(`${path}?tenant_id=acme`, TENANT)).statusCode).toBe(200);
      expect((await get(`${path}?tenant_id=beta`, TENANT)).statusCode).toBe(403);
      expect((await get(path, MEMBER)).statusCode).toBe(403);
      expect((await get(path, {})).statusCode).toBe(401);
    }
    expect(asked).toHaveLength(2 * (reportNames.length + 1));
    expect(new Set(asked.map(({ tenantId }) => tenantId))).toEqual(new Set(['acme']));
  });

  it('shows the deployment’s administrator all, or the tenant that is named', async () => {
    const { get, asked } = setUp();
    await get('costs');
    await get('costs?tenant_id=beta');
    expect(asked.map(({ tenantId }) => tenantId)).toEqual([undefined, 'beta']);
    expect((await get('costs?tenant_id=*')).statusCode).toBe(400);
    expect((await get('costs?tenant_id=')).statusCode).toBe(400);
  });

  it('refuses what is given twice, a format that there is not, and too many parameters', async () => {
    const { get, asked } = setUp();
    for (const [path, field] of [
      ['costs?limit=1&limit=2', 'limit'],
      ['costs?tenant_id=a&tenant_id=b', 'tenant_id'],
      ['costs?format=xml', 'format'],
      ['focus?format=xml', 'format'],
    ]) {
      const reply = await get(path ?? '');
      expect([reply.statusCode, reply.headers['x-error-code']]).toEqual([400, 'invalid_request']);
      expect(reply.json<{ error: string }>().error).toContain(`"${field}"`);
    }
    const many = Array.from({ length: 30 }, (_, i) => `p${i}=1`).join('&');
    expect((await get(`costs?${many}`)).statusCode).toBe(400);
    expect((await get('costs?__proto__=1')).statusCode).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it('comes as a table, to be saved', async () => {
    const { get, asked } = setUp();
    const reply = await get('movers?format=csv&limit=3');
    expect(reply.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="costlane-movers.csv"',
    });
    expect(reply.body).toBe('a,b\r\n1,2\r\n');
    expect(asked).toEqual([{ report: 'movers', parameters: { format: 'csv', limit: '3' } }]);
  });

  it('says what the service refuses, also where it would have streamed', async () => {
    const refused = new CostlaneError('invalid_request', 'Parameter "from" has to be a date.', { field: 'from' });
    const { fastify } = adminGateway({
      analytics: { report: () => Promise.reject(refused), export: () => Promise.reject(refused) },
    });
    for (const path of ['costs', 'costs?format=csv', 'focus']) {
      const reply = await fastify.inject({
        url: `/analytics/${path}`,
        headers: { host: 'gateway.example', ...DEPLOYMENT },
      });
      expect([reply.statusCode, reply.json<{ error: string }>().error]).toEqual([400, refused.message]);
    }
  });
});

describe('GET /analytics/focus', () => {
  it('streams, CSV unless JSON is asked for, and tells the service when its reader has left', async () => {
    const { get, asked, left } = setUp();
    expect((await get('focus?from=2026-11-01')).body).toBe('a,b\r\n1,2\r\n');
    expect((await get('focus?format=json')).headers['content-type']).toBe('application/json; charset=utf-8');
    expect(asked.map(({ parameters }) => parameters)).toEqual([{ from: '2026-11-01' }, { format: 'json' }]);
    expect(left.every(({ aborted }) => aborted)).toBe(true);
  });
});
