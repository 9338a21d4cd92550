import type { Dialect } from '@costlane/contracts';
import type { CostlaneError } from '@costlane/domain';
import fc from 'fast-check';
import { startMockLlm, type BatchBehaviour, type MockLlm } from '@costlane/testing';
import type {
  BatchItem,
  BatchItemResult,
  LostBatch,
  ProviderBatches,
  ResultOptions,
  SubmitOutcome,
} from '../provider-batches';

/** A Batch API in front of a mock that can be told how its batches go. */
export interface BatchesUnderTest {
  /** Made for a base URL; retries after a moment. */
  create(mockUrl: string): ProviderBatches;
  provider: 'openai' | 'anthropic';
  dialect: Dialect;
  /** A short request that asks for this. */
  body(content: string): Buffer;
  /** The text of an answer. */
  textOf(body: Buffer): unknown;
  /** A dialect that it does not take. */
  strangeDialect: Dialect;
}

const MINUTE_MS = 60_000;

/** What every Batch API has to do. For specs only. */
export function describeProviderBatchesContract(name: string, under: BatchesUnderTest): void {
  describe(`${name}: batches contract`, () => {
    let mock: MockLlm;
    let batches: ProviderBatches;

    beforeEach(async () => {
      mock = await startMockLlm();
      batches = under.create(mock.url);
    });
    afterEach(async () => {
      await batches.close();
      await mock.close();
    });

    const items = (...contents: string[]): BatchItem[] =>
      contents.map((content, index) => ({
        customId: `item-${index}`,
        dialect: under.dialect,
        body: under.body(content),
      }));
    const behave = (behaviour: BatchBehaviour): void => mock.state.batches.setBehaviour(behaviour);
    const submit = (of: Iterable<BatchItem> | AsyncIterable<BatchItem>, more = {}): Promise<SubmitOutcome> =>
      batches.submit(of, { batchKey: 'key-1', deadlineAtMs: Date.now() + 5_000, ...more });
    const submitted = async (...contents: string[]): Promise<string> => {
      const outcome = await submit(items(...contents));
      if (!outcome.ok) throw outcome.error;
      return outcome.providerBatchId;
    };
    const resultsOf = async (id: string, more: Partial<ResultOptions> = {}): Promise<BatchItemResult[]> => {
      const found: BatchItemResult[] = [];
      for await (const result of batches.results(id, { dialect: under.dialect, ...more })) found.push(result);
      return found.sort((a, b) => a.customId.localeCompare(b.customId));
    };
    const made = (): number => mock.state.batches.list(under.provider).length;
    const lost = (more: Partial<LostBatch> = {}): LostBatch => ({
      batchKey: 'key-1',
      startedAtMs: Date.now() - 1_000,
      endedAtMs: Date.now(),
      itemCount: 2,
      hasItem: (customId) => customId.startsWith('item-'),
      ...more,
    });
    const tools: Tools = {
      under,
      mock: () => mock,
      batches: () => batches,
      items,
      behave,
      submit,
      submitted,
      resultsOf,
      made,
      lost,
    };

    describeAnswers(tools);
    describeEnds(tools);
    describeTroubleWithResults(tools);
    describeSubmitting(tools);
    describeLostAnswers(tools);
    describeRefusals(tools);
  });
}

interface Tools {
  under: BatchesUnderTest;
  mock: () => MockLlm;
  batches: () => ProviderBatches;
  items: (...contents: string[]) => BatchItem[];
  behave: (behaviour: BatchBehaviour) => void;
  submit: (items: Iterable<BatchItem> | AsyncIterable<BatchItem>, more?: object) => Promise<SubmitOutcome>;
  submitted: (...contents: string[]) => Promise<string>;
  resultsOf: (id: string, more?: Partial<ResultOptions>) => Promise<BatchItemResult[]>;
  made: () => number;
  lost: (more?: Partial<LostBatch>) => LostBatch;
}

function describeAnswers({ under, batches, submitted, resultsOf, behave, mock }: Tools): void {
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

function describeEnds({ batches, submitted, resultsOf, behave }: Tools): void {
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

function describeTroubleWithResults({ submitted, resultsOf, behave, mock, batches, under }: Tools): void {
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

function describeSubmitting({ items, submit, made, mock, behave, batches }: Tools): void {
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

function describeLostAnswers({ items, submit, made, behave, batches, lost, under, submitted, resultsOf }: Tools): void {
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

function describeRefusals({ batches, items, under, submit }: Tools): void {
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
