import { decodeReply } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { ProviderOutcome } from '@costlane/providers';
import { sampleJob, sampleJobHeader } from '@costlane/testing';
import fc from 'fast-check';
import { failure, fakeAdapter, samplePrice, success } from '../testing/fakes';
import { membersOf, newRun, requestsOf } from './run';
import { runJob } from './run-job';
import { settleFollowers } from './settle-followers';

const NOW_MS = 1_800_000_000_000;

interface Fate {
  isGoneBefore: boolean;
  isGoneDuring: boolean;
  isLateBefore: boolean;
  isLateAfter: boolean;
}

const anyFate: fc.Arbitrary<Fate> = fc.record({
  isGoneBefore: fc.boolean(),
  isGoneDuring: fc.boolean(),
  isLateBefore: fc.boolean(),
  isLateAfter: fc.boolean(),
});
const outcomes: Record<string, ProviderOutcome> = {
  answered: success(),
  failed: failure({ error: new CostlaneError('upstream_error', 'No.') }),
  lost: failure({
    error: new CostlaneError('upstream_timeout', 'No.'),
    usage: success().usage,
    usageSource: 'estimated',
  }),
};

/** A job of several requests, each with a fate of its own, from its beginning to its settlement. */
async function play(fates: readonly Fate[], outcome: ProviderOutcome) {
  const [lead, ...followers] = fates.map(({ isLateBefore, isLateAfter }, index) => {
    const deadlineAtMs = NOW_MS + (isLateBefore ? 0 : isLateAfter ? 50 : 1_000);
    return sampleJobHeader({ requestId: `r${index}`, replyTo: `g${index}`, createdAtMs: NOW_MS - 100, deadlineAtMs });
  });
  const job = sampleJob({ ...lead, followers });
  const fateOf = (requestId: string): Fate => fates[Number(requestId.slice(1))] as Fate;
  const isCancelled = (requestId: string): boolean => fateOf(requestId).isGoneBefore;
  const run = newRun(job, membersOf(job.header), undefined, { isCancelled, nowMs: NOW_MS });
  for (const requestId of requestsOf(run)) if (fateOf(requestId).isGoneDuring) run.wantedBy.delete(requestId);
  const { adapter } = fakeAdapter(async () => outcome);
  const finished = await runJob(run.job, {
    attempt: 'a1',
    adapter,
    price: samplePrice,
    signal: run.cancellation,
    emit: () => true,
    onResume: () => undefined,
    now: () => NOW_MS + 100,
  });
  return { run, finished, settled: settleFollowers(run, finished, NOW_MS + 100), fateOf };
}

describe('the prompts of requests that one answer serves', () => {
  const keeping = { promptRetentionDays: 30, promptHash: 'same' };
  const settledFor = async (own: object, leader: object = keeping) => {
    const followers = [sampleJobHeader({ requestId: 'r1', ...own })];
    const job = sampleJob({ ...sampleJobHeader({ requestId: 'r0' }), ...leader, followers });
    const run = newRun(job, membersOf(job.header), undefined, { isCancelled: () => false, nowMs: NOW_MS });
    const context = { attempt: 'a1', price: samplePrice, signal: run.cancellation, now: () => NOW_MS };
    const { adapter } = fakeAdapter(async () => success());
    const finished = await runJob(run.job, { ...context, adapter, emit: () => true, onResume: () => undefined });
    return { body: job.body.toString(), record: settleFollowers(run, finished, NOW_MS)[0]?.record };
  };

  it('are kept of those that asked in the same words and want it, and of no other', async () => {
    const { record, body } = await settledFor({ promptRetentionDays: 7, promptHash: 'same' });
    expect(record).toMatchObject({ promptHash: 'same', prompt: { text: body, retentionDays: 7 } });
    // The body that was sent is not what this one asked.
    expect((await settledFor({ promptRetentionDays: 7, promptHash: 'other' })).record?.prompt).toBeUndefined();
    expect((await settledFor({ promptHash: 'same' })).record?.prompt).toBeUndefined();
    expect(
      (await settledFor({ promptRetentionDays: 7, promptHash: 'same' }, { promptHash: 'same' })).record?.prompt,
    ).toBeUndefined();
  });

  it('are not kept of one that leads after the one that asked in other words has gone', () => {
    const followers = [sampleJobHeader({ requestId: 'r1', promptRetentionDays: 7, promptHash: 'other' })];
    const job = sampleJob({ ...sampleJobHeader({ requestId: 'r0' }), ...keeping, followers });
    const isCancelled = (requestId: string): boolean => requestId === 'r0';
    const run = newRun(job, membersOf(job.header), undefined, { isCancelled, nowMs: 0 });
    expect(run.job.header).toMatchObject({ requestId: 'r1', promptRetentionDays: undefined });
  });
});

