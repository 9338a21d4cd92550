import type { BatchItemResult } from '../provider-batches';
import { MINUTE_MS, type BatchTools } from './batches-under-test';

/** What can be known of a batch, and read of it. For specs only. */
export function describeBatchResults(tools: BatchTools): void {
  describeAnswers(tools);
  describeEnds(tools);
  describeTroubleWithResults(tools);
}

function describeAnswers({ under, batches, submitted, resultsOf, behave, mock }: BatchTools): void {
  it('answers each item once, in its dialect, with its usage and the tier that is to be paid', async () => {
    const id = await submitted('Name a river.', 'Name a lake.', 'Name a sea.');
    expect(await batches().status(id)).toMatchObject({
      providerBatchId: id,
      state: 'completed',
      counts: { total: 3, completed: 3, failed: 0 },
      hasResults: true,
    });
    const results = await resultsOf(id);
    expect(results.map(({ customId }) => customId)).toEqual(['item-0', 'item-1', 'item-2']);
    for (const { outcome } of results) {
      expect(outcome).toMatchObject({
        ok: true,
        serviceTier: 'batch',
        usageSource: 'provider',
        finishReason: 'stop',
        isCacheable: true,
      });
      expect(outcome.usage?.freshInputTokens).toBeGreaterThan(0);
      expect(outcome.usage?.outputTokens).toBeGreaterThan(0);
      expect(outcome.body && under.textOf(outcome.body)).toEqual(expect.stringMatching(/\w/));
    }
  });

  it('knows when a batch expires, and has no results of one that goes on', async () => {
    behave({ delayMs: MINUTE_MS });
    const id = await submitted('Name a river.');
    const status = await batches().status(id);
    expect(status).toMatchObject({ state: 'in_progress', hasResults: false });
    expect(Number(status.expiresAtMs) - Number(status.createdAtMs)).toBe(24 * 60 * MINUTE_MS);
    await expect(resultsOf(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('gives each item its own error beside the answers of the others', async () => {
    const id = await submitted(
      'Name a river.',
      '[[mock: errorType=content_policy_violation]]',
      '[[mock: errorType=rate_limit_exceeded]]',
      '[[mock: errorType=insufficient_quota]]',
      '[[mock: errorType=context_length_exceeded]]',
    );
    const outcomes = (await resultsOf(id)).map(({ outcome }) => outcome);
    expect(outcomes.map((outcome) => (outcome.ok ? 'answered' : outcome.error.code))).toEqual([
      'answered',
      'upstream_rejected',
      'upstream_rate_limited',
      'upstream_quota_exhausted',
      'context_length_exceeded',
    ]);
    expect(outcomes.map((outcome) => !outcome.ok && outcome.isRetryable)).toEqual([false, false, true, false, false]);
    expect(outcomes.slice(1).every(({ usageSource }) => usageSource === 'none')).toBe(true);
    expect((await batches().status(id)).counts).toEqual({ total: 5, completed: 1, failed: 4 });
  });

  it('asks again when a poll fails for a moment, and not when the key is wrong', async () => {
    const id = await submitted('Name a river.');
    behave({ status: 503, failTimes: 2 });
    expect(await batches().status(id)).toMatchObject({ state: 'completed' });
    mock().state.resetStats();
    behave({ status: 401, failTimes: 1 });
    await expect(batches().status(id)).rejects.toMatchObject({ code: 'upstream_auth_failed' });
    expect(mock().state.stats().totalCalls).toBe(1);
  });
}

function describeEnds({ batches, submitted, resultsOf, behave }: BatchTools): void {
  const reasons = (results: BatchItemResult[]) =>
    results.map(({ outcome }) => (outcome.ok ? 'answered' : outcome.reason));

  it('has the answers that an expired batch came to, and says of the others that they were not answered', async () => {
    behave({ endsAs: 'expired', answered: 1 });
    const id = await submitted('Name a river.', 'Name a lake.', 'Name a sea.');
    expect(await batches().status(id)).toMatchObject({ state: 'expired', hasResults: true });
    const results = await resultsOf(id);
    expect(reasons(results)).toEqual(['answered', 'expired', 'expired']);
    expect(results[1]?.outcome).toMatchObject({ ok: false, isRetryable: true, usageSource: 'none' });
  });

  it('cancels, and has the answers that there were by then', async () => {
    behave({ delayMs: MINUTE_MS, answered: 1 });
    const id = await submitted('Name a river.', 'Name a lake.');
    expect(await batches().cancel(id)).toMatchObject({ state: 'cancelling' });
    expect(await batches().status(id)).toMatchObject({ state: 'cancelled' });
    const results = await resultsOf(id);
    expect(reasons(results)).toEqual(['answered', 'cancelled']);
    expect(results[1]?.outcome).toMatchObject({ ok: false, isRetryable: false, error: { code: 'cancelled' } });
  });

  it('leaves a batch that has ended as it is when it is cancelled', async () => {
    const id = await submitted('Name a river.');
    expect(await batches().status(id)).toMatchObject({ state: 'completed' });
    expect(await batches().cancel(id)).toMatchObject({ state: 'completed' });
  });

  it('says of a batch that nobody knows that it is not found, and asks nobody about what is no id', async () => {
    for (const id of ['batch_1', '../files', 'a?b', '']) {
      await expect(batches().status(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(batches().cancel(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(resultsOf(id)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
}

function describeTroubleWithResults({ submitted, resultsOf, behave, mock, batches, under }: BatchTools): void {
  const texts = Array.from({ length: 6 }, (_, index) => `Name river ${index}.`);

  it('leaves out lines that are no results, tells of them, and has the rest', async () => {
    behave({ malformedEvery: 3, isInOrder: true });
    const broken: number[] = [];
    const results = await resultsOf(await submitted(...texts), { onUnreadableLine: (line) => broken.push(line) });
    expect(results.map(({ customId }) => customId)).toEqual(['item-0', 'item-1', 'item-3', 'item-4']);
    expect(broken).toEqual([3, 6]);
  });

  it('fails when the results break off, and has all of them when they are read again', async () => {
    behave({ cutAfterLines: 2 });
    const id = await submitted(...texts);
    await expect(resultsOf(id)).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(await resultsOf(id)).toHaveLength(6);
  });

  it('hands on a result that comes twice', async () => {
    behave({ isRepeating: true });
    expect(await resultsOf(await submitted('Name a river.'))).toHaveLength(2);
  });

  it('lets go of the connection when the reader leaves early', async () => {
    const id = await submitted(...texts);
    for await (const { customId } of batches().results(id, { dialect: under.dialect })) {
      expect(customId).toMatch(/^item-/);
      break;
    }
    expect(await resultsOf(id)).toHaveLength(6);
  });

  it('stops reading when it is told to', async () => {
    const id = await submitted(...texts);
    const leaving = new AbortController();
    leaving.abort();
    await expect(resultsOf(id, { signal: leaving.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(mock().state.stats().inFlight).toBe(0);
  });
}
