import { randomUUID } from 'node:crypto';
import { waitFor, type Stats } from '@costlane/testing';
import { envelopeOf, post, type Reply } from '../doors/doors-under-test';
import { linesOf, untilStatus, type Batch, type BatchLine, type Tenant } from '../jobs/jobs-under-test';
import { startExtraService, type ExtraService } from '../support/extra-service';
import { pause } from '../support/hold-to-its-word';
import { ledgerOf, newTenant, stackUnderTest, type Stack } from '../support/stack';

const stack = stackUnderTest();
const ITEMS = 400;
const REQUESTS = 200;
const CLIENTS = 6;
const LANES = ['express', 'standard', 'batch'];
/** Whom to kill, one after the other; who is not running at the moment is passed over. */
const VICTIMS = ['provider-worker', 'batcher', 'provider-worker', 'batcher'];
const GAP_MS = 2_500;
const PATIENCE_MS = 90_000;
/** Calls that a killed worker had begun are made again: up to what its places hold, each time. */
const CALLS_LOST_A_KILL = 64;

/** How a request that is made again and again until it is answered ended. */
interface Asked {
  costUsd: number;
  tries: number;
}

(stack ? describe : describe.skip)('six hundred jobs, while batchers and workers are killed', () => {
  const running = stack as Stack;
  const extras: ExtraService[] = [];
  jest.setTimeout(240_000);

  beforeAll(async () => {
    extras.push(...(await Promise.all([startExtraService('batcher'), startExtraService('provider-worker')])));
  });
  afterAll(() => Promise.all(extras.map((extra) => extra.remove())));

  const insist = async (ask: () => Promise<Response>): Promise<{ response: Response; tries: number }> => {
    for (let tries = 1, until = Date.now() + PATIENCE_MS; ; tries++) {
      const response = await ask().catch(() => undefined);
      if (response?.ok) return { response, tries };
      if (Date.now() > until) throw new Error(`no answer: ${response?.status} ${await response?.text()}`);
      await pause(250);
    }
  };
  const ask = async (tenant: Tenant, run: string, n: number): Promise<Asked> => {
    const body = {
      prompt: `[[mock: latencyMs=${200 + (n % 5) * 100}]] request ${n} of ${run}`,
      priority: LANES[n % LANES.length],
      idempotency_key: `${run}-${n}`,
      use_cache: false,
      metadata: { user_id: `${run}-${n}` },
    };
    const { response, tries } = await insist(() => post(`${running.url}/v1/inference`, body, tenant.headers));
    const { data } = await envelopeOf<Reply>(response);
    expect(data.text).toMatch(/./);
    return { costUsd: data.cost_usd, tries };
  };
  const submit = async (tenant: Tenant, run: string): Promise<Batch> => {
    const requests = Array.from({ length: ITEMS }, (_, n) => ({
      custom_id: `${n}`,
      prompt: `[[mock: latencyMs=800]] item ${n} of ${run}`,
      use_cache: false,
    }));
    const response = await post(`${running.url}/v1/batch`, { requests, completion_window: 'now' }, tenant.headers);
    return (await envelopeOf<Batch>(response)).data;
  };
  /** Gives how many died while there was work. */
  const killInTurns = async (isBusy: () => boolean): Promise<number> => {
    let underLoad = 0;
    for (const name of VICTIMS) {
      await pause(GAP_MS);
      if (isBusy()) underLoad++;
      if (running.processOf(name).pid !== null) running.signal(name, 'SIGKILL');
    }
    // The ones that nobody starts again go last: what they had in hand is for the others.
    await pause(GAP_MS);
    await Promise.all(extras.map((extra) => extra.kill()));
    return underLoad;
  };
  const callsOfMock = async (): Promise<number> => {
    const stats = (await (await fetch(`${running.mockUrl}/mock/stats`)).json()) as Stats;
    return stats.callsByPath['/v1/chat/completions'] ?? 0;
  };
  const nanoUsd = (usd: number): bigint => BigInt(Math.round(usd * 1e9));
  const sum = (amounts: bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

  it('are all answered, each charged once, and calls that had to be made again are few', async () => {
    const run = `kill-jobs-${randomUUID()}`;
    const tenant = { tenantId: run, headers: { authorization: `Bearer ${await newTenant(running, run)}` } };
    const callsBefore = await callsOfMock();
    const batch = await submit(tenant, run);
    let next = 0;
    const asked: Asked[] = [];
    const client = async (): Promise<void> => {
      while (next < REQUESTS) asked.push(await ask(tenant, run, next++));
    };
    const isBusy = (): boolean => asked.length < REQUESTS;
    const [underLoad] = await Promise.all([killInTurns(isBusy), ...Array.from({ length: CLIENTS }, client)]);
    const url = `${running.url}/v1/batch/${batch.batch_id}`;
    const ended = await untilStatus<Batch>(url, tenant, undefined, PATIENCE_MS);
    expect(ended).toMatchObject({ status: 'completed', counts: { total: ITEMS, succeeded: ITEMS } });
    const lines: BatchLine[] = await linesOf(`${url}/results`, tenant);
    expect(lines.map(({ index }) => index)).toEqual(Array.from({ length: ITEMS }, (_, at) => at));
    expect(asked).toHaveLength(REQUESTS);
    expect(underLoad).toBeGreaterThanOrEqual(3);

    await waitFor(async () => (await ledgerOf(running, run)).requests >= ITEMS + REQUESTS, { timeoutMs: 30_000 });
    const told = sum([...lines.map(({ cost_usd }) => cost_usd), ...asked.map(({ costUsd }) => costUsd)].map(nanoUsd));
    const again = asked.filter(({ tries }) => tries > 1).length;
    const ledger = await ledgerOf(running, run);
    expect(ledger.requests).toBeLessThanOrEqual(ITEMS + REQUESTS + again);
    // Once each: a request that was asked again has the first answer and its price.
    expect(ledger.paidNanoUsd).toBe(told);
    const doubled = (await callsOfMock()) - callsBefore - ITEMS - REQUESTS;
    expect(doubled).toBeGreaterThanOrEqual(0);
    expect(doubled).toBeLessThanOrEqual((VICTIMS.length + 1) * CALLS_LOST_A_KILL);
  });
});
