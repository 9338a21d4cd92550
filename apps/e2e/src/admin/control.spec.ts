import { randomUUID } from 'node:crypto';
import { waitFor } from '@costlane/testing';
import {
  adminHeaders,
  doorsUnderTest,
  envelopeOf,
  fresh,
  newKey,
  post,
  type Doors,
  type Reply as AnyReply,
} from '../doors/doors-under-test';

const doors = doorsUnderTest();
const url = doors?.url ?? '';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
/** A rule is in force everywhere after this; the rest is for a machine that does much else. */
const IN_FORCE = { timeoutMs: 5_000, intervalMs: 50 };

type Reply = AnyReply & { routing_decision: { reason: string } };

interface Experiment {
  id: string;
  status: string;
}

interface Report {
  status: string;
  tenant_id: string | null;
  variants: {
    name: string;
    requests: number;
    users: number;
    cost_usd_total: number;
    metrics: Record<string, { value: number | null; observations: number; verdict: string | null }>;
  }[];
}

(doors?.adminKey ? describe : describe.skip)('what administrators decide', () => {
  const running = doors as Doors;
  const send = (method: string, path: string, headers: Record<string, string>, body?: object): Promise<Response> =>
    fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
    });
  const ask = (key: string, body: object): Promise<Response> => post(`${url}/v1/inference`, body, bearer(key));
  const askAs = async (key: string, userId: string, changes: object = {}): Promise<Reply> => {
    const response = await ask(key, {
      prompt: fresh('What is the capital of France?'),
      metadata: { user_id: userId },
      ...changes,
    });
    const { data, error } = await envelopeOf<Reply | null>(response);
    if (!data) throw new Error(`no answer: ${error}`);
    return data;
  };

  it('keeps personal data in within seconds of a rule, and lets it out again', async () => {
    const { key, tenantId } = await newKey(running);
    const rule = (policy: string | null) =>
      send('PUT', `/admin/tenants/${tenantId}/policy`, adminHeaders(running), { data_policy: policy });
    const status = async () =>
      (await ask(key, { prompt: fresh('Write to jane.doe@example.com that the parcel has come.'), use_cache: false }))
        .status;
    expect(await status()).toBe(200);
    expect((await rule('block')).status).toBe(200);
    await waitFor(async () => (await status()) === 403, IN_FORCE);
    const shown = await envelopeOf<Record<string, unknown>>(
      await send('GET', `/admin/tenants/${tenantId}/policy`, adminHeaders(running)),
    );
    expect(shown.data).toMatchObject({ data_policy: 'block', own: ['data_policy'] });
    await rule(null);
    await waitFor(async () => (await status()) === 200, IN_FORCE);
  }, 30_000);

  it('holds a tenant to the models that it may use', async () => {
    const { key, tenantId } = await newKey(running);
    const models = { models: ['mock-economy'] };
    await send('PUT', `/admin/tenants/${tenantId}/policy`, adminHeaders(running), models);
    const status = async (model: string) =>
      (await ask(key, { prompt: fresh('Hello?'), preferred_model: model })).status;
    await waitFor(async () => (await status('mock-premium')) === 403, IN_FORCE);
    expect(await status('mock-economy')).toBe(200);
  }, 30_000);

  it('splits users among the variants of an experiment and reports what they cost', async () => {
    const admin = await newKey(running, { role: 'admin' });
    const headers = bearer(admin.key);
    const id = `e2e-${randomUUID()}`;
    const made = await send('POST', '/admin/experiments', headers, {
      id,
      feature_name: 'checkout',
      variants: [
        { name: 'economy', model: 'mock-economy' },
        { name: 'premium', model: 'mock-premium', system_prompt: 'Be brief.' },
      ],
    });
    expect(made.status).toBe(201);
    const checkout = (user: string) =>
      askAs(admin.key, user, { metadata: { user_id: user, feature_name: 'checkout' }, use_cache: false });
    await waitFor(async () => (await checkout('probe')).routing_decision.reason.startsWith('experiment:'), IN_FORCE);
    const users = Array.from({ length: 40 }, (_, at) => `user-${at}`);
    const first = await Promise.all(users.map(checkout));
    const second = await Promise.all(users.map(checkout));
    expect(second.map(({ model_used: model }) => model)).toEqual(first.map(({ model_used: model }) => model));
    const of = (model: string) => [...first, ...second].filter((reply) => reply.model_used.includes(model));
    const [cheap, dear] = [of('economy'), of('premium')];
    expect(Math.min(cheap.length, dear.length)).toBeGreaterThanOrEqual(20);
    expect(cheap.length + dear.length).toBe(80);
    // Another feature of the same users takes no part.
    await askAs(admin.key, 'user-1', { metadata: { user_id: 'user-1', feature_name: 'other' } });
    const judged = dear[0]?.request_id ?? '';
    const report = async (query = '', who = headers) => send('GET', `/analytics/experiments/${id}${query}`, who);
    const read = async () => (await envelopeOf<Report>(await report())).data;
    const requests = async () => (await read()).variants.reduce((sum, variant) => sum + variant.requests, 0);
    await waitFor(async () => (await requests()) >= 81, { timeoutMs: 10_000, intervalMs: 100 });
    const feedback = await post(`${url}/v1/feedback`, { request_id: judged, verdict: 'right' }, headers);
    expect(feedback.status).toBe(200);
    const { status, tenant_id: tenantId, variants } = await read();
    expect([status, tenantId]).toEqual(['running', admin.tenantId]);
    expect(variants.map(({ name }) => name)).toEqual(['economy', 'premium']);
    const [economy, premium] = variants;
    const cost = (replies: Reply[]) => replies.reduce((sum, reply) => sum + reply.cost_usd, 0);
    expect(premium?.cost_usd_total).toBeGreaterThanOrEqual(cost(dear) - 1e-9);
    expect(premium?.metrics['cost_usd']?.value).toBeGreaterThan(economy?.metrics['cost_usd']?.value ?? Infinity);
    expect(premium?.metrics['feedback']).toMatchObject({ value: 1, observations: 1 });
    expect(premium?.metrics['cost_usd']?.verdict).toMatch(/^(worse|too_few_data)$/);
    const table = await report('?format=csv');
    expect(table.headers.get('content-type')).toContain('text/csv');
    expect((await table.text()).split('\r\n')[0]).toContain('variant,requests,users,metric');
    const stranger = await newKey(running, { role: 'admin' });
    expect((await report('', bearer(stranger.key))).status).toBe(404);
    expect((await send('DELETE', `/admin/experiments/${id}`, bearer(stranger.key))).status).toBe(404);
    const stopped = await envelopeOf<Experiment>(await send('DELETE', `/admin/experiments/${id}`, headers));
    expect(stopped.data.status).toBe('stopped');
    expect((await read()).status).toBe('stopped');
    const before = await requests();
    await waitFor(async () => !/mock-premium/.test((await checkout(premiumUser(users, first))).model_used), IN_FORCE);
    expect(await requests()).toBeGreaterThanOrEqual(before);
  }, 60_000);

  it('shows the deployment’s administrator the catalog and what waits', async () => {
    const catalog = await send('GET', '/admin/catalog', adminHeaders(running));
    const { data } = await envelopeOf<{ models: { name: string }[] }>(catalog);
    expect(data.models.map(({ name }) => name)).toContain('mock-economy');
    expect((await send('GET', '/admin/catalog/staged', adminHeaders(running))).status).toBe(200);
    const { key } = await newKey(running, { role: 'admin' });
    expect((await send('GET', '/admin/catalog', bearer(key))).status).toBe(403);
    const none = await send('POST', '/admin/catalog/staged/none/approve', adminHeaders(running));
    expect([none.status, none.headers.get('x-error-code')]).toEqual([404, 'not_found']);
  });
});

/** One whose variant was the premium model. */
const premiumUser = (users: readonly string[], replies: readonly Reply[]): string =>
  users[replies.findIndex((reply) => reply.model_used.includes('premium'))] ?? '';
