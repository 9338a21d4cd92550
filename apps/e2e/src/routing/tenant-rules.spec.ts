import { randomUUID } from 'node:crypto';
import { waitFor } from '@costlane/testing';
import { adminHeaders, doorsUnderTest, envelopeOf, fresh, newKey, post, type Doors } from '../doors/doors-under-test';
import { ask, modelFor, modelsOf, prompts, setRules, soon, tenantWith, withMock } from './routed';

interface Report {
  variants: { name: string; requests: number; users: number }[];
}

const found = doorsUnderTest();
const doors = found as Doors;

(found?.adminKey ? describe : describe.skip)('a tenant’s rules', () => {
  it('say which models its requests may use, named or chosen, and no other tenant’s', async () => {
    const { key } = await tenantWith(doors, { models: ['mock-standard'] });
    const routed = await soon(
      () => ask(doors, fresh(prompts.economy), { key }),
      ({ model }) => model === 'mock-standard',
    );
    expect(routed.decision).toMatch(/economy$/);
    for (const model of ['mock-economy', 'mock-premium'])
      expect((await ask(doors, fresh('x'), { key, model })).status).toBe(403);
    expect(await modelFor(doors, 'economy')).not.toBe('mock-standard');
  });

  it('let a named model be replaced by one that is as good and costs less', async () => {
    const { key, tenantId } = await newKey(doors);
    const named = 'mock-premium';
    expect((await ask(doors, fresh(prompts.premium), { key, model: named })).model).toBe(named);
    await setRules(doors, tenantId, { allow_substitution: true });
    const routed = await soon(
      () => ask(doors, fresh(prompts.premium), { key, model: named }),
      ({ decision }) => decision === 'substitution',
    );
    expect((await modelsOf(doors)).get(routed.model)?.tier).toBe('premium');
    expect(routed.saved).toBeGreaterThan(0n);
    await setRules(doors, tenantId, { allow_substitution: false });
    await soon(
      () => ask(doors, fresh(prompts.premium), { key, model: named }),
      ({ model }) => model === named,
    );
  });

  it('let an answer that has outlived its time be given where nobody has another, and say so', async () => {
    // The rule about models shows when both are in force.
    const { key } = await tenantWith(doors, { stale_answers: true, models: ['mock-standard'] });
    await soon(
      () => ask(doors, fresh(prompts.economy), { key }),
      ({ model }) => model === 'mock-standard',
    );
    const options = { key, headers: { 'x-costlane-cache-ttl-seconds': '1' } };
    const prompt = fresh(prompts.economy);
    const first = await ask(doors, prompt, options);
    // Its lifetime is over when it is asked for again and is no hit; the memory of the gateway follows it.
    await new Promise((resolve) => setTimeout(resolve, 2_300));
    // What is wrong with the request itself is told: no old answer hides it.
    expect((await withMock(doors, { status: 400 }, () => ask(doors, prompt, options))).status).toBe(400);
    const stale = await withMock(doors, { status: 503 }, () => ask(doors, prompt, options));
    expect([stale.status, stale.isStale, stale.text, stale.cost]).toEqual([200, true, first.text, 0n]);
    const again = await ask(doors, prompt, options);
    expect([again.status, again.isStale, again.tier]).toEqual([200, false, 'miss']);
  });

  it('are refused with what is wrong, and read back as they were set', async () => {
    const { tenantId } = await newKey(doors);
    await setRules(doors, tenantId, { data_policy: 'redact', strategy: 'balanced', cost_weight: 0.4 });
    const url = `${doors.url}/admin/tenants/${tenantId}/policy`;
    const { data } = await envelopeOf<object>(await fetch(url, { headers: adminHeaders(doors) }));
    expect(data).toMatchObject({ data_policy: 'redact', strategy: 'balanced', cost_weight: 0.4 });
    for (const wrong of [{ data_policy: 'maybe' }, { models: ['no-such-model'] }, { cost_weight: 2 }, {}]) {
      await expect(setRules(doors, tenantId, wrong)).rejects.toThrow(/refused/);
    }
  });
});

(found?.adminKey ? describe : describe.skip)('an experiment', () => {
  it('gives each user one variant, keeps their answers apart, and tells what it cost', async () => {
    const { key, tenantId } = await newKey(doors);
    const id = `models-${randomUUID().slice(0, 8)}`;
    const made = await post(
      `${doors.url}/admin/experiments`,
      {
        id,
        tenant_id: tenantId,
        variants: [
          { name: 'control', weight: 1 },
          { name: 'dear', weight: 1, model: 'mock-premium' },
        ],
      },
      adminHeaders(doors),
    );
    expect([made.status, made.ok]).toEqual([201, true]);
    const askAs = (user: string, content = fresh(prompts.economy)) =>
      ask(doors, content, { key, headers: { 'x-costlane-user': user } });
    const users = Array.from({ length: 12 }, (_, i) => `user-${i}-${id}`);
    await soon(
      async () => Promise.all(users.map((user) => askAs(user))),
      (answers) => answers.some(({ decision }) => decision === 'experiment:dear'),
    );
    const rounds = [
      await Promise.all(users.map((user) => askAs(user))),
      await Promise.all(users.map((user) => askAs(user))),
    ];
    const variants = rounds.map((answers) => answers.map(({ model }) => model === 'mock-premium'));
    expect(variants[0]).toEqual(variants[1]);
    expect(new Set(variants[0])).toEqual(new Set([true, false]));
    const [inDear, inControl] = [users[variants[0]?.indexOf(true) ?? 0], users[variants[0]?.indexOf(false) ?? 0]];
    const shared = fresh(prompts.economy);
    await askAs(inDear ?? '', shared);
    expect((await askAs(inControl ?? '', shared)).tier).toBe('miss');
    expect((await askAs(inDear ?? '', shared)).tier).toMatch(/^(memory|exact)$/);
    const url = `${doors.url}/analytics/experiments/${id}`;
    const report = await waitFor(async () => {
      const { data } = await envelopeOf<Report>(await fetch(url, { headers: adminHeaders(doors) }));
      return data.variants.every(({ requests }) => requests >= 2) ? data : undefined;
    });
    const [control, dear] = report.variants;
    expect([control?.name, dear?.name]).toEqual(['control', 'dear']);
    // Each user counts once, in one variant.
    expect((control?.users ?? 0) + (dear?.users ?? 0)).toBe(users.length);
  });
});
