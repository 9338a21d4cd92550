import { Cancellation } from '@costlane/resilience';
import type { ProviderRequest } from '../provider';
import type { ProviderConfig } from '../provider-config';
import { createCollectingSink } from '../testing/collecting-sink';
import { Hedging } from './hedging';
import { ModelState } from './model-state';
import { answers, createFakeProvider, fails, type Answer, type FakeDeployments } from './testing/fake-provider';

const express = { stream: true, priority: 'express' } as const;

/** A provider that has answered `usualMs` after each of 60 streams, so that hedges are known when to start. */
async function warmedUp(deployments: FakeDeployments, config: Partial<ProviderConfig> = {}, usualMs = 300) {
  const provider = createFakeProvider(deployments, { hedge: { maxShare: 0.05 }, ...config });
  const names = Object.keys(deployments);
  for (const name of names) provider.setAnswer(name, answers(name, usualMs));
  for (let i = 0; i < 60; i++) await advanced(provider.call({ stream: true, priority: 'standard' }));
  for (const name of names) {
    const given = deployments[name];
    if (given) provider.setAnswer(name, typeof given === 'function' ? given : given.answer);
  }
  provider.calls.length = 0;
  return provider;
}

/** The outcome, with the clock moved on until it is there. */
async function advanced<T>(pending: Promise<T>): Promise<T> {
  let isDone = false;
  const done = pending.finally(() => (isDone = true));
  while (!isDone) await jest.advanceTimersByTimeAsync(10);
  return done;
}

const streamOf = async (
  provider: Awaited<ReturnType<typeof warmedUp>>,
  request: Partial<ProviderRequest> = express,
) => {
  const sink = createCollectingSink();
  const outcome = await advanced(provider.call(request, sink));
  return { outcome, sink, text: sink.text() };
};

