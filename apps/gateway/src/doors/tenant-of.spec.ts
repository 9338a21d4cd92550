import type { Caller } from '../core/inference-request';
import { withClaims } from './tenant-of';

const anonymous: Caller = { tenantId: 'default', role: 'member', rateLimitPerMinute: 0 };
const ofAcme: Caller = { ...anonymous, tenantId: 'acme', keyId: 'k1', teamId: 'core' };
const forbidden = expect.objectContaining({ code: 'forbidden', field: 'metadata.tenant_id' });

describe('what a request says about who it is for', () => {
  it('may name a tenant where no key is required and none was sent', () => {
    expect(withClaims(anonymous, { tenant_id: 'beta', user_id: 'u' }, false)).toMatchObject({
      tenantId: 'beta',
      userId: 'u',
    });
  });

  it('never outranks the key', () => {
    expect(() => withClaims(ofAcme, { tenant_id: 'beta' }, false)).toThrow(forbidden);
    expect(() => withClaims(ofAcme, { tenant_id: 'beta' }, true)).toThrow(forbidden);
    expect(() => withClaims({ ...anonymous, role: 'admin' }, { tenant_id: 'beta' }, false)).toThrow(forbidden);
    expect(() => withClaims(anonymous, { tenant_id: 'beta' }, true)).toThrow(forbidden);
  });

  it('may name the key’s own tenant', () => {
    expect(withClaims(ofAcme, { tenant_id: 'acme' }, true)).toEqual(ofAcme);
  });

  it('adds team and user where the key has none', () => {
    expect(withClaims(ofAcme, { team_id: 'other', user_id: 'u' }, true)).toEqual({ ...ofAcme, userId: 'u' });
  });
});
