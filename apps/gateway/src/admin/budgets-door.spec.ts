import type { Budget, BudgetAccount } from '@costlane/contracts';
import { CostlaneError, periodStartMs } from '@costlane/domain';
import type { BudgetAdmin } from './budgets-door-client';
import { adminGateway, DEPLOYMENT, MEMBER, TENANT } from './testing/admin-gateway';

/** Budgets in memory; accounts as the spec says. */
function memoryBudgets(accounts: BudgetAccount[] = []) {
  const kept = new Map<string, Budget>();
  const admin: BudgetAdmin = {
    put(budget) {
      const key = [budget.tenantId, budget.scope, budget.scopeId, budget.period].join(' ');
      const before = kept.get(key);
      const updatedAt = before ? '2026-11-27T01:00:00Z' : '2026-11-27T00:00:00.001Z';
      const one = { ...budget, id: before?.id ?? `bud_${kept.size}`, createdAt: '2026-11-27T00:00:00Z', updatedAt };
      kept.set(key, one);
      return Promise.resolve(one);
    },
    list: (tenantId) =>
      Promise.resolve({
        budgets: [...kept.values()].filter((one) => tenantId === '' || one.tenantId === tenantId),
        accounts,
      }),
    remove(id, tenantId) {
      const found = [...kept.values()].find((one) => one.id === id && (tenantId === '' || one.tenantId === tenantId));
      return found
        ? Promise.resolve(found)
        : Promise.reject(new CostlaneError('not_found', 'There is no such budget.', { field: 'id' }));
    },
  };
  return { admin, kept };
}

const org = { tenant_id: 'acme', scope: 'org', period: 'month', limit_usd: 500 };
const startMs = periodStartMs('month', Date.now());

