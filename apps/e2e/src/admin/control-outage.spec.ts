import { randomUUID } from 'node:crypto';
import { waitFor } from '@costlane/testing';
import { newTenant, stackUnderTest, type Stack } from '../support/stack';

const stack = stackUnderTest();

interface Ready {
  status: string;
  checks: { control: { ok: boolean; detail?: string } };
}

(stack ? describe : describe.skip)('the rules of tenants, while their store is away', () => {
  const running = stack as Stack;
  const routerHealth = async (): Promise<Ready> =>
    (await (await fetch(`${running.serviceUrl('router')}/health/ready`)).json()) as Ready;
  const isCurrent = async (): Promise<boolean> => (await routerHealth()).checks.control.ok;

  it('hold after a restart of the router too, which goes by its copy until the store is back', async () => {
    const tenantId = `e2e-${randomUUID()}`;
    const key = await newTenant(running, tenantId);
    const ask = async (): Promise<number> => {
      const response = await fetch(`${running.url}/v1/inference`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: `Write to jane.doe@example.com, ${randomUUID()}.`, use_cache: false }),
      });
      await response.arrayBuffer();
      return response.status;
    };
    const put = await fetch(`${running.url}/admin/tenants/${tenantId}/policy`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${running.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ data_policy: 'block' }),
    });
    expect(put.status).toBe(200);
    await waitFor(async () => (await ask()) === 403, { timeoutMs: 5_000, intervalMs: 50 });
    running.signal('cost-attribution', 'SIGSTOP');
    try {
      await running.kill('router');
      await waitFor(async () => (await routerHealth()).checks.control.detail?.includes('copy') === true, {
        timeoutMs: 10_000,
        intervalMs: 100,
      });
      const metrics = await (await fetch(`${running.serviceUrl('router')}/metrics`)).text();
      expect(metrics).toMatch(/costlane_fallback_total\{kind="control_copy"[^}]*\} 1/);
      const policy = (await (await fetch(`${running.serviceUrl('router')}/internal/policy`)).json()) as {
        data: { version: string; subscribers: { is_current: boolean }[] };
      };
      expect(policy.data.version).not.toBe('');
      expect(await ask()).toBe(403);
    } finally {
      running.signal('cost-attribution', 'SIGCONT');
    }
    await waitFor(isCurrent, { timeoutMs: 15_000, intervalMs: 100 });
    expect(await ask()).toBe(403);
  }, 60_000);
});
