import { explainRefusal, gatewayUrl } from './admin-client.mjs';
import { keyRequest, keyTable } from './keys-command.mjs';

describe('the costlane command', () => {
  test('a key is asked for with what was given and nothing else', () => {
    expect(keyRequest({ tenant: 't1', name: 'ci', rateLimitPerMinute: '60', url: 'x' })).toEqual({
      tenant_id: 't1',
      name: 'ci',
      rate_limit_per_minute: 60,
    });
  });

  test.each([['0'], ['-1'], ['many'], ['1.5']])('a rate limit of %s is refused by name', (limit) => {
    expect(() => keyRequest({ tenant: 't', rateLimitPerMinute: limit })).toThrow(/--rate-limit-per-minute/);
  });

  test('keys are listed as a table that tells which are revoked', () => {
    const table = keyTable([
      { id: 'k1', prefix: 'cl_ab', tenant_id: 't', role: 'user', name: 'ci' },
      { id: 'k2', prefix: 'cl_cd', tenant_id: 't', role: 'admin', name: null, revoked_at: '2030-01-01' },
    ]);
    expect(table.split('\n')).toHaveLength(3);
    expect(table).toMatch(/k2 .*cl_cd .*admin .*revoked 2030-01-01/);
    expect(keyTable([])).toBe('There are no keys.');
  });

  test('the gateway is where the option says, else the environment, else the default port', () => {
    const context = { env: { COSTLANE_DATA_DIR: '/nowhere' }, root: '/nowhere' };
    expect(gatewayUrl('http://a:1/', context)).toBe('http://a:1');
    expect(gatewayUrl(undefined, { ...context, env: { ...context.env, COSTLANE_URL: 'http://b:2' } })).toBe(
      'http://b:2',
    );
    expect(gatewayUrl(undefined, { ...context, env: { ...context.env, COSTLANE_PORT_BASE: '20000' } })).toBe(
      'http://127.0.0.1:20000',
    );
    expect(() => gatewayUrl('nonsense', context)).toThrow(/"nonsense" is not an address/);
  });

  test('a refusal is explained', () => {
    expect(explainRefusal(401, { error: 'no key' }, 'http://a')).toMatch(
      /refused the key \(401: no key\). Set COSTLANE_ADMIN_KEY/,
    );
    expect(explainRefusal(400, { error: 'tenant_id is missing' }, 'http://a')).toMatch(
      /answered 400: tenant_id is missing/,
    );
    expect(explainRefusal(404, null, 'http://a')).toMatch(/is it a Costlane gateway/);
  });
});
