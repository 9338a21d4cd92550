import fc from 'fast-check';
import { embedText, waitFor } from '@costlane/testing';
import { createBatchingEmbedder } from './create-batching-embedder';
import { createFakeEmbedder } from './testing/fake-embedder';
import { describeEmbedderContract } from './testing/describe-embedder-contract';

describeEmbedderContract('the fake', () => createFakeEmbedder());
describeEmbedderContract('batching over the fake', () => createBatchingEmbedder(createFakeEmbedder()));

describe('the batching embedder', () => {
  test('gathers the calls of one tick into one, and embeds equal texts once', async () => {
    const inner = createFakeEmbedder();
    const embedder = createBatchingEmbedder(inner);
    const answers = await Promise.all([embedder.embed(['a', 'b']), embedder.embed(['b']), embedder.embed(['c', 'a'])]);
    expect(inner.calls).toEqual([['a', 'b', 'c']]);
    expect(answers.map((vectors) => vectors.length)).toEqual([2, 1, 2]);
    expect(answers[1]?.[0]).toEqual(answers[0]?.[1]);
  });

  test('gathers what comes while as many calls as allowed are on their way', async () => {
    const inner = createFakeEmbedder();
    const release = inner.hold();
    const embedder = createBatchingEmbedder(inner, { concurrency: 1 });
    const first = embedder.embed(['first']);
    await waitFor(() => inner.calls.length === 1, { timeoutMs: 2_000 });
    const later = ['x', 'y', 'z'].map((text) => embedder.embed([text]));
    await new Promise((resolve) => setImmediate(resolve));
    expect(inner.calls).toHaveLength(1);
    release();
    await Promise.all([first, ...later]);
    expect(inner.calls).toEqual([['first'], ['x', 'y', 'z']]);
  });

  test('never gives the inner embedder more texts than a batch holds', async () => {
    const inner = createFakeEmbedder();
    const embedder = createBatchingEmbedder(inner, { maxBatch: 8 });
    await embedder.embed(Array.from({ length: 30 }, (_, i) => `t${i}`));
    expect(inner.calls.map((texts) => texts.length)).toEqual([8, 8, 8, 6]);
  });

  test('refuses with overloaded what does not fit into the queue, and takes texts again when there is room', async () => {
    const inner = createFakeEmbedder();
    const release = inner.hold();
    const embedder = createBatchingEmbedder(inner, { concurrency: 1, maxQueue: 2 });
    const running = embedder.embed(['running']);
    await waitFor(() => inner.calls.length === 1, { timeoutMs: 2_000 });
    const waiting = embedder.embed(['1', '2']);
    await expect(embedder.embed(['3'])).rejects.toMatchObject({ code: 'overloaded' });
    release();
    await Promise.all([running, waiting]);
    expect(await embedder.embed(['4'])).toHaveLength(1);
  });

  test('rejects at the deadline, and lets the work go on for others', async () => {
    const inner = createFakeEmbedder();
    const release = inner.hold();
    const embedder = createBatchingEmbedder(inner);
    const patient = embedder.embed(['a']);
    await expect(embedder.embed(['a'], { deadlineAtMs: Date.now() + 30 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    release();
    expect(await patient).toHaveLength(1);
    expect(inner.calls).toEqual([['a']]);
  });

  test('leaves out waiting texts whose caller has given up', async () => {
    const inner = createFakeEmbedder();
    const release = inner.hold();
    const embedder = createBatchingEmbedder(inner, { concurrency: 1 });
    const running = embedder.embed(['running']);
    await waitFor(() => inner.calls.length === 1, { timeoutMs: 2_000 });
    const controller = new AbortController();
    const given = embedder.embed(['given up'], { signal: controller.signal });
    const wanted = embedder.embed(['wanted']);
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'cancelled' });
    release();
    await Promise.all([running, wanted]);
    expect(inner.calls).toEqual([['running'], ['wanted']]);
  });
});

describe('the batching embedder, when the inner one fails', () => {
  test('tells every caller of the batch, and goes on with the next one', async () => {
    const inner = createFakeEmbedder();
    const release = inner.hold();
    const embedder = createBatchingEmbedder(inner);
    const calls = [embedder.embed(['a']), embedder.embed(['b'])];
    const outcomes = Promise.allSettled(calls);
    await waitFor(() => inner.calls.length === 1, { timeoutMs: 2_000 });
    release(new Error('broken'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await embedder.embed(['c'])).toHaveLength(1);
  });

  test('drops what still waits of a call that has failed', async () => {
    const inner = createFakeEmbedder();
    const release = inner.hold();
    const embedder = createBatchingEmbedder(inner, { maxBatch: 2, concurrency: 1 });
    const long = embedder.embed(['1', '2', '3', '4']);
    await waitFor(() => inner.calls.length === 1, { timeoutMs: 2_000 });
    release(new Error('broken'));
    await expect(long).rejects.toThrow('broken');
    await embedder.embed(['5']);
    expect(inner.calls).toEqual([['1', '2'], ['5']]);
  });

  test('close refuses those who wait', async () => {
    const inner = createFakeEmbedder();
    inner.hold();
    const embedder = createBatchingEmbedder(inner, { concurrency: 1 });
    void embedder.embed(['running']).catch(() => undefined);
    await waitFor(() => inner.calls.length === 1, { timeoutMs: 2_000 });
    const waiting = embedder.embed(['waiting']);
    await embedder.close();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    await expect(inner.embed(['x'])).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('whatever the calls and the bounds, each caller gets its own vectors in its own order', async () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const property = fc.asyncProperty(
    fc.array(fc.array(word, { maxLength: 7 }), { maxLength: 6 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 3 }),
    async (calls, maxBatch, concurrency) => {
      const embedder = createBatchingEmbedder(createFakeEmbedder(), { maxBatch, concurrency });
      const answers = await Promise.all(calls.map((texts) => embedder.embed(texts)));
      expect(answers).toEqual(calls.map((texts) => texts.map((text) => embedText(text, 64))));
    },
  );
  await fc.assert(property, { numRuns: 100 });
});
