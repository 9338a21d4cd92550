import { waitFor } from '@costlane/testing';
import {
  adminHeaders,
  doorsUnderTest,
  envelopeOf,
  fresh,
  newKey,
  post,
  type Doors,
  type Reply,
} from './doors-under-test';

const doors = doorsUnderTest();
const url = doors?.url ?? '';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const ask = (key: string, body: object, headers: Record<string, string> = {}) =>
  post(`${url}/v1/inference`, body, { ...bearer(key), ...headers });
const tierOf = async (key: string, body: object, headers?: Record<string, string>): Promise<string> => {
  const response = await ask(key, body, headers);
  await response.arrayBuffer();
  return String(response.headers.get('x-cache'));
};

interface KeyInfo {
  id: string;
  tenant_id: string;
  key?: string;
}

(doors?.adminKey ? describe : describe.skip)('administration', () => {
  const admin = adminHeaders(doors as Doors);
  const listOf = async (headers: Record<string, string>): Promise<KeyInfo[]> =>
    (await envelopeOf<{ keys: KeyInfo[] }>(await fetch(`${url}/admin/keys`, { headers }))).data.keys;
  const revoke = (id: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${url}/admin/keys/${id}`, { method: 'DELETE', headers });

  it('makes keys, lists them without their secret, and takes them back at once', async () => {
    const { id, key, tenantId } = await newKey(doors as Doors, { name: 'first' });
    expect(await tierOf(key, { prompt: fresh('Mine?') })).toBe('miss');
    const listed = (await listOf(admin)).find((one) => one.id === id);
    expect(listed).toMatchObject({ tenant_id: tenantId });
    expect(JSON.stringify(listed)).not.toContain(key);
    expect((await revoke(id, admin)).status).toBe(200);
    const refused = await ask(key, { prompt: 'x' });
    expect([refused.status, refused.headers.get('x-error-code')]).toEqual([401, 'invalid_api_key']);
  });

  it('keeps a tenant’s administrator within the tenant', async () => {
    const own = await newKey(doors as Doors, { role: 'admin' });
    const other = await newKey(doors as Doors);
    const headers = bearer(own.key);
    expect((await listOf(headers)).map(({ tenant_id: tenant }) => tenant)).toEqual([own.tenantId]);
    expect((await revoke(other.id, headers)).status).toBe(404);
    const beyond = { tenant_id: other.tenantId };
    expect((await post(`${url}/admin/keys`, beyond, headers)).status).toBe(403);
    expect((await post(`${url}/admin/cache/invalidate`, { ...beyond, all: true }, headers)).status).toBe(403);
    const made = await envelopeOf<KeyInfo>(await post(`${url}/admin/keys`, { name: 'mine' }, headers));
    expect(made.data.tenant_id).toBe(own.tenantId);
    expect(await tierOf(other.key, { prompt: fresh('Still?') })).toBe('miss');
  });

  it('is closed to members, to strangers, and to whoever comes through a proxy without a key', async () => {
    const { key } = await newKey(doors as Doors);
    const statuses = await Promise.all(
      [bearer(key), bearer('cl_unknown'), { 'x-forwarded-for': '203.0.113.9' }].map(
        async (headers) => (await fetch(`${url}/admin/keys`, { headers })).status,
      ),
    );
    expect(statuses).toEqual([403, 401, 401]);
  });

  it('holds a key to its rate and says how long to wait', async () => {
    const { key } = await newKey(doors as Doors, { rate_limit_per_minute: 3 });
    const body = { prompt: fresh('How often?') };
    const responses = [];
    for (let i = 0; i < 5; i++) responses.push(await ask(key, body));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    const last = responses.at(-1);
    expect(last?.headers.get('x-error-code')).toBe('rate_limited');
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(last?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    const chat = await post(`${url}/v1/chat/completions`, { messages: [{ role: 'user', content: 'x' }] }, bearer(key));
    expect([chat.status, chat.headers.get('x-error-code')]).toEqual([429, 'rate_limited']);
  });

  it('keeps tenants’ answers apart', async () => {
    const [one, two] = [await newKey(doors as Doors), await newKey(doors as Doors)];
    const body = { prompt: fresh('Same words?') };
    expect(await tierOf(one.key, body)).toBe('miss');
    expect(await tierOf(two.key, body)).toBe('miss');
    expect(await tierOf(one.key, body)).toMatch(/^(memory|exact)$/);
  });

  it.each(['key', 'model', 'tag', 'all'] as const)('drops stored answers by %s, and no others', async (by) => {
    const { key, tenantId } = await newKey(doors as Doors);
    const stays = { prompt: fresh('Stays?'), preferred_model: 'gpt-4o' };
    const goes = { prompt: fresh('Goes?'), preferred_model: 'gpt-4o-mini' };
    await tierOf(key, stays);
    const first = await ask(key, goes, { 'x-costlane-cache-tag': 'spec' });
    await envelopeOf<Reply>(first);
    // The stored answer is what has to go: wait until it is there.
    await waitFor(async () => (await removed({ tag: 'no-such-tag' })) === 0 && (await tierOf(key, goes)) !== 'miss');
    const choice = { key: first.headers.get('x-cache-key'), model: 'gpt-4o-mini', tag: 'spec', all: true }[by];
    async function removed(what: object): Promise<number> {
      const response = await post(`${url}/admin/cache/invalidate`, { tenant_id: tenantId, ...what }, admin);
      expect(response.status).toBe(200);
      return (await envelopeOf<{ removed_entries: number }>(response)).data.removed_entries;
    }
    await removed({ [by]: choice });
    expect(await tierOf(key, goes)).toBe('miss');
    expect(await tierOf(key, stays)).toMatch(by === 'all' ? /^miss$/ : /^(memory|exact)$/);
  });
});
