import { waitFor } from '@costlane/testing';
import { startExtraService, type ExtraService } from '../support/extra-service';
import { ledgerOf, stackUnderTest, type Stack } from '../support/stack';
import { budgetTenant, nanosOf, type Answer, type BudgetTenant } from './budget-client';

const stack = stackUnderTest();
const describeStack = stack ? describe : describe.skip;
const NOTHING = '0.000000000';

const settled = (tenant: BudgetTenant): Promise<unknown> =>
  waitFor(async () => (await tenant.accounts()).every(({ reserved_usd: reserved }) => reserved === NOTHING), {
    timeoutMs: 45_000,
    intervalMs: 500,
  });

describeStack('budgets of a running system', () => {
  const running = stack as Stack;
  let second: ExtraService;
  jest.setTimeout(120_000);
  beforeAll(async () => void (second = await startExtraService('gateway')));
  afterAll(() => second.remove());

  it('are not passed by 300 calls at once at two gateways; the rest is refused, and nothing stays reserved', async () => {
    const tenant = await budgetTenant(running, 'budget-crowd');
    await tenant.put({ limit_usd: '0.002', on_unreachable: 'closed' });
    const calls = Array.from({ length: 300 }, (_, n) => tenant.ask(n % 2 === 0 ? running.url : second.url));
    const answers = await Promise.all(calls);
    // A machine that is busy with other things may have the authority answer too late; nothing goes through then.
    for (const { status } of answers) expect([200, 402, 503]).toContain(status);
    await waitFor(
      async () => {
        const later = await tenant.ask(second.url);
        answers.push(later);
        return later.status === 402;
      },
      { timeoutMs: 20_000, intervalMs: 50 },
    );
    const answered = answers.filter(({ status }) => status === 200);
    const paid = answered.reduce((sum, { cost }) => sum + cost, 0n);
    expect(paid).toBeGreaterThan(0n);
    expect(paid).toBeLessThanOrEqual(nanosOf('0.002000000'));
    for (const { text, code } of answers.filter(({ status }) => status === 402)) {
      expect(code).toBe('budget_exceeded');
      expect(text).toMatch(/daily budget of the organisation.*begins anew at \d{4}-/);
    }
    await waitFor(async () => (await ledgerOf(running, tenant.tenantId)).requests >= answered.length, {
      timeoutMs: 20_000,
    });
    expect((await ledgerOf(running, tenant.tenantId)).paidNanoUsd).toBe(paid);
    await settled(tenant);
    const [account] = await tenant.accounts();
    expect(nanosOf(account?.spent_usd ?? null)).toBe(paid);
  });

  it('are felt in every gateway within a second of their change', async () => {
    const tenant = await budgetTenant(running, 'budget-change');
    const urls = [running.url, second.url];
    for (const url of urls) expect((await tenant.ask(url)).status).toBe(200);
    const felt = async (status: number, change: () => Promise<unknown>): Promise<number[]> => {
      await change();
      const changedAt = Date.now();
      return Promise.all(
        urls.map(async (url) => {
          await waitFor(async () => (await tenant.ask(url)).status === status, { timeoutMs: 10_000, intervalMs: 20 });
          return Date.now() - changedAt;
        }),
      );
    };
    let id = '';
    const made = await felt(402, async () => (id = String((await tenant.put({ limit_usd: '0.000000001' }))['id'])));
    const raised = await felt(200, () => tenant.put({ limit_usd: '10' }));
    const lowered = await felt(402, () => tenant.put({ limit_usd: '0.000000001' }));
    const removed = await felt(200, () => tenant.remove(id));
    for (const tookMs of [...made, ...raised, ...lowered, ...removed]) expect(tookMs).toBeLessThan(1_000);
  });

  it('leave answers that cost nothing to everybody, and tell what is left', async () => {
    const tenant = await budgetTenant(running, 'budget-hits');
    await tenant.put({ limit_usd: '1' });
    const prompt = `[[mock: outputTokens=10]] ${tenant.tenantId} what is it?`;
    const first = await tenant.ask(running.url, { prompt });
    expect(first.status).toBe(200);
    const left = await waitFor(
      async () => {
        const { remaining } = await tenant.ask(running.url, { prompt });
        return remaining !== null && nanosOf(remaining) <= nanosOf('1.000000000') - first.cost ? remaining : undefined;
      },
      { timeoutMs: 10_000, intervalMs: 100 },
    );
    // Sound in dollars, and no more is missing than may be reserved or leased at this moment.
    expect(Number(left)).toBeGreaterThan(0.5);
    await tenant.put({ limit_usd: '0.000000001' });
    await waitFor(async () => (await tenant.ask(running.url)).status === 402, { timeoutMs: 5_000, intervalMs: 50 });
    expect(await tenant.ask(running.url, { prompt })).toMatchObject({ status: 200, cache: 'memory' });
  });

  it('take of a stream what it has cost, also where its client has gone', async () => {
    const tenant = await budgetTenant(running, 'budget-stream');
    await tenant.put({ limit_usd: '1' });
    const slow = (n: number): string => `[[mock: chunkIntervalMs=50; chunks=40]] ${tenant.tenantId} stream ${n}`;
    const whole = await tenant.ask(running.url, { stream: true, prompt: slow(1) });
    expect(whole).toMatchObject({ status: 200 });
    const leave = new AbortController();
    const left = tenant
      .ask(running.url, { stream: true, prompt: slow(2), signal: leave.signal })
      .catch(() => undefined);
    setTimeout(() => leave.abort(), 600);
    await left;
    // Long before its deadline, which is two minutes away.
    await settled(tenant);
    const [account] = await tenant.accounts();
    const { paidNanoUsd, requests } = await ledgerOf(running, tenant.tenantId);
    expect(requests).toBe(2);
    expect(nanosOf(account?.spent_usd ?? null)).toBe(paidNanoUsd);
  });

  it('hold for the items of batches', async () => {
    const tenant = await budgetTenant(running, 'budget-batch');
    await tenant.put({ limit_usd: '0.0005', on_unreachable: 'closed' });
    const codes = await tenant.batch(60);
    expect(codes).toContain(null);
    expect(codes).toContain('budget_exceeded');
    const { paidNanoUsd } = await ledgerOf(running, tenant.tenantId);
    expect(paidNanoUsd).toBeLessThanOrEqual(nanosOf('0.000500000'));
  });

  it('slow down or take cheaper models where they say so', async () => {
    const tenant = await budgetTenant(running, 'budget-soft');
    await tenant.put({ scope: 'user', scope_id: 'ann', limit_usd: '0', on_exceeded: 'downgrade' });
    await tenant.put({ scope: 'user', scope_id: 'bob', limit_usd: '0', on_exceeded: 'throttle' });
    await tenant.put({ scope: 'user', scope_id: 'eve', limit_usd: '0', on_exceeded: 'alert' });
    const downgraded = await waitFor(
      async () => {
        const answer = await tenant.ask(running.url, { user: 'ann', model: 'gpt-4o' });
        return answer.status === 200 && !/^gpt-4o-?\d*/.test(answer.model ?? '')
          ? answer
          : answer.model?.startsWith('gpt-4o-mini')
            ? answer
            : undefined;
      },
      { timeoutMs: 5_000, intervalMs: 50 },
    );
    expect(downgraded.status).toBe(200);
    const slow = await waitFor(
      async () => {
        const answers: Answer[] = [];
        for (let n = 0; n < 10; n++) answers.push(await tenant.ask(second.url, { user: 'bob' }));
        return answers.find(({ status }) => status === 429);
      },
      { timeoutMs: 40_000, intervalMs: 50 },
    );
    expect(Number(slow.retryAfter)).toBeGreaterThan(0);
    expect((await tenant.ask(running.url, { user: 'eve', model: 'gpt-4o' })).model).toContain('gpt-4o');
  });

  it('let requests through or not while they cannot be checked, as each of them says', async () => {
    const tenant = await budgetTenant(running, 'budget-away');
    await tenant.put({ scope: 'user', scope_id: '*', limit_usd: '1', on_unreachable: 'open' });
    await tenant.put({ scope: 'user', scope_id: 'careful', limit_usd: '1', on_unreachable: 'closed' });
    const known = await tenant.ask(running.url, { user: 'known' });
    expect(known.status).toBe(200);
    running.signal('cost-attribution', 'SIGSTOP');
    try {
      const refused = await tenant.ask(running.url, { user: 'careful' });
      expect(refused).toMatchObject({ status: 503, code: 'budget_unavailable' });
      const answers = await Promise.all(
        Array.from({ length: 40 }, () => tenant.ask(running.url, { user: 'stranger' })),
      );
      const through = answers.filter(({ status }) => status === 200).length;
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - through);
      expect(through).toBeGreaterThanOrEqual(25);
      expect(through).toBeLessThanOrEqual(33);
      // Out of the lease that is there.
      expect((await tenant.ask(running.url, { user: 'known' })).status).toBe(200);
    } finally {
      running.signal('cost-attribution', 'SIGCONT');
    }
    await waitFor(async () => (await tenant.ask(running.url, { user: 'careful' })).status === 200, {
      timeoutMs: 10_000,
      intervalMs: 200,
    });
  });
});
