import { loadThrough, okShare, pause } from '../support/hold-to-its-word';
import { ask } from '../support/load';
import { newTenant, stackUnderTest, type Stack } from '../support/stack';

const stack = stackUnderTest();
const describeStack = stack ? describe : describe.skip;

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
