import type { Caller } from '../core/inference-request';
import { isLocalRequest, reachOf, tenantInReach } from './admin-reach';

const admin = (more: Partial<Caller> = {}): Caller => ({
  tenantId: 'acme',
  role: 'admin',
  rateLimitPerMinute: 0,
  ...more,
});

describe('the reach of an administrator', () => {
  it('is the whole deployment for the deployment’s own administrator', () => {
    const reach = reachOf(admin());
    expect(tenantInReach(reach, 'any')).toBe('any');
    expect(tenantInReach(reach, undefined)).toBeUndefined();
  });

  it('is its own tenant for a key of a tenant', () => {
    const reach = reachOf(admin({ keyId: 'k1' }));
    expect(tenantInReach(reach, undefined)).toBe('acme');
    expect(tenantInReach(reach, 'acme')).toBe('acme');
    expect(() => tenantInReach(reach, 'other')).toThrow(
      expect.objectContaining({ code: 'forbidden', field: 'tenant_id', message: expect.stringContaining('tenant_id') }),
    );
  });

  it('is nothing for a member', () => {
    expect(() => reachOf(admin({ role: 'member', keyId: 'k1' }))).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
    expect(() => reachOf(admin({ role: 'member' }))).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });
});

describe('whether a request was made on this machine', () => {
  const host = '127.0.0.1:8000';

  it.each([
    ['127.0.0.1', { host }],
    ['127.5.5.5', { host: 'localhost:8000' }],
    ['::1', { host: '[::1]:8000' }],
    ['::ffff:127.0.0.1', { host: 'localhost' }],
    ['127.0.0.1', { host, origin: 'http://127.0.0.1:8000' }],
  ])('yes for %s with %j', (address, headers) => expect(isLocalRequest(address, headers)).toBe(true));

  it.each([
    [undefined, { host }],
    ['10.0.0.7', { host }],
    ['::ffff:10.0.0.7', { host }],
    ['127.0.0.1', { host, 'x-forwarded-for': '203.0.113.9' }],
    ['127.0.0.1', { host, forwarded: 'for=203.0.113.9' }],
    ['127.0.0.1', { host, 'x-forwarded-for': '127.0.0.1' }],
    ['127.0.0.1', { host, 'x-real-ip': '203.0.113.9' }],
    ['127.0.0.1', { host, via: '1.1 proxy' }],
    ['127.0.0.1', { host: 'rebound.example:8000' }],
    ['127.0.0.1', { host: '127.0.0.1.example:8000' }],
    ['127.0.0.1', { host, origin: 'https://elsewhere.example' }],
    ['127.0.0.1', { host, origin: 'null' }],
    ['127.0.0.1', {}],
  ])('no for %s with %j', (address, headers) => expect(isLocalRequest(address, headers)).toBe(false));
});
