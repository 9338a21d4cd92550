import { waitFor } from '../wait-for';
import { BoundedCounter } from './bounded-counter';
import { startMockLlm, type MockLlm } from './create-mock-llm';
import { hashBody } from './hash-text';
import type { Stats } from './mock-state';
import { chatBody, chatPath, postJson } from './post-json';
import { PromptCache } from './prompt-cache';

describe('statistics of the mock LLM', () => {
  let mock: MockLlm;

  beforeAll(async () => {
    mock = await startMockLlm();
  });
  afterAll(() => mock.close());
  beforeEach(() => mock.state.resetStats());

  const stats = async () => (await (await fetch(`${mock.url}/mock/stats`)).json()) as Stats;

  it('counts calls per path, status, body and request id', async () => {
    const body = JSON.stringify(chatBody('count me'));
    const headers = { 'x-request-id': 'request-7' };
    for (let i = 0; i < 2; i += 1) await (await postJson(mock.url, chatPath, body, { headers })).text();
    await (await postJson(mock.url, '/v1/embeddings', { model: 'e', input: '[[mock: status=503]]' })).text();
    const counted = await stats();
    expect(counted.totalCalls).toBe(3);
    expect(counted.callsByPath).toEqual({ [chatPath]: 2, '/v1/embeddings': 1 });
    expect(counted.callsByStatus).toEqual({ 200: 2, 503: 1 });
    expect(counted.callsByBodyHash[hashBody(body)]).toBe(2);
    expect(counted.callsByRequestId).toEqual({ 'request-7': 2 });
    await waitFor(async () => (await stats()).inFlight === 0);
  });

  it('counts the calls in flight and the most there were', async () => {
    const calls = [1, 2, 3].map((i) => postJson(mock.url, chatPath, chatBody(`[[mock: latencyMs=100]] ${i}`)));
    await waitFor(() => mock.state.stats().inFlight === 3);
    for (const response of await Promise.all(calls)) await response.text();
    await waitFor(() => mock.state.stats().inFlight === 0);
    expect((await stats()).maxInFlight).toBe(3);
  });

  it('sees within 250 ms that a client left a stream, and tells when and how far the stream was', async () => {
    const controller = new AbortController();
    const body = chatBody('[[mock: chunkIntervalMs=20; chunks=1000; outputTokens=1000]]', { stream: true });
    const options = { signal: controller.signal, headers: { 'x-request-id': 'leaver' } };
    const response = await postJson(mock.url, chatPath, body, options);
    await response.body?.getReader().read();
    const leftAtMs = Date.now();
    controller.abort();
    await waitFor(() => mock.state.stats().abortedByClient === 1, { timeoutMs: 2_000 });
    const [abort] = (await stats()).lastAborts;
    expect(abort).toMatchObject({ path: chatPath, requestId: 'leaver', bodyHash: hashBody(JSON.stringify(body)) });
    expect((abort?.atMs ?? Infinity) - leftAtMs).toBeLessThan(250);
    expect(abort?.startedAtMs).toBeLessThanOrEqual(abort?.atMs ?? 0);
    expect(abort?.chunksSent).toBeLessThan(1_000);
    expect(mock.state.stats().inFlight).toBe(0);
  });

  it('sees that a client left during the wait before the answer', async () => {
    const signal = AbortSignal.timeout(50);
    await expect(postJson(mock.url, chatPath, chatBody('[[mock: latencyMs=60000]]'), { signal })).rejects.toThrow();
    await waitFor(() => mock.state.stats().abortedByClient === 1, { timeoutMs: 2_000 });
  });

  it('forgets everything on reset', async () => {
    await (await postJson(mock.url, chatPath, chatBody('forget me'))).text();
    await waitFor(() => mock.state.stats().inFlight === 0);
    const reset = await fetch(`${mock.url}/mock/stats/reset`, { method: 'POST' });
    expect(await reset.json()).toMatchObject({ totalCalls: 0, callsByPath: {}, callsByBodyHash: {}, maxInFlight: 0 });
  });
});

describe('bounds of the mock LLM', () => {
  it('keeps at most so many counters, and drops those that were not counted for longest', () => {
    const counter = new BoundedCounter<string>(4);
    for (const key of ['a', 'b', 'b', 'c', 'a', 'd']) counter.increment(key);
    expect(counter.toRecord()).toEqual({ c: 1, a: 2, d: 1 });
    for (let i = 0; i < 100; i += 1) counter.increment(`key ${i}`);
    expect(Object.keys(counter.toRecord()).length).toBeLessThanOrEqual(4);
  });

  it('keeps at most so many prompt prefixes, and drops those that were not used for longest', () => {
    const prompt = (start: number) => Array.from({ length: 9 }, (_, i) => start + i);
    const cache = new PromptCache(8);
    for (const start of [0, 100, 0, 200]) cache.lookUpAndRemember(prompt(start));
    expect(cache.lookUpAndRemember(prompt(0))).toBe(9 * 128);
    for (const start of [300, 400, 500, 600]) cache.lookUpAndRemember(prompt(start));
    expect(cache.size).toBeLessThanOrEqual(8);
    expect(cache.lookUpAndRemember(prompt(0))).toBe(0);
  });
});
