import type { InvalidateRequest } from '@costlane/contracts';
import { invalidationOf } from './invalidation-of';

const errorOf = (request: InvalidateRequest) => {
  const result = invalidationOf(request);
  return result.ok ? undefined : [result.error.code, result.error.field];
};

describe('invalidationOf', () => {
  it.each([
    [{ $case: 'key', value: 'abc' } as const, { key: 'abc' }],
    [{ $case: 'model', value: 'gpt-4o' } as const, { model: 'gpt-4o' }],
    [{ $case: 'tag', value: 'docs' } as const, { tag: 'docs' }],
    [{ $case: 'all', value: true } as const, { all: true }],
  ])('takes %p', (what, expected) => {
    expect(invalidationOf({ tenantId: 'acme', what })).toEqual({
      ok: true,
      value: { kind: 'cache', tenantId: 'acme', ...expected },
    });
  });

  it('takes every tenant’s entries, all of them only', () => {
    const all = { tenantId: '*', what: { $case: 'all', value: true } as const };
    expect(invalidationOf(all)).toEqual({ ok: true, value: { kind: 'cache', tenantId: '*', all: true } });
    expect(errorOf({ tenantId: '*', what: { $case: 'model', value: 'm' } })).toEqual(['invalid_request', 'all']);
  });

  it('refuses a request that does not say whose entries or which, and names the field', () => {
    expect(errorOf({ tenantId: '', what: { $case: 'all', value: true } })).toEqual(['invalid_request', 'tenant_id']);
    expect(errorOf({ tenantId: 'acme' })).toEqual(['invalid_request', 'what']);
    expect(errorOf({ tenantId: 'acme', what: { $case: 'all', value: false } })).toEqual(['invalid_request', 'all']);
    expect(errorOf({ tenantId: 'acme', what: { $case: 'model', value: '' } })).toEqual(['invalid_request', 'model']);
  });
});
