import { waitFor } from '@costlane/testing';
import { ask, nanoUsdOf, runLoad, type Ending } from '../support/load';
import { ledgerOf, newTenant, stackUnderTest, type Stack } from '../support/stack';

const stack = stackUnderTest();
const describeStack = stack ? describe : describe.skip;
const DEADLINE_MS = 15_000;

/** Runs a load while something breaks, and holds the system to its word: all answered, none charged twice, the ledger complete. */
async function loadThrough(running: Stack, name: string, breakIt: () => Promise<void>): Promise<Ending[]> {
  const tenantId = `${name}-${Date.now()}`;
  const apiKey = await newTenant(running, tenantId);
  const endings = await runLoad({
    url: running.url,
    apiKey,
    clients: 16,
    deadlineMs: DEADLINE_MS,
    prompt: (n) => `[[mock: latencyMs=20]] ${tenantId} question ${n}`,
    until: breakIt(),
  });
  const unanswered = endings.filter((ending) => ending.isUnanswered);
  expect(unanswered.map(({ body }) => body)).toEqual([]);
  expect(endings.length).toBeGreaterThan(50);
  for (const ending of endings) expect(ending.latencyMs).toBeLessThan(DEADLINE_MS + 1_000);
  expect(new Set(endings.map(({ requestId }) => requestId)).size).toBe(endings.length);
  await expectCompleteLedger(running, tenantId, endings);
  return endings;
}

/** Each answered request is in the ledger once, with what its header said it cost. */
async function expectCompleteLedger(running: Stack, tenantId: string, endings: Ending[]): Promise<void> {
  const answered = endings.filter(({ status }) => status === 200);
  const paid = answered.reduce((sum, { costUsd }) => sum + nanoUsdOf(costUsd), 0n);
  await waitFor(async () => (await ledgerOf(running, tenantId)).requests >= answered.length, {
    timeoutMs: 30_000,
    intervalMs: 250,
  });
  const ledger = await ledgerOf(running, tenantId);
  // A request that failed for its client may have cost something at the provider all the same: at least the answered ones, once each.
  expect(ledger.requests).toBeLessThanOrEqual(endings.length);
  expect(ledger.paidNanoUsd).toBeGreaterThanOrEqual(paid);
  if (answered.length === endings.length) expect(ledger.paidNanoUsd).toBe(paid);
}

const okShare = (endings: Ending[]): number => endings.filter(({ status }) => status === 200).length / endings.length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeStack('a system whose parts die under load', () => {
  const running = stack as Stack;
  jest.setTimeout(120_000);

  it('answers everything when the provider-worker is killed', async () => {
    const endings = await loadThrough(running, 'kill-worker', async () => {
      await pause(1_000);
      await running.kill('provider-worker');
      await pause(5_000);
    });
    expect(okShare(endings)).toBeGreaterThan(0.95);
  });

  it('answers everything when the batcher is killed', async () => {
    const endings = await loadThrough(running, 'kill-batcher', async () => {
      await pause(1_000);
      await running.kill('batcher');
      await pause(3_000);
    });
    expect(okShare(endings)).toBeGreaterThan(0.99);
  });

  it('answers everything when Redis is killed and comes back', async () => {
    const endings = await loadThrough(running, 'kill-redis', async () => {
      await pause(1_000);
      await running.kill('redis');
      await pause(5_000);
    });
    expect(okShare(endings)).toBeGreaterThan(0.95);
  });

  it('loses at most 100 ms a request to a Redis that is frozen', async () => {
    const apiKey = await newTenant(running, `freeze-redis-${Date.now()}`);
    await ask(running.url, apiKey, 'warm up');
    running.signal('redis', 'SIGSTOP');
    try {
      const first = await ask(running.url, apiKey, `frozen ${Date.now()}`, { deadlineMs: 5_000 });
      expect(first.status).toBe(200);
      expect(first.latencyMs).toBeLessThan(250);
      for (let n = 0; n < 20; n++) {
        const next = await ask(running.url, apiKey, `frozen ${n} ${Date.now()}`, { deadlineMs: 5_000 });
        expect(next.status).toBe(200);
        expect(next.latencyMs).toBeLessThan(100);
      }
    } finally {
      running.signal('redis', 'SIGCONT');
    }
  });

  it('answers everything, and keeps its ledger whole, when Redis freezes under load and thaws', async () => {
    const endings = await loadThrough(running, 'freeze-load', async () => {
      await pause(1_000);
      running.signal('redis', 'SIGSTOP');
      await pause(3_000);
      running.signal('redis', 'SIGCONT');
      await pause(3_000);
    });
    expect(okShare(endings)).toBeGreaterThan(0.95);
  });

  it('answers everything, and catches up with its ledger, when Postgres is killed and comes back', async () => {
    const endings = await loadThrough(running, 'kill-postgres', async () => {
      await pause(1_000);
      await running.kill('postgres');
      await pause(3_000);
    });
    expect(okShare(endings)).toBe(1);
  });

  it('keeps its ledger whole when cost-attribution is killed', async () => {
    const endings = await loadThrough(running, 'kill-ledger', async () => {
      await pause(1_000);
      await running.kill('cost-attribution');
      await pause(2_000);
    });
    expect(okShare(endings)).toBe(1);
  });

  it('goes on with the last policy when the router is killed', async () => {
    const endings = await loadThrough(running, 'kill-router', async () => {
      await pause(500);
      await running.kill('router');
      await pause(1_000);
    });
    expect(okShare(endings)).toBe(1);
  });
});
