import { ok } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import { createMemoryTier, type CachedAnswer } from '@costlane/response-store';
import { waitFor } from '@costlane/testing';
import { recordingListener, sampleDecision, sampleRequest } from '../testing/sample-request';
import { createCallTable } from './call-table';
import { createInference, type InferenceDeps } from './inference';
import type { InferenceRequest } from './inference-request';
import { createKnownLikeness } from './known-likeness';

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
  body: Buffer.from('{"like":true}'),
};

const hit = { fingerprint: 'of-the-stored-question', similarity: 0.95, probability: 0.99, isAudited: true };

function setUp() {
  const recorded: unknown[] = [];
  const kept: unknown[][] = [];
  let lookUps = 0;
  let reads = 0;
  const memory = createMemoryTier({ maxEntries: 10, ttlMs: 60_000, maxBytes: 1_000_000 });
  const calls = createCallTable({ onExpired: () => undefined });
  const redis = { set: (...args: unknown[]) => (kept.push(args), Promise.resolve('OK')) };
  const deps = {
    memory,
    store: {
      find: async (_tenantId: string, fingerprint: string) => {
        reads++;
        return fingerprint === hit.fingerprint ? stored : undefined;
      },
      used: () => undefined,
    },
    breaker: { run: async (operation: () => Promise<unknown>) => ok(await operation()) },
    calls,
    semantic: { find: async () => (lookUps++, { hit }) },
    likeness: createKnownLikeness({ redis: redis as never, maxEntries: 10, ttlMs: 60_000 }),
    dispatcher: { dispatch: () => undefined, audit: () => undefined },
    recorder: {
      hit: ({ requestId }: InferenceRequest, _d: unknown, _h: unknown, tier: string, similarity: number) =>
        void recorded.push({ requestId, tier, similarity }),
    },
    sharing: { claim: async () => ({ kind: 'free' }), keepClaim: () => undefined },
    metrics: { ...createMetrics({ service: 'spec' }), fallback: () => undefined },
  } as unknown as InferenceDeps;
  const inference = createInference(deps);
  const needs = () => ({ question: { text: 'Why?', contextHash: 'c' } });
  const ask = async (over: Partial<InferenceRequest>): Promise<string[]> => {
    const { listener, heard } = recordingListener();
    const request = sampleRequest({ needs, fingerprint: 'of-this-wording', useSemanticCache: true, ...over });
    inference.answer(request, sampleDecision, listener);
    if (over.minSimilarity === undefined) await waitFor(() => heard.length > 0);
    return heard;
  };
  return { ask, memory, recorded, kept, counts: () => ({ lookUps, reads }), stop: () => calls.stop() };
}

describe('a wording that was found to be like another one', () => {
  it('is answered from memory when it comes again, as a semantic hit that feedback finds', async () => {
    const { ask, recorded, kept, counts, stop } = setUp();
    expect(await ask({ requestId: 'req_1' })).toEqual(['whole json {"like":true}']);
    const before = counts();
    expect(await ask({ requestId: 'req_2' })).toEqual(['whole json {"like":true}']);
    expect(counts()).toEqual(before);
    expect(recorded).toEqual([
      { requestId: 'req_1', tier: 'semantic', similarity: 0.95 },
      { requestId: 'req_2', tier: 'semantic', similarity: 0.95 },
    ]);
    // The cache service keeps the first; the second it never heard of.
    expect(kept).toEqual([
      [
        expect.stringContaining('req_2'),
        JSON.stringify({ fingerprint: hit.fingerprint, similarity: 0.95, probability: 0.99 }),
        'EX',
        expect.any(Number),
      ],
    ]);
    stop();
  });

  it('is looked up again once the answer is invalidated, for another tenant, and where more likeness is asked for', async () => {
    const { ask, memory, counts, stop } = setUp();
    await ask({});
    expect(counts().lookUps).toBe(1);
    await ask({ caller: { ...sampleRequest({}).caller, tenantId: 'other' } });
    expect(counts().lookUps).toBe(2);
    await ask({ minSimilarity: 0.99 });
    await waitFor(() => counts().lookUps === 3);
    const { tenantId } = sampleRequest({}).caller;
    memory.invalidate({ kind: 'cache', tenantId, key: hit.fingerprint });
    void ask({ minSimilarity: 0.9 });
    await waitFor(() => counts().lookUps === 4);
    stop();
  });

  it('is not served to a request that does without the semantic cache', async () => {
    const { ask, counts, stop } = setUp();
    await ask({});
    void ask({ useSemanticCache: false, minSimilarity: 0 });
    await waitFor(() => counts().reads > 2);
    expect(counts().lookUps).toBe(1);
    stop();
  });
});
