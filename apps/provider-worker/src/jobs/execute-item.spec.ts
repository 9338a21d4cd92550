import { encodeItemRequest, type ItemReply } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { BatchItem, ExecuteOptions } from '@costlane/jobs';
import type { FinishedJob, ItemAsking } from '@costlane/lanes';
import { waitFor } from '@costlane/testing';
import type { AskItem } from './ask-item';
import { createExecuteItem } from './execute-item';
import { answered } from './testing/fake-gateway';

const request = encodeItemRequest({
  v: 1,
  endpoint: '/v1/inference',
  caller: { tenantId: 'acme', role: 'member' },
  headers: {},
  body: Buffer.from('{}'),
});
const item = {
  index: 3,
  attempt: 1,
  tries: 0,
  request,
  job: { tenantId: 'acme', jobId: 'job_1', createdAtMs: 9_000 },
} as BatchItem;

describe('an item that is executed', () => {
  const asked: ItemAsking[] = [];
  const finished: FinishedJob[] = [];
  beforeEach(() => void asked.splice(0));
  const run = (ask: AskItem, given = item, options: Partial<ExecuteOptions> = {}, drainMs = 0) => {
    const execute = createExecuteItem({
      ask: (asking, rest) => {
        asked.push(asking);
        return ask(asking, rest);
      },
      finish: async (job) => void finished.push(job),
      timeoutMs: 1_000,
      drainMs,
      now: () => 10_000,
    });
    return execute(given, { signal: new AbortController().signal, ...options });
  };
  const saying =
    (reply: ItemReply): AskItem =>
    async () =>
      reply;

  it('is asked as one request, in its time and no longer than one call may take', async () => {
    const outcome = await run(saying(answered('yes', { paidNanoUsd: 5 })));
    expect(outcome).toEqual({ kind: 'succeeded', status: 200, result: Buffer.from('yes'), costNanoUsd: 5 });
    expect(asked[0]).toMatchObject({
      mode: 'execute',
      requestId: 'job_1-3',
      recordedAtMs: 9_000,
      deadlineAtMs: 11_000,
    });
    await run(saying(answered('yes')), { ...item, tries: 2 }, { deadlineAtMs: 10_500 });
    expect(asked[1]).toMatchObject({ requestId: 'job_1-3-2', deadlineAtMs: 10_500 });
  });

  it('that was turned away before anybody began costs no attempt; one that failed does', async () => {
    const failed = (errorCode: string, changes = {}) =>
      run(saying(answered('', { status: 429, errorCode, isRetryable: true, retryAfterMs: 7, ...changes })));
    expect(await failed('overloaded')).toMatchObject({ isRetryable: true, isUntried: true, retryAfterMs: 7 });
    expect(await failed('upstream_error')).toMatchObject({ isRetryable: true, isUntried: false });
    expect(await failed('overloaded', { paidNanoUsd: 3 })).toMatchObject({ isUntried: false, costNanoUsd: 3 });
    expect(await failed('invalid_request', { isRetryable: false })).toMatchObject({ isRetryable: false });
  });

  it('that no gateway answered is asked again: without end where it reached none, else as often as it may', async () => {
    const rejecting = (code: 'unavailable' | 'deadline_exceeded') =>
      run(() => Promise.reject(new CostlaneError(code, '')));
    expect(await rejecting('unavailable')).toMatchObject({ kind: 'failed', isRetryable: true, isUntried: true });
    expect(await rejecting('deadline_exceeded')).toMatchObject({ isRetryable: true, isUntried: false });
  });

  it('puts those on record that get its answer, as requests that pay nothing', async () => {
    const bill = {
      status: 200,
      contentType: 'application/json',
      provider: 'mock',
      modelUsed: 'm',
      paidNanoUsd: 60,
      baselineNanoUsd: 100,
      askAgainNanoUsd: 80,
      savings: { cache: 0, routing: 20, prefix: 20, batching: 0 },
      upstreamLatencyMs: 1,
      upstreamCalls: 1,
    };
    await run(saying(answered('yes', { bill })), { ...item, followers: [5, 9] });
    expect(asked[0]?.isBillWanted).toBe(true);
    expect(finished.map(({ record }) => record.requestId)).toEqual(['job_1-5', 'job_1-9']);
    expect(finished[0]?.record).toMatchObject({
      tenantId: 'acme',
      cacheTier: 'coalesced',
      paidNanoUsd: 0,
      baselineNanoUsd: 100,
      savings: { cache: 80, routing: 20, prefix: 0, batching: 0 },
    });
    await run(saying(answered('no', { status: 400, bill })), { ...item, followers: [5] });
    expect(finished).toHaveLength(2);
  });

  it('that cannot be read fails and is not asked', async () => {
    const outcome = await run(saying(answered('')), { ...item, request: Buffer.from('nonsense') });
    expect(outcome).toEqual({ kind: 'failed', errorCode: 'internal', isRetryable: false });
    expect(asked).toEqual([]);
  });

  it('is broken off at once when its job ends, and has a while to end at a shutdown', async () => {
    const never: AskItem = (_, { signal }) =>
      new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new CostlaneError('cancelled', ''))),
      );
    const broken = async (reason: string, drainMs: number): Promise<boolean> => {
      const aborting = new AbortController();
      let hasEnded = false;
      const running = run(never, item, { signal: aborting.signal }, drainMs).then(() => (hasEnded = true));
      aborting.abort(reason);
      await new Promise((resolve) => setImmediate(resolve));
      const wasAtOnce = hasEnded;
      if (drainMs < 1_000) await running;
      return wasAtOnce;
    };
    expect(await broken('cancelled', 20)).toBe(true);
    expect(await broken('shutdown', 400)).toBe(false);
  });

  it('an answer that comes after a shutdown began is taken', async () => {
    const aborting = new AbortController();
    let answer: (reply: ItemReply) => void = () => undefined;
    const running = run(() => new Promise((resolve) => (answer = resolve)), item, { signal: aborting.signal }, 5_000);
    aborting.abort('shutdown');
    await waitFor(() => asked.length === 1);
    answer(answered('late'));
    expect(await running).toMatchObject({ kind: 'succeeded', result: Buffer.from('late') });
  });
});
