import type { CostlaneError } from '@costlane/domain';
import type { BatchBehaviour } from '@costlane/testing';
import fc from 'fast-check';
import type { BatchItem } from '../provider-batches';
import { MINUTE_MS, type BatchTools } from './batches-under-test';

/** How batches are sent, and sent once. For specs only. */
export function describeBatchSubmission(tools: BatchTools): void {
  describeSubmitting(tools);
  describeLostAnswers(tools);
  describeRefusals(tools);
}

function describeSubmitting({ items, submit, made, mock, behave, batches }: BatchTools): void {
  it('takes items as they come', async () => {
    async function* coming(): AsyncGenerator<BatchItem> {
      for (const item of items('Name a river.', 'Name a lake.')) {
        await new Promise(setImmediate);
        yield item;
      }
    }
    const outcome = await submit(coming());
    expect(outcome).toMatchObject({ ok: true, wasFound: false });
    expect(outcome.ok && (await batches().status(outcome.providerBatchId)).counts.total).toBe(2);
  });

  it('submits nothing when it fails to make the items, and says why', async () => {
    async function* breaking(): AsyncGenerator<BatchItem> {
      yield* items('Name a river.');
      await new Promise(setImmediate);
      throw new Error('the database is away');
    }
    expect(await submit(breaking())).toMatchObject({
      ok: false,
      error: { code: 'internal' },
      isRetryable: true,
      isPerhapsSubmitted: false,
    });
    expect(made()).toBe(0);
  });

  it('submits nothing of a batch with an item that cannot be sent, or one that is there twice, or none', async () => {
    const [first, second] = items('Name a river.', 'Name a lake.') as [BatchItem, BatchItem];
    const strange = { ...second, body: Buffer.from('{') };
    for (const wrong of [[first, strange], [first, first], []]) {
      const outcome = await submit(wrong);
      expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_request' }, isPerhapsSubmitted: false });
    }
    expect(made()).toBe(0);
  });

  it('is free to send a batch again that was turned down, and leaves that to the caller', async () => {
    behave({ status: 429, retryAfter: 7 });
    expect(await submit(items('Name a river.'))).toMatchObject({
      ok: false,
      error: { code: 'upstream_rate_limited' },
      retryAfterMs: 7_000,
      isRetryable: true,
      isPerhapsSubmitted: false,
    });
    expect(mock().state.stats().totalCalls).toBe(1);
    expect(made()).toBe(0);
  });

  it('is free to send a batch again when nobody was there', async () => {
    await mock().close();
    expect(await submit(items('Name a river.'))).toMatchObject({
      ok: false,
      error: { code: 'upstream_unreachable' },
      isRetryable: true,
      isPerhapsSubmitted: false,
    });
  });
}

