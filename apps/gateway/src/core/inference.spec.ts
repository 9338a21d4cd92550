import { encodeReply, type ReplyHeader } from '@costlane/contracts';
import { ok } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import { createMemoryTier, type CachedAnswer } from '@costlane/response-store';
import { waitFor } from '@costlane/testing';
import { recordingListener, sampleDecision, sampleRequest } from '../testing/sample-request';
import type { Call } from './call';
import { createCallTable } from './call-table';
import { createInference, type InferenceDeps } from './inference';

const stored: CachedAnswer = {
  header: {
    v: 1,
    form: 'json',
    provider: 'openai',
    modelAsked: 'm',
    modelUsed: 'm-up',
    baselineNanoUsd: 100,
    askedAtMs: Date.now(),
    createdAtMs: Date.now(),
  },
  body: Buffer.from('{}'),
};

function start(own: Partial<InferenceDeps> = {}) {
  const hits: string[] = [];
  const fallbacks: string[] = [];
  const calls = createCallTable({ onExpired: () => undefined });
  const deps = {
    memory: createMemoryTier({ maxEntries: 10, ttlMs: 1_000, maxBytes: 1_000_000 }),
    store: { find: async () => stored },
    breaker: { run: async (operation: () => Promise<unknown>) => ok(await operation()) },
    calls,
    recorder: { hit: ({ requestId }: { requestId: string }) => void hits.push(requestId) },
    sharing: { claim: async () => ({ kind: 'free' }), keepClaim: () => undefined },
    metrics: { ...createMetrics({ service: 'spec' }), fallback: (kind: string) => void fallbacks.push(kind) },
    ...own,
  } as unknown as InferenceDeps;
  return { inference: createInference(deps), hits, fallbacks, calls };
}

describe('a request’s road through the gateway', () => {
  it('goes on for the others when one client cannot be told its answer, and the process with it', async () => {
    const { inference, hits, fallbacks, calls } = start();
    const other = recordingListener();
    const failing = {
      ...recordingListener().listener,
      whole: () => {
        throw new Error('gone');
      },
    };
    inference.answer(sampleRequest({ requestId: 'req_failing' }), sampleDecision, failing);
    inference.answer(sampleRequest({ requestId: 'req_other' }), sampleDecision, other.listener);
    await waitFor(() => fallbacks.length > 0);
    expect(fallbacks).toEqual(['answer_not_told']);
    expect(other.heard).toEqual(['whole json {}']);
    expect(hits).toEqual(['req_other']);
    calls.stop();
  });

  it('of which the worker says that another one pays for it, costs nothing and is put on record by the worker alone', async () => {
    const dispatched: Call[] = [];
    const shared: string[] = [];
    const { inference, calls } = start({
      store: { find: async () => undefined } as unknown as InferenceDeps['store'],
      dispatcher: { dispatch: (call: Call) => void dispatched.push(call) } as unknown as InferenceDeps['dispatcher'],
      recorder: {
        shared: ({ requestId }: { requestId: string }) => void shared.push(requestId),
      } as unknown as InferenceDeps['recorder'],
    });
    const [asked, joined] = [recordingListener(), recordingListener()];
    inference.answer(sampleRequest({ requestId: 'req_asked' }), sampleDecision, asked.listener);
    inference.answer(sampleRequest({ requestId: 'req_joined' }), sampleDecision, joined.listener);
    const call = await waitFor(() => dispatched[0]);
    const header: ReplyHeader = {
      status: 200,
      contentType: 'application/json',
      provider: 'mock',
      modelUsed: 'm-up',
      paidNanoUsd: 0,
      baselineNanoUsd: 100,
      savings: { cache: 100, routing: 0, prefix: 0, batching: 0 },
      upstreamLatencyMs: 1,
      upstreamCalls: 0,
      isShared: true,
    };
    const value = encodeReply(header, Buffer.from('{}'));
    call.take({ kind: 'r', seq: 0, attempt: 'coalesced', requestId: 'req_asked', value });
    for (const { ends } of [asked, joined])
      expect(ends).toMatchObject([{ tier: 'coalesced', paidNanoUsd: 0, savedNanoUsd: 100 }]);
    expect(shared).toEqual(['req_joined']);
    expect(calls.size()).toBe(0);
    calls.stop();
  });

  it.each([
    ['openai', { fingerprint: 'f', similarity: 0.9, probability: 0.8 }],
    // What the mock makes up for two wordings differs always.
    ['mock', undefined],
  ])('of a miss that %s answers is compared with a candidate that was not given: %j', async (provider, audit) => {
    const dispatched: Call[] = [];
    const { inference, calls } = start({
      store: { find: async () => undefined } as unknown as InferenceDeps['store'],
      semantic: { find: async () => ({ audit: { fingerprint: 'f', similarity: 0.9, probability: 0.8 } }) } as never,
      dispatcher: { dispatch: (call: Call) => void dispatched.push(call) } as unknown as InferenceDeps['dispatcher'],
    });
    const decision = { ...sampleDecision, model: { ...sampleDecision.model, provider } };
    const needs = () => ({ question: { text: 'Why?', contextHash: 'c' } });
    inference.answer(sampleRequest({ needs }), decision, recordingListener().listener);
    await waitFor(() => dispatched.length > 0);
    expect(dispatched[0]?.audit).toEqual(audit);
    calls.stop();
  });
});
