import { CostlaneError } from '@costlane/domain';
import { adminGateway, DEPLOYMENT, MEMBER, memoryDocuments, TENANT } from './testing/admin-gateway';

const url = '/admin/tenants/acme/policy';

function setUp(setFalseHitLimit?: (tenantId: string, limit: number) => Promise<number>) {
  const control = memoryDocuments();
  const limits: [string, number][] = [];
  const { send } = adminGateway({
    control,
    setFalseHitLimit(tenantId, limit) {
      limits.push([tenantId, limit]);
      return setFalseHitLimit?.(tenantId, limit) ?? Promise.resolve(limit || 0.02);
    },
  });
  return { send, control, limits };
}

describe('a tenant’s policy', () => {
  it('is the deployment’s where the tenant has none', async () => {
    const { send } = setUp();
    const { status, data } = await send('GET', url, TENANT);
    expect([status, data]).toEqual([
      200,
      {
        tenant_id: 'acme',
        data_policy: 'redact',
        allow_substitution: false,
        store_prompts: false,
        prompt_retention_days: null,
        holdout_share: null,
        stale_answers: false,
        max_false_hit_rate: null,
        strategy: 'cost_optimal',
        cost_weight: 0.7,
        max_tier: null,
        models: [],
        own: [],
        updated_at: null,
      },
    ]);
  });

  it('takes the fields that are given, keeps the others, and gives one back with null', async () => {
    const { send, control } = setUp();
    const first = await send('PUT', url, TENANT, { data_policy: 'block', cost_weight: 1, models: ['other'] });
    expect(first).toMatchObject({ status: 200, data: { data_policy: 'block', cost_weight: 1, models: ['other'] } });
    const second = await send('PUT', url, DEPLOYMENT, { data_policy: null, strategy: 'balanced', stale_answers: true });
    expect(second.data).toMatchObject({
      data_policy: 'redact',
      strategy: 'balanced',
      stale_answers: true,
      models: ['other'],
      own: ['stale_answers', 'strategy', 'cost_weight', 'models'],
    });
    expect((await send('GET', url, TENANT)).data).toEqual(second.data);
    expect(control.all.get('tenant-policy/acme')?.body).toEqual({
      strategy: 'balanced',
      staleAnswers: true,
      costWeight: 1,
      models: ['other'],
    });
  });

  it('keeps prompts for a time that is set, or not at all', async () => {
    const { send, control } = setUp();
    const put = async (payload: object) => {
      const { status, error } = await send('PUT', url, TENANT, payload);
      return [status, error];
    };
    expect(await put({ store_prompts: true })).toEqual([400, expect.stringContaining('prompt_retention_days')]);
    expect(await put({ prompt_retention_days: 30 })).toEqual([400, expect.stringContaining('store_prompts: true')]);
    expect(await put({ store_prompts: false, prompt_retention_days: 30 })).toEqual([400, expect.any(String)]);
    expect(control.all.size).toBe(0);
    expect(await put({ store_prompts: true, prompt_retention_days: 30 })).toEqual([200, null]);
    expect(await put({ prompt_retention_days: 7 })).toEqual([200, null]);
    expect(await put({ prompt_retention_days: null })).toEqual([400, expect.stringContaining('prompt_retention_days')]);
    expect((await send('GET', url, TENANT)).data).toMatchObject({ store_prompts: true, prompt_retention_days: 7 });
    expect(await put({ store_prompts: false })).toEqual([200, null]);
    expect(control.all.get('tenant-policy/acme')?.body).toEqual({ storePrompts: false });
  });

  it('opts out of the holdout, or into a share of its own', async () => {
    const { send, control } = setUp();
    expect((await send('PUT', url, TENANT, { holdout_share: 0 })).data).toMatchObject({ holdout_share: 0 });
    expect((await send('PUT', url, TENANT, { holdout_share: 0.05 })).data).toMatchObject({ holdout_share: 0.05 });
    expect(control.all.get('tenant-policy/acme')?.body).toEqual({ holdoutShare: 0.05 });
    expect((await send('PUT', url, TENANT, { holdout_share: null })).data).toMatchObject({ holdout_share: null });
  });

  it('tells the cache of the acceptable false-hit rate, or gives it back to the deployment', async () => {
    const { send, limits, control } = setUp();
    const set = await send('PUT', url, TENANT, { max_false_hit_rate: 0.01 });
    expect(set.data).toMatchObject({ tenant_id: 'acme', max_false_hit_rate: 0.01 });
    expect(control.all.get('tenant-policy/acme')?.body).toEqual({ maxFalseHitRate: 0.01 });
    const reset = await send('PUT', '/admin/tenants/beta/policy', DEPLOYMENT, { max_false_hit_rate: null });
    expect(reset.data).toMatchObject({ tenant_id: 'beta', max_false_hit_rate: 0.02, own: [] });
    await send('PUT', url, TENANT, { stale_answers: true });
    expect(limits).toEqual([
      ['acme', 0.01],
      ['beta', 0],
    ]);
  });

  it('keeps the rate where the semantic cache is switched off, and says what was left undone where it is away', async () => {
    const off = new CostlaneError('unavailable', 'The semantic cache is switched off (CACHE_SEMANTIC_ENABLED).');
    const { send } = setUp(() => Promise.reject(off));
    const kept = await send('PUT', url, TENANT, { max_false_hit_rate: 0.01 });
    expect(kept).toMatchObject({ status: 200, data: { max_false_hit_rate: 0.01 } });
    const away = setUp(() => Promise.reject(new CostlaneError('unavailable', 'The cache service cannot be reached.')));
    const failed = await away.send('PUT', url, TENANT, { max_false_hit_rate: 0.01 });
    expect([failed.status, failed.error]).toEqual([503, expect.stringContaining('max_false_hit_rate')]);
  });

  it.each([
    [TENANT, '/admin/tenants/beta/policy', { data_policy: 'allow' }, 403, 'tenant_id'],
    [MEMBER, url, { data_policy: 'allow' }, 403, 'role'],
    [{}, url, { data_policy: 'allow' }, 401, ''],
    [TENANT, url, { max_false_hit_rate: 0 }, 400, 'max_false_hit_rate'],
    [TENANT, url, { max_false_hit_rate: 0.9 }, 400, 'max_false_hit_rate'],
    [TENANT, url, { holdout_share: 0.3 }, 400, 'holdout_share'],
    [TENANT, url, { store_prompts: true, prompt_retention_days: 0 }, 400, 'prompt_retention_days'],
    [TENANT, url, { store_prompts: true, prompt_retention_days: 3_651 }, 400, 'prompt_retention_days'],
    [TENANT, url, { data_policy: 'hide' }, 400, 'data_policy'],
    [TENANT, url, { cost_weight: 2 }, 400, 'cost_weight'],
    [TENANT, url, { max_tier: 'huge' }, 400, 'max_tier'],
    [TENANT, url, { stale_answer: true }, 400, 'stale_answers'],
    [TENANT, url, { models: ['othr'] }, 400, 'other'],
    [TENANT, url, { models: ['disabled'] }, 400, 'disabled'],
    [TENANT, url, {}, 400, 'Set at least one of data_policy'],
    [DEPLOYMENT, '/admin/tenants/a%20b/policy', { data_policy: 'allow' }, 400, 'tenant_id'],
  ])('refuses %j %s %j with %d', async (who, where, payload, status, words) => {
    const { send, control, limits } = setUp();
    const refused = await send('PUT', where, who, payload);
    expect([refused.status, refused.error]).toEqual([status, expect.stringContaining(words)]);
    expect([control.all.size, limits]).toEqual([0, []]);
  });

  it('is not shown to another tenant’s administrator', async () => {
    const { send } = setUp();
    expect((await send('GET', '/admin/tenants/beta/policy', TENANT)).status).toBe(403);
    expect((await send('GET', url, MEMBER)).status).toBe(403);
  });
});
