import { randomUUID } from 'node:crypto';
import { waitFor, type Stats } from '@costlane/testing';
import { counterOf, startExtraService, type ExtraService } from '../support/extra-service';
import { pause } from '../support/hold-to-its-word';
import { ask, nanoUsdOf, type Ending } from '../support/load';
import { ledgerOf, newTenant, stackUnderTest, type Stack } from '../support/stack';

const stack = stackUnderTest();
const describeStack = stack ? describe : describe.skip;
const SHARED = 'costlane_gateway_shared_calls_total';

/** What the last events of a stream say of its cost. */
interface Told {
  cost_usd: string;
  cache: string;
}

describeStack('a system with two gateways', () => {
  const running = stack as Stack;
  let second: ExtraService;
  jest.setTimeout(120_000);

  beforeEach(async () => {
    second = await startExtraService('gateway');
  });
  afterEach(() => second.remove());

  const eventsOf = ({ body }: Ending): Record<string, unknown>[] =>
    body
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice('data: '.length)) as Record<string, unknown>);
  const textOf = (ending: Ending): string =>
    eventsOf(ending)
      .map((event) => (event['choices'] as { delta?: { content?: string } }[] | undefined)?.[0]?.delta?.content ?? '')
      .join('');
  const toldBy = (ending: Ending): Told => eventsOf(ending).find((event) => event['costlane'])?.['costlane'] as Told;
  const upstreamCalls = async (endings: Ending[]): Promise<number> => {
    const { callsByRequestId } = (await (await fetch(`${running.mockUrl}/mock/stats`)).json()) as Stats;
    return endings.reduce((sum, { requestId }) => sum + (callsByRequestId[requestId ?? ''] ?? 0), 0);
  };
  const askBoth = async (tenant: string, count: number, prompt: string): Promise<Ending[]> => {
    const apiKey = await newTenant(running, tenant);
    const asked: Promise<Ending>[] = [];
    for (let n = 0; n < count; n++) {
      const url = n % 2 === 0 ? running.url : second.url;
      asked.push(ask(url, apiKey, prompt, { stream: true, deadlineMs: 30_000 }));
      // Some come before the first token, most while the stream is running.
      await pause(30);
    }
    return Promise.all(asked);
  };

  it('asks the provider once for fifty streamed requests that ask the same at both, and each gets the whole text', async () => {
    const tenant = `shared-${randomUUID()}`;
    const endings = await askBoth(tenant, 50, `[[mock: chunks=60; chunkIntervalMs=80]] ${tenant}`);
    const texts = new Set(endings.map(textOf));
    expect([texts.size, endings.filter(({ status }) => status !== 200)]).toEqual([1, []]);
    expect([...texts][0]?.length).toBeGreaterThan(60);
    expect(await upstreamCalls(endings)).toBe(1);
    const told = endings.map(toldBy);
    expect(told.filter(({ cache }) => cache === 'miss')).toHaveLength(1);
    expect(told.filter(({ cache }) => cache === 'coalesced')).toHaveLength(49);
    const paid = told.map(({ cost_usd }) => nanoUsdOf(cost_usd)).filter((nanoUsd) => nanoUsd > 0n);
    expect(paid).toHaveLength(1);
    await waitFor(async () => (await ledgerOf(running, tenant)).requests >= 50, { timeoutMs: 30_000 });
    expect(await ledgerOf(running, tenant)).toEqual({ requests: 50, paidNanoUsd: paid[0], duplicates: 0 });
  });

  it('answers those who wait at one gateway for a call of the other when that is killed', async () => {
    const tenant = `shared-killed-${randomUUID()}`;
    const apiKey = await newTenant(running, tenant);
    const prompt = `[[mock: latencyMs=4000]] ${tenant}`;
    const followed = await counterOf(running.url, SHARED);
    const lost = ask(second.url, apiKey, prompt, { stream: true, deadlineMs: 30_000 });
    await waitFor(async () => {
      const { inFlight } = (await (await fetch(`${running.mockUrl}/mock/stats`)).json()) as Stats;
      return inFlight > 0;
    });
    const waiting = ask(running.url, apiKey, prompt, { stream: true, deadlineMs: 30_000 });
    await waitFor(async () => (await counterOf(running.url, SHARED)) > followed);
    await second.kill();
    expect((await lost).isUnanswered).toBe(true);
    const answered = await waiting;
    expect([answered.status, toldBy(answered).cache]).toEqual([200, 'miss']);
    expect(textOf(answered).length).toBeGreaterThan(0);
  });
});
