import { randomUUID } from 'node:crypto';
import { waitFor } from '@costlane/testing';
import { ask } from '../support/load';
import { ledgerOf, newTenant, stackUnderTest, type Stack } from '../support/stack';

const stack = stackUnderTest();
const describeStack = stack ? describe : describe.skip;

const errorOf = (body: string): { code: string; message: string; type: string } =>
  (JSON.parse(body) as { error: { code: string; message: string; type: string } }).error;

interface MockStats {
  abortedByClient: number;
}

describeStack('a provider that fails', () => {
  const running = stack as Stack;
  let apiKey = '';
  const tenantId = `upstream-${randomUUID()}`;
  beforeAll(async () => {
    apiKey = await newTenant(running, tenantId);
  });
  // A model for each kind of failure: what fails several times in a row is given a rest, and must not take others with it.
  const failing = (model: string, directive: string, options: Parameters<typeof ask>[3] = {}) =>
    ask(running.url, apiKey, `[[mock: ${directive}]] ${randomUUID()}`, { ...options, model });

  it('that never answers gives 504 at the deadline', async () => {
    const ending = await failing('gpt-4o', 'hang=1', { deadlineMs: 600 });
    expect(ending.status).toBe(504);
    expect(ending.latencyMs).toBeLessThan(1_000);
    expect(['deadline_exceeded', 'upstream_timeout']).toContain(errorOf(ending.body).code);
  });

  it('with a rate limit gives 429 and says when to come back', async () => {
    const response = await fetch(`${running.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({
        model: 'gpt-4-turbo',
        messages: [{ role: 'user', content: `[[mock: status=429; retryAfter=7]] ${randomUUID()}` }],
      }),
    });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(6);
    expect(((await response.json()) as { error: { code: string } }).error.code).not.toBe('');
  });

  it('with a 500 once is asked again, and answers', async () => {
    const ending = await failing('gpt-4.1', 'status=500; failTimes=1');
    expect(ending.status).toBe(200);
  });

  it('with a lasting 500 gives a clear 502', async () => {
    const ending = await failing('gpt-4.1-mini', 'status=500');
    expect(ending.status).toBe(502);
    expect(errorOf(ending.body).type).toBe('server_error');
  });

  it('with malformed JSON gives 502, never a success', async () => {
    const ending = await failing('gpt-4.1-nano', 'malformed=1');
    expect(ending.status).toBe(502);
    expect(errorOf(ending.body).code).toBe('upstream_malformed');
  });

  it('that cuts a stream off ends it with an error event, and the delivered part is costed as an estimate', async () => {
    const own = `cut-${randomUUID()}`;
    const key = await newTenant(running, own);
    const ending = await ask(running.url, key, `[[mock: cutAfter=10; chunks=20]] ${randomUUID()}`, {
      stream: true,
      model: 'gpt-3.5-turbo',
    });
    expect(ending.status).toBe(200);
    expect(ending.body).toContain('stream_interrupted');
    expect(ending.body).not.toContain('[DONE]');
    await waitFor(async () => (await ledgerOf(running, own)).requests === 1, { timeoutMs: 10_000 });
    expect((await ledgerOf(running, own)).paidNanoUsd).toBeGreaterThan(0n);
  });

  it('is told within 250 ms when the client has gone in mid-stream', async () => {
    const before = await mockStats();
    const controller = new AbortController();
    const pending = ask(running.url, apiKey, `[[mock: chunks=200; chunkIntervalMs=50]] ${randomUUID()}`, {
      stream: true,
      signal: controller.signal,
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const leftAt = Date.now();
    controller.abort();
    await pending;
    await waitFor(async () => (await mockStats()).abortedByClient > before.abortedByClient, { timeoutMs: 2_000 });
    expect(Date.now() - leftAt).toBeLessThan(350);
  });

  it('is asked once for identical requests in flight, and the others get their answer when the first has gone', async () => {
    const prompt = `[[mock: latencyMs=600]] ${randomUUID()}`;
    const controller = new AbortController();
    const first = ask(running.url, apiKey, prompt, { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = ask(running.url, apiKey, prompt);
    await new Promise((resolve) => setTimeout(resolve, 100));
    controller.abort();
    expect((await first).isUnanswered).toBe(true);
    const ending = await second;
    expect(ending.status).toBe(200);
    expect(ending.costUsd).toBe('0.000000000');
  });

  async function mockStats(): Promise<MockStats> {
    return (await (await fetch(`${running.mockUrl}/mock/stats`)).json()) as MockStats;
  }
});
