import { createPolicy, type TenantPolicy } from '@costlane/domain';
import { createHoldout } from './holdout';

const policyWith = (...tenants: TenantPolicy[]) =>
  createPolicy({ tenants: new Map(tenants.map((tenant) => [tenant.tenantId, tenant])) });
const users = Array.from({ length: 2_000 }, (_, at) => `u${at}`);

describe('who is held out', () => {
  it('is nobody by default, and nobody who cannot be told from others', () => {
    const none = createHoldout({ share: 0, salt: '', policy: () => undefined });
    expect(users.filter((user) => none.has('acme', user))).toEqual([]);
    const some = createHoldout({ share: 0.2, salt: '', policy: () => undefined });
    expect(some.has('acme', undefined)).toBe(false);
    expect(users.filter((user) => some.has('acme', user)).length).toBeGreaterThan(300);
  });

  it('is as a tenant wants it, which may opt out, or in', () => {
    const policy = policyWith(
      { tenantId: 'out', holdoutShare: 0 },
      { tenantId: 'in', holdoutShare: 0.2 },
      { tenantId: 'as-it-is' },
    );
    const countOf = (share: number, tenantId: string): number => {
      const holdout = createHoldout({ share, salt: 's', policy: () => policy });
      return users.filter((user) => holdout.has(tenantId, user)).length;
    };
    expect(countOf(0.2, 'out')).toBe(0);
    expect(countOf(0, 'in')).toBeGreaterThan(300);
    expect([countOf(0, 'as-it-is'), countOf(0.2, 'as-it-is') > 300]).toEqual([0, true]);
  });
});
