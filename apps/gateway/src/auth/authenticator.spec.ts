import type { ApiKey } from '@costlane/contracts';
import type { Caller } from '../core/inference-request';
import { KEY_SECRET, testAuthenticator } from '../testing/test-gateway';
import type { Authenticator } from './authenticator';
import { hashKey } from './key-format';

const KEY = 'cl_a-key-of-acme';
const ADMIN_KEY = 'the-deployments-admin-key';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const stored = (more: Partial<ApiKey> = {}): ApiKey => ({
  id: 'k1',
  prefix: 'cl_a-key',
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

const authenticate = async (authenticator: Authenticator, headers: Record<string, string>): Promise<Caller> =>
  authenticator.authenticate(headers);

describe('who asks', () => {
  it('is the key’s tenant, team and user; the key may come either way', async () => {
    const authenticator = testAuthenticator({
      mode: 'required',
      findKey: () => Promise.resolve(stored({ teamId: 't', userId: 'u', rateLimitPerMinute: 9 })),
    });
    const caller = { tenantId: 'acme', teamId: 't', userId: 'u', keyId: 'k1', role: 'member', rateLimitPerMinute: 9 };
    expect(await authenticate(authenticator, bearer(KEY))).toEqual(caller);
    expect(await authenticate(authenticator, { 'x-api-key': KEY })).toEqual(caller);
    expect(await authenticate(authenticator, { authorization: `bearer ${KEY}` })).toEqual(caller);
  });

  it('is looked up by the key’s hash, once a minute, and once for requests at the same time', async () => {
    const hashes: string[] = [];
    let nowMs = 0;
    const authenticator = testAuthenticator({
      now: () => nowMs,
      findKey: (hash) => {
        hashes.push(hash);
        return Promise.resolve(stored());
      },
    });
    await Promise.all([authenticate(authenticator, bearer(KEY)), authenticate(authenticator, bearer(KEY))]);
    nowMs = 59_000;
    await authenticate(authenticator, bearer(KEY));
    expect(hashes).toEqual([hashKey(KEY, KEY_SECRET)]);
    nowMs = 61_000;
    await authenticate(authenticator, bearer(KEY));
    expect(hashes).toHaveLength(2);
  });

  it('is refused without a key, or with one that nobody knows, where keys are required', async () => {
    const authenticator = testAuthenticator({ mode: 'required' });
    await expect(authenticate(authenticator, {})).rejects.toMatchObject({ code: 'missing_api_key' });
    await expect(authenticate(authenticator, bearer('sk-of-another-house'))).rejects.toMatchObject({
      code: 'invalid_api_key',
    });
    await expect(authenticate(authenticator, bearer(KEY))).rejects.toMatchObject({ code: 'invalid_api_key' });
  });

  it('is nobody in particular where keys are not required, whatever an SDK sends in their place', async () => {
    const authenticator = testAuthenticator();
    const anonymous = { tenantId: 'default', role: 'member', rateLimitPerMinute: 0 };
    expect(await authenticate(authenticator, {})).toEqual(anonymous);
    expect(await authenticate(authenticator, bearer('sk-dummy'))).toEqual(anonymous);
  });

  it('is still refused with a wrong key of ours, so that a revoked key does not turn into everybody', async () => {
    await expect(authenticate(testAuthenticator(), bearer(KEY))).rejects.toMatchObject({ code: 'invalid_api_key' });
  });

  it('stays known through an outage of the key service, counted; an unknown key waits', async () => {
    let nowMs = 0;
    let isDown = false;
    let stale = 0;
    const authenticator = testAuthenticator({
      now: () => nowMs,
      onStale: () => stale++,
      findKey: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve(stored())),
    });
    await authenticate(authenticator, bearer(KEY));
    isDown = true;
    nowMs = 120_000;
    expect(await authenticate(authenticator, bearer(KEY))).toMatchObject({ tenantId: 'acme' });
    expect(stale).toBe(1);
    await expect(authenticate(authenticator, bearer('cl_never-seen'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is forgotten as soon as the key is revoked', async () => {
    let found: ApiKey | undefined = stored();
    const authenticator = testAuthenticator({ findKey: () => Promise.resolve(found) });
    await authenticate(authenticator, bearer(KEY));
    found = undefined;
    authenticator.forget(hashKey(KEY, KEY_SECRET));
    await expect(authenticate(authenticator, bearer(KEY))).rejects.toMatchObject({ code: 'invalid_api_key' });
  });
});

describe('a key that is revoked while it is looked up', () => {
  it('is not remembered', async () => {
    let answer: (key: ApiKey | undefined) => void = () => undefined;
    const authenticator = testAuthenticator({ findKey: () => new Promise((resolve) => (answer = resolve)) });
    const first = authenticate(authenticator, bearer(KEY));
    authenticator.forget(hashKey(KEY, KEY_SECRET));
    answer(stored());
    await first;
    const second = authenticate(authenticator, bearer(KEY));
    answer(undefined);
    await expect(second).rejects.toMatchObject({ code: 'invalid_api_key' });
  });
});

describe('who administers', () => {
  const withKeys = (role: string, isOpen = false) =>
    testAuthenticator({
      adminKey: ADMIN_KEY,
      isAdminOpenOnLoopback: isOpen,
      findKey: () => Promise.resolve(stored({ role })),
    });

  it('is the deployment’s administrator with its key', async () => {
    const caller = await withKeys('member').authenticateAdmin(bearer(ADMIN_KEY), false);
    expect(caller).toMatchObject({ role: 'admin' });
    expect(caller.keyId).toBeUndefined();
  });

  it('is a tenant’s administrator with a key of that role, and no member', async () => {
    expect(await withKeys('admin').authenticateAdmin(bearer(KEY), false)).toMatchObject({ role: 'admin', keyId: 'k1' });
    await expect(withKeys('member').authenticateAdmin(bearer(KEY), false)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is whoever is on this machine, only where that is open', async () => {
    expect(await withKeys('member', true).authenticateAdmin({}, true)).toMatchObject({ role: 'admin' });
    await expect(withKeys('member', true).authenticateAdmin({}, false)).rejects.toMatchObject({
      code: 'missing_api_key',
    });
    await expect(withKeys('member').authenticateAdmin({}, true)).rejects.toMatchObject({ code: 'missing_api_key' });
    await expect(withKeys('member').authenticateAdmin(bearer('wrong'), true)).rejects.toMatchObject({
      code: 'invalid_api_key',
    });
  });

  it('does not become more by a member’s key on an open machine', async () => {
    await expect(withKeys('member', true).authenticateAdmin(bearer(KEY), true)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
