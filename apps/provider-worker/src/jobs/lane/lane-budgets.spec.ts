import { databaseUrlForTests } from '@costlane/testing';
import { ORDINARY_NANO_USD, startLaneBench, underTest, type LaneBench } from '../testing/lane-bench';
import { createBatchBudgets } from './batch-budgets';

const [under] = underTest;
const WORST = 5_000_000;
const DAY_MS = 86_400_000;

(databaseUrlForTests() ? describe : describe.skip)('batches within budgets', () => {
  let bench: LaneBench;
  beforeAll(async () => {
    if (!under) throw new Error('there is no Batch API to test');
    bench = await startLaneBench(under);
  });
  afterEach(async () => {
    bench.reset();
    for (const { id } of (await bench.budgets.list()).budgets) await bench.budgets.remove(id);
  });
  afterAll(() => bench?.end());

  const limit = (limitNanoUsd: number) =>
    bench.budgets.put({
      tenantId: 'acme',
      scope: 'org',
      scopeId: '',
      period: 'day',
      limitNanoUsd,
      softLimitNanoUsd: 0,
      onExceeded: 'block',
      onUnreachable: 'open',
    });
  const lane = () => bench.lane({ budgets: createBatchBudgets(bench.budgets, Date.now) });
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const planned = (content: string, worstCaseNanoUsd: number | undefined = WORST) => ({
    content,
    header: { worstCaseNanoUsd, tenantId: 'acme', recordedAtMs: today },
  });
  const leased = async (): Promise<number> => (await bench.budgets.list()).accounts[0]?.leasedNanoUsd ?? 0;

  it('are reserved before they are handed over, on record under their name, and closed when they are done', async () => {
    await limit(10 * WORST);
    const ref = await bench.newJob([planned('a'), planned('b'), planned('c')]);
    const runner = bench.runner(lane());
    bench.mock.state.batches.setBehaviour({ delayMs: 1_500 });
    await runner.runTurn(ref);
    expect(await leased()).toBe(3 * WORST);
    const [submission] = await bench.store.submissions(ref);
    await bench.runToEnd(runner, ref);
    const records = bench.records(ref);
    expect(records.map(({ budgetLessee }) => budgetLessee)).toEqual(
      [0, 1, 2].map(() => `batch:${submission?.batchKey}`),
    );
    const paid = records.reduce((sum, { paidNanoUsd }) => sum + paidNanoUsd, 0);
    expect(paid).toBeGreaterThan(0);
    expect(paid).toBeLessThan(3 * WORST);
    // Its records are not in the books here: all of it is free.
    const released = await bench.budgets.sweep(async () => 0);
    expect(released).toEqual({ closed: 1, expired: 0, releasedNanoUsd: 3 * WORST });
  });

  it('that a budget has not enough for are not handed over: their items are asked one by one, where a gateway checks each', async () => {
    await limit(2 * WORST);
    const ref = await bench.newJob([planned('a'), planned('b'), planned('c')]);
    const job = await bench.runToEnd(bench.runner(lane()), ref);
    expect(bench.timesSent().size).toBe(0);
    expect(job).toMatchObject({ counts: { succeeded: 3 }, costNanoUsd: 3 * ORDINARY_NANO_USD });
    expect(bench.events).toEqual(['mock over_budget']);
    expect(await leased()).toBe(0);
  });

  it('with an item of which nobody has said what it may cost go one by one where the tenant has a hard limit, and only there', async () => {
    const items = () => [planned('a'), { content: 'b', header: { tenantId: 'acme' } }];
    await bench.runToEnd(bench.runner(lane()), await bench.newJob(items()));
    expect(bench.timesSent().size).toBe(2);
    bench.reset();
    await limit(10 * WORST);
    await bench.runToEnd(bench.runner(lane()), await bench.newJob(items()));
    expect(bench.timesSent().size).toBe(0);
  });

  it('wait while it is not known what the budgets have', async () => {
    await limit(10 * WORST);
    let isAway = true;
    const budgets = createBatchBudgets(
      {
        ...bench.budgets,
        reserve: (request) => (isAway ? Promise.reject(new Error('Postgres is away')) : bench.budgets.reserve(request)),
      },
      Date.now,
    );
    const ref = await bench.newJob([planned('a')]);
    const runner = bench.runner(bench.lane({ budgets }));
    await runner.runTurn(ref);
    expect([bench.timesSent().size, bench.events]).toEqual([0, ['mock later']]);
    expect(await bench.store.submissions(ref)).toMatchObject([{ state: 'collecting' }]);
    isAway = false;
    await bench.makeDue(ref);
    await bench.runToEnd(runner, ref);
    expect(bench.timesSent().size).toBe(1);
  });

  it('sum up what is for the same payer and day, and are read only where there is a limit', async () => {
    const asked: number[] = [];
    const budgets = createBatchBudgets(
      {
        isLimited: async (tenantId) => tenantId === 'acme',
        reserve: async ({ items, holdUntilMs }) => {
          asked.push(items.length, holdUntilMs);
          return { isReserved: true, budgetId: '', subject: '', remainingNanoUsd: 0 };
        },
        closeLessees: async () => undefined,
      },
      () => 1_000,
    );
    const job = { tenantId: 'globex' } as Parameters<typeof budgets.reserve>[2];
    const never = {
      [Symbol.asyncIterator]: () => {
        throw new Error('read');
      },
    };
    expect(await budgets.reserve('b_1', never, job)).toBe(true);
    async function* none() {}
    await budgets.reserve('b_1', none(), { ...job, tenantId: 'acme', deadlineAtMs: 5_000 });
    expect(asked).toEqual([0, 3_605_000]);
  });
});