describe('hedging', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  it('asks another deployment when the first token is late, takes the faster one and ends the other', async () => {
    const provider = await warmedUp({ a: answers('a', 5_000), b: answers('b', 100) });
    const { outcome, sink, text } = await streamOf(provider);
    expect(text).toBe('b');
    expect(sink.heads).toHaveLength(1);
    expect(outcome).toMatchObject({ ok: true, modelUsed: 'b', upstreamCalls: 2 });
    expect(provider.asked()).toEqual(['a', 'b']);
    const [first, second] = provider.calls;
    const delayMs = (second?.atMs ?? 0) - (first?.atMs ?? 0);
    expect(delayMs).toBeGreaterThanOrEqual(290);
    expect(delayMs).toBeLessThanOrEqual(350);
    expect(first?.request.signal.aborted).toBe(true);
    expect(provider.counts).toMatchObject({ 'hedge won': 1 });
  });

  it('puts both attempts on the account: the prompt of the slower one may be charged', async () => {
    const provider = await warmedUp({ a: answers('a', 5_000), b: answers('b', 100) });
    const { outcome } = await streamOf(provider, { ...express, body: Buffer.alloc(4_000, 'x') });
    expect(outcome.otherLegs).toEqual([
      {
        reason: 'hedge',
        deployment: 'a',
        usage: expect.objectContaining({ freshInputTokens: 1_000, outputTokens: 0 }),
        usageSource: 'estimated',
        latencyMs: expect.any(Number),
        errorCode: 'cancelled',
      },
    ]);
  });

  it('goes on with the first attempt when that is the faster one after all', async () => {
    const provider = await warmedUp({ a: answers('a', 400), b: answers('b', 5_000) });
    const { outcome, text } = await streamOf(provider);
    expect(text).toBe('a');
    expect(outcome).toMatchObject({ ok: true, modelUsed: 'a', otherLegs: [{ reason: 'hedge', deployment: 'b' }] });
    expect(provider.calls[1]?.request.signal.aborted).toBe(true);
    expect(provider.counts).toMatchObject({ 'hedge lost': 1 });
  });

  it('lets nothing of the loser reach the client, even if it delivers after it has lost', async () => {
    const stubborn: Answer = async (request, sink, context) => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      sink.head({ status: 200, contentType: 'text/event-stream' });
      sink.chunk(Buffer.from('too late'));
      return answers('a')({ ...request, stream: false }, sink, context);
    };
    const provider = await warmedUp({ a: stubborn, b: answers('b', 100) });
    const { outcome, sink, text } = await streamOf(provider);
    expect(text).toBe('b');
    expect(sink.heads).toHaveLength(1);
    expect(outcome).toMatchObject({ modelUsed: 'b', otherLegs: [{ usageSource: 'provider' }] });
  });

  it('uses the same deployment where there is one only, and not where it has no room', async () => {
    const provider = await warmedUp({ a: answers('a', 1_000) });
    await streamOf(provider);
    expect(provider.asked()).toEqual(['a', 'a']);
    const full = await warmedUp({ a: answers('a', 1_000) }, { concurrency: { initialLimit: 1, maxLimit: 1 } });
    await streamOf(full);
    expect(full.asked()).toEqual(['a']);
  });

  it('goes on with the hedge when the first attempt fails meanwhile, and the other way round', async () => {
    const failsLater: Answer = async (...call) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return fails('upstream_error', { status: 500 })(...call);
    };
    const first = await warmedUp({ a: failsLater, b: answers('b', 800) });
    expect(await streamOf(first)).toMatchObject({ text: 'b', outcome: { ok: true, otherLegs: [{ deployment: 'a' }] } });
    const second = await warmedUp({ a: answers('a', 800), b: fails('upstream_error', { status: 500 }) });
    expect(await streamOf(second)).toMatchObject({
      text: 'a',
      outcome: { ok: true, otherLegs: [{ deployment: 'b' }] },
    });
  });

  it('is one of the two attempts: when both fail there is no third', async () => {
    const failsLater: Answer = async (...call) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return fails('upstream_error', { status: 500 })(...call);
    };
    const provider = await warmedUp({ a: failsLater, b: failsLater });
    expect((await streamOf(provider)).outcome).toMatchObject({ ok: false, upstreamCalls: 2 });
    expect(provider.counts).toMatchObject({ 'hedge failed': 1 });
  });

  it('ends both attempts when the client leaves', async () => {
    const provider = await warmedUp({ a: answers('a', 5_000), b: answers('b', 5_000) });
    const client = new Cancellation();
    const pending = provider.call({ ...express, signal: client });
    await jest.advanceTimersByTimeAsync(600);
    expect(provider.asked()).toEqual(['a', 'b']);
    client.abort();
    expect(await advanced(pending)).toMatchObject({ ok: false, error: { code: 'cancelled' }, upstreamCalls: 2 });
    expect(provider.calls.every(({ request }) => request.signal.aborted)).toBe(true);
    expect(provider.adapter.health()[0]).toMatchObject({ inFlight: 0 });
  });

  it.each([
    ['batch work', { stream: true, priority: 'batch' }],
    ['priorities that it is not switched on for', { stream: true, priority: 'standard' }],
    ['answers that are not streamed', { stream: false, priority: 'express' }],
  ] as const)('is not done for %s', async (_what, request) => {
    const hedge = { maxShare: 0.5, priorities: ['express', 'batch'] as const };
    const provider = await warmedUp({ a: answers('a', 2_000), b: answers('b') }, { hedge });
    await streamOf(provider, request);
    expect(provider.asked()).toHaveLength(1);
  });

  it('is not done where the deadline leaves no time, nor before enough is known', async () => {
    const provider = await warmedUp({ a: answers('a', 700), b: answers('b') });
    await streamOf(provider, { ...express, deadlineAtMs: Date.now() + 500 });
    expect(provider.asked()).toHaveLength(1);
    const fresh = createFakeProvider({ a: answers('a', 2_000), b: answers('b') });
    await advanced(fresh.call(express));
    expect(fresh.asked()).toHaveLength(1);
  });

  it('waits 200 ms at the least', async () => {
    const provider = await warmedUp({ a: answers('a', 1_000), b: answers('b') }, {}, 20);
    await streamOf(provider);
    const [first, second] = provider.calls;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(200);
  });

  it('is done for no more than its share of the requests', async () => {
    const provider = await warmedUp({ a: answers('a', 300), b: answers('b', 300) }, { hedge: { maxShare: 0.02 } });
    const slow = answers('slow', 3_000);
    provider.setAnswer('a', slow);
    provider.setAnswer('b', slow);
    for (let i = 0; i < 200; i++) await advanced(provider.call(express));
    const hedges = provider.calls.length - 200;
    // 260 requests came by, and the late ones move the 95th percentile away from themselves.
    expect(hedges).toBeGreaterThanOrEqual(1);
    expect(hedges).toBeLessThanOrEqual(5);
  });

  it('keeps its measure: attempts that were left count as at least as long as they ran', async () => {
    const provider = await warmedUp({ a: answers('a', 5_000), b: answers('b', 1) }, { hedge: { maxShare: 0.5 } });
    const before = provider.adapter.health()[0]?.firstTokenP50Ms ?? 0;
    for (let i = 0; i < 10; i++) await streamOf(provider);
    expect(provider.adapter.health()[0]?.firstTokenP50Ms).toBeGreaterThanOrEqual(before);
  });
});

describe('Hedging', () => {
  it('is switched off by no priorities or no share', () => {
    const state = new ModelState('m', []);
    for (let i = 0; i < 100; i++) state.firstToken.add(300);
    const request = { ...express, deadlineAtMs: 60_000 } as ProviderRequest;
    expect(new Hedging().delayMs(request, state, 0)).toBeGreaterThan(290);
    expect(new Hedging({ priorities: [] }).delayMs(request, state, 0)).toBeUndefined();
    const none = new Hedging({ maxShare: 0 });
    for (let i = 0; i < 1_000; i++) none.earn();
    expect(none.trySpend()).toBe(false);
  });
});
