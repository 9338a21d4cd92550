import type { CreateKeyRequest } from '@costlane/contracts';
import { readKeyHash, readKeyId, readNewKey } from './read-key-request';

const request = (changes: Partial<CreateKeyRequest> = {}): CreateKeyRequest => ({
  tenantId: 'acme',
  teamId: '',
  userId: '',
  name: 'CI',
  role: '',
  rateLimitPerMinute: 0,
  prefix: 'cl_abcdefgh',
  keyHash: 'a'.repeat(64),
  ...changes,
});

describe('a key to be created', () => {
  it('is a member where no role is given', () => {
    expect(readNewKey(request())).toMatchObject({ ok: true, value: { role: 'member', tenantId: 'acme' } });
    expect(readNewKey(request({ role: 'admin' }))).toMatchObject({ ok: true, value: { role: 'admin' } });
  });

  it.each<[string, Partial<CreateKeyRequest>]>([
    ['tenant_id', { tenantId: '' }],
    ['tenant_id', { tenantId: 'a\0' }],
    ['team_id', { teamId: 'x'.repeat(201) }],
    ['user_id', { userId: 'a\nb' }],
    ['name', { name: 'x'.repeat(201) }],
    ['role', { role: 'root' }],
    ['rate_limit_per_minute', { rateLimitPerMinute: -1 }],
    ['rate_limit_per_minute', { rateLimitPerMinute: 1_000_001 }],
    ['prefix', { prefix: '' }],
    ['key_hash', { keyHash: 'A'.repeat(64) }],
  ])('is refused with the name of the field %s', (field, changes) => {
    const read = readNewKey(request(changes));
    expect(read).toMatchObject({ ok: false, error: { code: 'invalid_request', field } });
    expect(read.ok ? '' : read.error.message).toContain(field);
  });
});

describe('what names a key', () => {
  it('is a UUID or nothing that exists', () => {
    expect(readKeyId('0198c9f0-0000-7000-8000-000000000001').ok).toBe(true);
    expect(readKeyId("1'; DROP TABLE api_keys")).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });

  it('is a hash of 64 hex digits', () => {
    expect(readKeyHash('0123456789abcdef'.repeat(4)).ok).toBe(true);
    expect(readKeyHash('cl_the_key_itself')).toMatchObject({ ok: false, error: { field: 'key_hash' } });
  });
});