describe('the door of budgets', () => {
  it('sets one, with what it did not say as usual, and changes it when it is put again', async () => {
    const { admin, kept } = memoryBudgets();
    const gateway = adminGateway({ budgets: admin });
    const made = await gateway.send('POST', '/admin/budgets', DEPLOYMENT, org);
    expect(made.status).toBe(201);
    expect(made.data).toMatchObject({
      tenant_id: 'acme',
      scope_id: null,
      limit_usd: '500.000000000',
      soft_limit_usd: null,
      on_exceeded: 'block',
      on_unreachable: 'open',
    });
    const changed = {
      ...org,
      limit_usd: '0.000000007',
      soft_limit_usd: 0,
      on_exceeded: 'alert',
      on_unreachable: 'closed',
    };
    const again = await gateway.send('POST', '/admin/budgets', DEPLOYMENT, changed);
    expect([again.status, again.data['id']]).toEqual([200, made.data['id']]);
    expect([...kept.values()]).toMatchObject([{ limitNanoUsd: 7, onExceeded: 'alert', onUnreachable: 'closed' }]);
  });

  it('keeps dollars to the nano-dollar, whether they come as a number or as text', async () => {
    const { admin, kept } = memoryBudgets();
    const gateway = adminGateway({ budgets: admin });
    for (const [limit, nano] of [
      [0.1, 100_000_000],
      ['1.234567891', 1_234_567_891],
      [1e-9, 1],
      [9_000_000, 9e15],
    ] as const) {
      expect(
        (await gateway.send('POST', '/admin/budgets', DEPLOYMENT, { ...org, limit_usd: limit })).status,
      ).toBeLessThan(300);
      expect([...kept.values()][0]?.limitNanoUsd).toBe(nano);
    }
  });

  it('tells how each account stands, and of a budget that nobody has used as well', async () => {
    const account = {
      budgetId: 'bud_0',
      subject: '',
      periodStartMs: startMs,
      postedNanoUsd: 125e9,
      leasedNanoUsd: 5e9,
    };
    const { admin } = memoryBudgets([account]);
    const gateway = adminGateway({ budgets: admin });
    await gateway.send('POST', '/admin/budgets', DEPLOYMENT, org);
    await gateway.send('POST', '/admin/budgets', DEPLOYMENT, { ...org, scope: 'user', scope_id: '*' });
    await gateway.send('POST', '/admin/budgets', DEPLOYMENT, { ...org, scope: 'team', scope_id: 'red' });
    const { data } = await gateway.send('GET', '/admin/budgets?tenant_id=acme', DEPLOYMENT);
    expect(data['budgets']).toMatchObject([
      {
        accounts: [
          {
            subject: '',
            period_start: new Date(startMs).toISOString(),
            spent_usd: '125.000000000',
            reserved_usd: '5.000000000',
            remaining_usd: '370.000000000',
            used_share: 0.25,
          },
        ],
      },
      { scope_id: '*', accounts: [] },
      { scope_id: 'red', accounts: [{ subject: 'red', spent_usd: '0.000000000', used_share: 0 }] },
    ]);
    const users = await gateway.send('GET', '/admin/budgets?scope=user', DEPLOYMENT);
    expect(users.data['budgets']).toMatchObject([{ scope: 'user' }]);
  });

  it('leaves a tenant’s administrator its own budgets, and nobody else any', async () => {
    const { admin } = memoryBudgets();
    const gateway = adminGateway({ budgets: admin });
    await gateway.send('POST', '/admin/budgets', DEPLOYMENT, { ...org, tenant_id: 'other' });
    const own = await gateway.send('POST', '/admin/budgets', TENANT, { ...org, tenant_id: undefined });
    expect(own.data).toMatchObject({ tenant_id: 'acme' });
    expect(await gateway.send('POST', '/admin/budgets', TENANT, { ...org, tenant_id: 'other' })).toMatchObject({
      status: 403,
    });
    expect((await gateway.send('GET', '/admin/budgets', TENANT)).data['budgets']).toMatchObject([
      { tenant_id: 'acme' },
    ]);
    expect(await gateway.send('GET', '/admin/budgets?tenant_id=other', TENANT)).toMatchObject({ status: 403 });
    expect(await gateway.send('DELETE', '/admin/budgets/bud_0', TENANT)).toMatchObject({
      status: 404,
      code: 'not_found',
    });
    expect(await gateway.send('DELETE', `/admin/budgets/${String(own.data['id'])}`, TENANT)).toMatchObject({
      status: 200,
    });
    expect(await gateway.send('GET', '/admin/budgets', MEMBER)).toMatchObject({ status: 403 });
  });

  it.each([
    [{ scope: 'everybody' }, 'scope'],
    [{ scope_id: 'x' }, 'scope_id'],
    [{ scope: 'user' }, 'scope_id'],
    [{ period: 'year' }, 'period'],
    [{ limit_usd: -1 }, 'limit_usd'],
    [{ limit_usd: '1e3' }, 'limit_usd'],
    [{ limit_usd: '0.0000000001' }, 'limit_usd'],
    [{ limit_usd: 9_000_001 }, 'limit_usd'],
    [{ limit_usd: undefined }, 'limit_usd'],
    [{ soft_limit_usd: 501 }, 'soft_limit_usd'],
    [{ on_exceeded: 'explode' }, 'on_exceeded'],
    [{ on_unreachable: 'maybe' }, 'on_unreachable'],
    [{ limit: 3 }, 'limit'],
    [{ tenant_id: undefined }, 'tenant_id'],
  ])('refuses %j and names the field', async (wrong, field) => {
    const gateway = adminGateway({ budgets: memoryBudgets().admin });
    const refused = await gateway.send('POST', '/admin/budgets', DEPLOYMENT, { ...org, ...wrong });
    expect(refused).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(refused.error).toContain(`"${field}"`);
  });

  it('refuses to list a scope that there is not', async () => {
    const gateway = adminGateway({ budgets: memoryBudgets().admin });
    const refused = await gateway.send('GET', '/admin/budgets?scope=planet', DEPLOYMENT);
    expect(refused).toMatchObject({ status: 400, error: expect.stringContaining('"scope"') as unknown });
  });
});
