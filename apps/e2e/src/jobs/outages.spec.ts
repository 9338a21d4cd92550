import { execFileSync } from 'node:child_process';
import { envelopeOf, fresh, post, type Reply } from '../doors/doors-under-test';
import { ledgerOf, newTenant, stackUnderTest, type Stack } from '../support/stack';
import { linesOf, untilStatus, type Batch, type Tenant } from './jobs-under-test';

const stack = stackUnderTest();

(stack ? describe : describe.skip)('jobs while parts of the system are away', () => {
  const running = stack as Stack;
  jest.setTimeout(180_000);
  const tenantOf = async (name: string): Promise<Tenant> => {
    const tenantId = `${name}-${Date.now()}`;
    return { tenantId, headers: { authorization: `Bearer ${await newTenant(running, tenantId)}` } };
  };
  const submit = async (tenant: Tenant, count: number, prompt: string): Promise<Batch> => {
    const requests = Array.from({ length: count }, (_, i) => ({ custom_id: `${i}`, prompt: `${i}: ${fresh(prompt)}` }));
    const response = await post(`${running.url}/v1/batch`, { requests, completion_window: 'now' }, tenant.headers);
    return (await envelopeOf<Batch>(response)).data;
  };

  /** The server and what it has begun for connections that are open: these go on when only the server is stopped. */
  const postgresProcesses = (): number[] => {
    const pid = running.processOf('postgres').pid ?? 0;
    const children = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
    return [pid, ...children.split('\n').filter(Boolean).map(Number)];
  };
  const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
    for (const pid of pids) process.kill(pid, signal);
  };

  it('answer 503 within moments while Postgres does not, and models go on answering', async () => {
    const tenant = await tenantOf('postgres-away');
    await post(`${running.url}/v1/inference`, { prompt: fresh('Warm?') }, tenant.headers);
    const frozen = postgresProcesses();
    signalAll(frozen, 'SIGSTOP');
    try {
      const startedAt = performance.now();
      const refused = await post(`${running.url}/v1/batch`, { requests: [{ prompt: 'x' }] }, tenant.headers);
      expect([refused.status, refused.headers.get('x-error-code')]).toEqual([503, 'unavailable']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      const answered = await post(`${running.url}/v1/inference`, { prompt: fresh('Still?') }, tenant.headers);
      expect((await envelopeOf<Reply>(answered)).data.text).toMatch(/./);
    } finally {
      signalAll(frozen, 'SIGCONT');
    }
    const batch = await submit(tenant, 2, 'Again?');
    expect(await untilStatus<Batch>(`${running.url}/v1/batch/${batch.batch_id}`, tenant)).toMatchObject({
      status: 'completed',
    });
  });

  it.each(['provider-worker', 'gateway', 'redis'])(
    'run to their end, each request paid once, when the %s dies',
    async (part) => {
      const tenant = await tenantOf(`kill-${part}`);
      const batch = await submit(tenant, 400, 'Survive? [[mock: latencyMs=100]]');
      const url = `${running.url}/v1/batch/${batch.batch_id}`;
      await untilStatus<Batch>(url, tenant, ['running']);
      await running.kill(part);
      const ended = await untilStatus<Batch>(url, tenant, undefined, 120_000);
      expect(ended).toMatchObject({ status: 'completed', counts: { total: 400, succeeded: 400 } });
      const lines = await linesOf(`${url}/results`, tenant);
      expect(lines.map(({ index }) => index)).toEqual(Array.from({ length: 400 }, (_, i) => i));
      const { requests } = await ledgerOf(running, tenant.tenantId);
      expect(requests).toBe(400);
    },
  );
});