describe('the settlement of requests that one answer serves', () => {
  it('puts each on record once, lets one pay, and answers whoever is still there', async () => {
    const fates = fc.array(anyFate, { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fates, fc.constantFrom(...Object.keys(outcomes)), async (each, kind) => {
        const outcome = outcomes[kind] as ProviderOutcome;
        const { run, finished, settled, fateOf } = await play(each, outcome);
        const records = [finished.record, ...settled.map(({ record }) => record)];
        expect(records.map(({ requestId }) => requestId).sort()).toEqual(each.map((_, index) => `r${index}`));
        for (const { baselineNanoUsd, paidNanoUsd, savings } of records)
          expect(savings.cache + savings.routing + savings.prefix + savings.batching).toBe(
            baselineNanoUsd - paidNanoUsd,
          );
        expect(
          records.slice(1).every(({ paidNanoUsd, upstreamCalls }) => paidNanoUsd === 0 && upstreamCalls === 0),
        ).toBe(true);
        for (const { record, reply } of settled) {
          const { isGoneBefore, isGoneDuring, isLateBefore, isLateAfter } = fateOf(record.requestId);
          const isGone = isGoneBefore || isGoneDuring;
          const isLate = isLateBefore || isLateAfter;
          expect(reply === undefined).toBe(isGone);
          expect(record.errorCode).toBe(isGone ? 'cancelled' : isLate ? 'deadline_exceeded' : finished.reply.errorCode);
          if (reply) {
            const { header } = decodeReply(reply.value);
            expect([reply.requestId, reply.replyTo]).toEqual([record.requestId, record.requestId.replace('r', 'g')]);
            expect([header.errorCode, header.paidNanoUsd]).toEqual([record.errorCode, 0]);
            expect(header.baselineNanoUsd).toBe(record.baselineNanoUsd);
          }
          if (record.errorCode) expect(record.baselineNanoUsd).toBe(0);
        }
        // Who leads was there and had time when it began, if anybody was and had.
        const { requestId, deadlineAtMs } = run.job.header;
        const wasThere = ({ isGoneBefore, isLateBefore }: Fate): boolean => !isGoneBefore && !isLateBefore;
        if (each.some(wasThere)) expect(wasThere(fateOf(requestId))).toBe(true);
        const lasts = each
          .filter(({ isGoneBefore }) => !isGoneBefore)
          .map((fate) => (fate.isLateBefore ? 0 : fate.isLateAfter ? 50 : 1_000));
        if (lasts.length > 0) expect(deadlineAtMs).toBe(NOW_MS + Math.max(...lasts));
      }),
    );
  });

  it('is nothing where nobody follows, and such a job is run as it came', async () => {
    const job = sampleJob();
    const run = newRun(job, membersOf(job.header), undefined, { isCancelled: () => false, nowMs: NOW_MS });
    expect(run.job.header).toBe(job.header);
    const { adapter } = fakeAdapter(async () => success());
    const context = { attempt: 'a', adapter, price: samplePrice, signal: run.cancellation, now: Date.now };
    const finished = await runJob(job, { ...context, emit: () => true, onResume: () => undefined });
    expect(settleFollowers(run, finished, NOW_MS)).toEqual([]);
  });
});
