import { createPolicy, CostlaneError, defaultRoutingSettings, type ModelPrice } from '@costlane/domain';
import { hashKey } from '../../auth/key-format';
import { decision } from '../../testing/scripted-inference';
import { KEY_SECRET, testGateway } from '../../testing/test-gateway';
import type { AdminServices } from '../admin-clients';
import type { AdminDocument, ControlDocuments } from '../control-clients';

/** Who asks, as headers: the deployment's administrator, that of the tenant `acme`, and one of its members. */
export const DEPLOYMENT = { authorization: 'Bearer the-deployments-admin-key' };
export const TENANT = { authorization: 'Bearer cl_admin-of-acme' };
export const MEMBER = { authorization: 'Bearer cl_member-of-acme' };

const keys = [
  { key: 'cl_admin-of-acme', role: 'admin' },
  { key: 'cl_member-of-acme', role: 'member' },
];

const findKey = (hash: string) => {
  const found = keys.find(({ key }) => hashKey(key, KEY_SECRET) === hash);
  if (!found) return Promise.resolve(undefined);
  const { role } = found;
  return Promise.resolve({
    id: `of-${role}`,
    prefix: 'cl_12345678',
    tenantId: 'acme',
    teamId: '',
    userId: '',
    name: '',
    role,
    rateLimitPerMinute: 0,
    createdAt: '2026-01-01T00:00:00Z',
    revokedAt: '',
  });
};

/** Documents in memory, kept by the rules of the real store. */
export function memoryDocuments(): ControlDocuments & { all: Map<string, AdminDocument> } {
  const all = new Map<string, AdminDocument>();
  let version = 0;
  const put = (kind: string, id: string, body: Record<string, unknown>, isDeleted = false): Promise<AdminDocument> => {
    version += 1;
    const document = { id, body, version, isDeleted, updatedAt: `2026-11-27T00:00:0${version % 10}.000Z` };
    all.set(`${kind}/${id}`, document);
    return Promise.resolve(document);
  };
  const refuse = (message: string) => Promise.reject(new CostlaneError('invalid_request', message, { field: 'id' }));
  return {
    all,
    merge(kind, id, fields) {
      const before = all.get(`${kind}/${id}`);
      const merged = Object.entries({ ...(before?.isDeleted ? {} : before?.body), ...fields });
      return put(kind, id, Object.fromEntries(merged.filter(([, value]) => value !== null)));
    },
    create(kind, id, body, maxLive) {
      if (all.has(`${kind}/${id}`)) return refuse('id was used before; take another one.');
      const live = [...all.values()].filter(({ isDeleted }) => !isDeleted).length;
      return live >= maxLive ? refuse(`There are ${maxLive} of this kind.`) : put(kind, id, { ...body });
    },
    remove: (kind, id) => put(kind, id, all.get(`${kind}/${id}`)?.body ?? {}, true),
    get: (kind, id) => Promise.resolve(all.get(`${kind}/${id}`)),
    list: (kind) => Promise.resolve([...all].filter(([key]) => key.startsWith(`${kind}/`)).map(([, one]) => one)),
  };
}

/** The doors with administrators of both kinds before them. The policy serves the model of the specs, `other`, which has a price, and `unpriced`. */
export function adminGateway(adminServices: Partial<AdminServices>) {
  const price: ModelPrice = {
    provider: 'mock',
    model: 'other',
    serviceTier: 'standard',
    validFrom: null,
    validTo: null,
    priceVersion: 'test',
    perMillion: { freshInput: '1' },
  };
  const other = { ...decision.model, name: 'other', price };
  const unpriced = { ...decision.model, name: 'unpriced' };
  const disabled = { ...decision.model, name: 'disabled', isEnabled: false };
  const { fastify } = testGateway({
    authenticator: { findKey, isAdminOpenOnLoopback: true },
    policy: createPolicy({
      version: '1-test',
      defaultModel: decision.model.name,
      models: [decision.model, other, unpriced, disabled],
      settings: { ...defaultRoutingSettings, dataPolicy: 'redact' },
    }),
    adminServices,
  });
  return {
    fastify,
    async send(
      method: 'GET' | 'POST' | 'PUT' | 'DELETE',
      url: string,
      headers: Record<string, string>,
      payload?: object,
    ) {
      const reply = await fastify.inject({ method, url, headers: { host: 'gateway.example', ...headers }, payload });
      const { data, error } = reply.json<{ data: Record<string, unknown>; error: string | null }>();
      return { status: reply.statusCode, code: reply.headers['x-error-code'], data, error };
    },
  };
}
