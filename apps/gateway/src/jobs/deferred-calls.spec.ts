import { CostlaneError } from '@costlane/domain';
import type { BatchJob, StoredItem } from '@costlane/ledger';
import { createDeferredCalls, type DeferrableCall } from './deferred-calls';
import type { JobService, Submission, SubmittedRequest } from './job-service';

const MINUTE_MS = 60_000;

/** Jobs that end when they are told to, with their items' custom ids as results. */
function fakeJobs() {
  const submitted: { submission: Submission; requests: SubmittedRequest[] }[] = [];
  let failure: CostlaneError | undefined;
  const cancelled: string[] = [];
  let finishedAtMs: number | undefined;
  const jobs: Pick<JobService, 'submit' | 'wait' | 'items' | 'cancel'> = {
    async submit(submission, requests) {
      if (failure) throw failure;
      const taken: SubmittedRequest[] = [];
      for await (const request of requests) taken.push(request);
      submitted.push({ submission, requests: taken });
      return { jobId: `job-${submitted.length}` } as BatchJob;
    },
    wait: (_tenantId, jobId) => {
      const total = submitted[Number(jobId.slice(4)) - 1]?.requests.length ?? 0;
      const counts = { total, succeeded: finishedAtMs === undefined ? 0 : total, failed: 0, cancelled: 0, expired: 0 };
      return Promise.resolve({ jobId, counts, finishedAtMs } as BatchJob);
    },
    cancel: (_tenantId, jobId) => (cancelled.push(jobId), Promise.resolve({ jobId } as BatchJob)),
    async *items(_tenantId, jobId, { firstIndex = 0 } = {}) {
      const taken = submitted[Number(jobId.slice(4)) - 1];
      const customId = taken?.requests[firstIndex]?.customId;
      yield [{ index: firstIndex, customId, state: 'succeeded' } as StoredItem];
    },
  };
  return {
    jobs: jobs as JobService,
    submitted,
    cancelled,
    fail: (error: CostlaneError) => (failure = error),
    end: () => (finishedAtMs = 1),
  };
}

const call = (customId: string, over: Partial<DeferrableCall> = {}): DeferrableCall => ({
  tenantId: 'acme',
  request: {
    customId,
    isShared: true,
    request: {
      v: 1,
      endpoint: '/v1/chat/completions',
      caller: { tenantId: 'acme', role: 'member' },
      headers: {},
      body: Buffer.from('{}'),
    },
  },
  deadlineMs: 60 * MINUTE_MS,
  ...over,
});

describe('ordinary calls that may wait', () => {
  const setUp = (over = {}) => {
    const fake = fakeJobs();
    const deferred = createDeferredCalls({
      jobs: fake.jobs,
      minDeadlineMs: 30 * MINUTE_MS,
      gatherMs: 10,
      now: () => 0,
      ...over,
    });
    return { ...fake, deferred };
  };

  it('are those with a long deadline', () => {
    const { deferred } = setUp();
    expect([29, 30].map((minutes) => deferred.wants(minutes * MINUTE_MS))).toEqual([false, true]);
  });

  it('become one job with those of the same tenant that have about as much time, under the shortest deadline', async () => {
    const { deferred, submitted } = setUp();
    const taken = await Promise.all([
      deferred.take(call('a')),
      deferred.take(call('b', { deadlineMs: 50 * MINUTE_MS })),
      deferred.take(call('later', { deadlineMs: 600 * MINUTE_MS })),
      deferred.take(call('stranger', { tenantId: 'other' })),
    ]);
    expect(submitted.map(({ requests }) => requests.map(({ customId }) => customId))).toEqual([
      ['a', 'b'],
      ['later'],
      ['stranger'],
    ]);
    expect(submitted[0]?.submission).toMatchObject({
      tenantId: 'acme',
      kind: 'job',
      completionWindowMs: 50 * MINUTE_MS,
    });
    expect(taken.map(({ jobId, index }) => `${jobId}.${index}`)).toEqual(['job-1.0', 'job-1.1', 'job-2.0', 'job-3.0']);
  });

  it('are handed in at once when there are enough of them, or one is to be told of by webhook', async () => {
    const { deferred, submitted } = setUp({ gatherMs: 60_000, maxGathered: 2 });
    const alone = await deferred.take(call('hook', { webhookUrl: 'https://hooks.example/x' }));
    expect(alone).toMatchObject({ jobId: 'job-1', index: 0 });
    await Promise.all([deferred.take(call('a')), deferred.take(call('b'))]);
    expect(submitted.map(({ requests }) => requests.length)).toEqual([1, 2]);
    expect(submitted[0]?.submission.webhookUrl).toBe('https://hooks.example/x');
  });

  it('are all refused when their job cannot be taken in', async () => {
    const { deferred, fail } = setUp();
    fail(new CostlaneError('unavailable', 'away'));
    const outcomes = await Promise.allSettled([deferred.take(call('a')), deferred.take(call('b'))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('get the answer of their own item', async () => {
    const { deferred, end } = setUp();
    const [, second] = await Promise.all([deferred.take(call('a')), deferred.take(call('b'))]);
    end();
    expect(await deferred.answer(second as never, new AbortController().signal)).toMatchObject({
      customId: 'b',
      index: 1,
    });
  });

  it('are not waited for by a client that has gone', async () => {
    const { deferred } = setUp();
    const taken = await deferred.take(call('a'));
    const leaving = new AbortController();
    const answer = deferred.answer(taken, leaving.signal);
    leaving.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('are cancelled when their only client leaves, but not with what others wait for', async () => {
    const { deferred, cancelled } = setUp();
    const [first] = await Promise.all([deferred.take(call('a')), deferred.take(call('b'))]);
    const alone = await deferred.take(call('c'));
    await deferred.leave(first as never);
    await deferred.leave(alone);
    expect(cancelled).toEqual(['job-2']);
  });

  it('are handed in before the gateway ends', async () => {
    const { deferred, submitted } = setUp({ gatherMs: 60_000 });
    const taken = deferred.take(call('a'));
    await deferred.close();
    expect(await taken).toMatchObject({ jobId: 'job-1', tenantId: 'acme' });
    expect(submitted).toHaveLength(1);
  });

  it('go on when the gateway ends, and who waits is told where the answer will be', async () => {
    const { deferred, cancelled } = setUp();
    const taken = await deferred.take(call('a'));
    const answer = deferred.answer(taken, new AbortController().signal);
    const told = expect(answer).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('/v1/jobs/job-1.0'),
    });
    await deferred.close();
    await told;
    expect(cancelled).toEqual([]);
  });
});