function describeLostAnswers({
  items,
  submit,
  made,
  behave,
  batches,
  lost,
  under,
  submitted,
  resultsOf,
}: BatchTools): void {
  it('submits a batch once though its answer was lost, and finds it', async () => {
    behave({ loseAnswers: 1 });
    const outcome = await submit(items('Name a river.', 'Name a lake.'));
    if (!outcome.ok) expect(outcome).toMatchObject({ isPerhapsSubmitted: true, isRetryable: false });
    const found = await batches().find(lost());
    expect(found).toMatchObject({ state: 'found' });
    expect(made()).toBe(1);
    const providerBatchId = found.state === 'found' ? found.providerBatchId : '';
    expect(await resultsOf(providerBatchId)).toHaveLength(2);
    // One that names its batches has found it already.
    if (outcome.ok) expect(outcome).toEqual({ ok: true, providerBatchId, wasFound: true });
    expect(outcome.ok).toBe(under.provider === 'openai');
  });

  it('does not take another batch for the lost one', async () => {
    const others = items('Name a hill.', 'Name a town.').map((item) => ({
      ...item,
      customId: `other-${item.customId}`,
    }));
    const other = await submit(others, { batchKey: 'key-2' });
    behave({ loseAnswers: 1 });
    await submit(items('Name a river.', 'Name a lake.'));
    await submitted('Name a sea.');
    const found = await batches().find(lost({ otherBatchIds: new Set(['batch_1']) }));
    expect(found).toMatchObject({ state: 'found' });
    expect(found.state === 'found' && other.ok && found.providerBatchId !== other.providerBatchId).toBe(true);
  });

  it('comes to one batch, and no second, however often answers and requests get lost', async () => {
    const fault = fc.constantFrom<BatchBehaviour>(
      { loseAnswers: 1 },
      { dropRequests: 1 },
      { status: 500 },
      { status: 429 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 4 }), async (faults) => {
        const batchKey = `run-${run++}`;
        const own = items('Name a river.', 'Name a lake.').map((each) => ({
          ...each,
          customId: `${batchKey}-${each.customId}`,
        }));
        const before = made();
        const id = await submitPatiently(own, batchKey, faults);
        expect(made() - before).toBe(1);
        expect((await resultsOf(id)).map(({ customId }) => customId)).toEqual(own.map(({ customId }) => customId));
      }),
      { numRuns: 20 },
    );
  }, 30_000);

  /** As who uses the port has to: what has perhaps been taken is looked for until it is there, or had its time. */
  async function submitPatiently(
    own: BatchItem[],
    batchKey: string,
    faults: readonly BatchBehaviour[],
  ): Promise<string> {
    for (const fault of [...faults, {}]) {
      behave(fault);
      const outcome = await submit(own, { batchKey });
      if (outcome.ok) return outcome.providerBatchId;
      if (!outcome.isPerhapsSubmitted) continue;
      // As if it had been a while ago.
      const times = { startedAtMs: Date.now() - 20 * MINUTE_MS, endedAtMs: Date.now() - 11 * MINUTE_MS };
      const ids = new Set(own.map(({ customId }) => customId));
      const found = await batches().find(lost({ ...times, batchKey, hasItem: (customId) => ids.has(customId) }));
      if (found.state === 'found') return found.providerBatchId;
      expect(found).toEqual({ state: 'absent' });
    }
    throw new Error('the last of them had no fault');
  }

  it('does not decide at once that a batch was never made, and does so when it has had its time', async () => {
    behave({ dropRequests: 1 });
    expect(await submit(items('Name a river.', 'Name a lake.'))).toMatchObject({
      ok: false,
      isRetryable: false,
      isPerhapsSubmitted: true,
    });
    expect(made()).toBe(0);
    expect(await batches().find(lost())).toEqual({ state: 'undecided', retryAfterMs: 30_000 });
    const longAgo = lost({ startedAtMs: Date.now() - 20 * MINUTE_MS, endedAtMs: Date.now() - 11 * MINUTE_MS });
    expect(await batches().find(longAgo)).toEqual({ state: 'absent' });
  });
}

function describeRefusals({ batches, items, under, submit }: BatchTools): void {
  const refusal = (item: BatchItem): CostlaneError | undefined => {
    try {
      batches().measure(item);
      return undefined;
    } catch (error) {
      return error as CostlaneError;
    }
  };

  it('measures an item as it is sent, and refuses what would make its batch fail', () => {
    const [item] = items('Name a river.') as [BatchItem];
    expect(batches().measure(item)).toMatchObject({ customId: 'item-0', inputs: 1 });
    expect(batches().measure(item).sizeBytes).toBeGreaterThan(item.body.length);
    const json = JSON.parse(item.body.toString()) as object;
    const withFields = (more: object): BatchItem => ({
      ...item,
      body: Buffer.from(JSON.stringify({ ...json, ...more })),
    });
    const cases: [BatchItem, string | undefined][] = [
      [withFields({ stream: true }), 'stream'],
      [withFields({ model: undefined }), 'model'],
      [withFields({ service_tier: 'priority' }), 'service_tier'],
      [{ ...item, body: Buffer.from('[]') }, 'body'],
      [{ ...item, customId: 'a b' }, 'custom_id'],
      [{ ...item, customId: 'a'.repeat(65) }, 'custom_id'],
      [{ ...item, dialect: under.strangeDialect }, undefined],
    ];
    for (const [wrong, field] of cases) expect(refusal(wrong)).toMatchObject({ code: 'invalid_request', field });
    expect(refusal(withFields({ stream: false }))).toBeUndefined();
  });

  it('takes no batch without a name of its own', async () => {
    await expect(submit(items('Name a river.'), { batchKey: '' })).rejects.toMatchObject({ field: 'batchKey' });
  });
}
