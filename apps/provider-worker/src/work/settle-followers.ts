import {
  decodeReply,
  encodeReply,
  factsOfJob,
  promptOfJob,
  replyField,
  unpaidSavings,
  type CompletionRecord,
  type Job,
  type JobHeader,
  type ReplyHeader,
} from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { FinishedJob } from '@costlane/lanes';
import type { Run } from './run';
import { refuseJob, type FinishedRun } from './run-job';

/** In the place of a run's name in the record of a request that had none of its own. */
const SHARED = 'coalesced';
const NO_SAVINGS = { cache: 0, routing: 0, prefix: 0, batching: 0 };

/**
 * What the requests get that a run's answer serves besides its own: each a reply in its gateway's stream and a record, and no cost. The one who
 * has gone is put on record as that; whose time ran out meanwhile hears so, whatever came of the run. Pure.
 */
export function settleFollowers(run: Run, finished: FinishedRun, nowMs: number): FinishedJob[] {
  if (run.followers.length === 0) return [];
  let shared: { reply: ReplyHeader; value: Buffer } | undefined;
  const { job } = run;
  return run.followers.map((follower) => {
    const header = ofOwnWords(follower, job.header);
    if (!run.wantedBy.has(header.requestId)) return refused(job, header, gone(), nowMs);
    if (header.deadlineAtMs <= nowMs) return refused(job, header, tooLate(), nowMs);
    // The same bytes for everybody: the answer may be long, and those who wait for it many.
    const { reply, value } = (shared ??= sharedReply(job, finished, nowMs));
    const record = { ...sharedRecord(header, finished.record, reply, nowMs), prompt: promptOfJob(header, job.body) };
    return { reply: toReply(header, value), record };
  });
}

function sharedReply(job: Job, finished: FinishedRun, nowMs: number): { reply: ReplyHeader; value: Buffer } {
  const { header: paid, body } = decodeReply(finished.value);
  const answer = finished.kind === 'r' || paid.errorCode ? body : finished.answer;
  if (!answer) {
    const lost = refuseJob(job, SHARED, tooLong(), nowMs, undefined);
    return { reply: lost.reply, value: lost.value };
  }
  const reply: ReplyHeader = {
    ...paid,
    ...(paid.errorCode ? nothing : { savings: unpaidSavings(paid) }),
    paidNanoUsd: 0,
    upstreamCalls: 0,
    isShared: true,
    // Only the gateway whose request is stored knows since when invalidations count.
    isStored: undefined,
  };
  return { reply, value: encodeReply(reply, answer) };
}

/** A failure saved nobody anything. */
const nothing = {
  usage: undefined,
  usageSource: 'none' as const,
  baselineNanoUsd: 0,
  askAgainNanoUsd: undefined,
  savings: NO_SAVINGS,
};

function sharedRecord(
  header: JobHeader,
  { provider, modelUsed, priceVersion }: CompletionRecord,
  reply: ReplyHeader,
  nowMs: number,
): CompletionRecord {
  const { route } = header;
  return {
    ...factsOfJob(header, nowMs),
    attempt: SHARED,
    provider,
    modelUsed,
    route: route && reply.routeSteps ? { ...route, steps: reply.routeSteps } : route,
    cacheTier: SHARED,
    usage: reply.usage,
    usageSource: reply.usageSource ?? 'none',
    paidNanoUsd: 0,
    baselineNanoUsd: reply.baselineNanoUsd,
    savings: reply.savings,
    priceVersion,
    httpStatus: reply.status,
    errorCode: reply.errorCode,
    upstreamCalls: 0,
  };
}

/** Of one that asked in other words only the answer is here. */
function ofOwnWords(follower: JobHeader, asked: JobHeader): JobHeader {
  if (follower.promptRetentionDays === undefined) return follower;
  const isKept = asked.promptRetentionDays !== undefined && asked.promptHash === follower.promptHash;
  return isKept ? follower : { ...follower, promptRetentionDays: undefined };
}

function refused(job: Job, header: JobHeader, error: CostlaneError, nowMs: number): FinishedJob {
  const { record, value } = refuseJob({ ...job, header }, SHARED, error, nowMs, undefined);
  return {
    reply: error.code === 'cancelled' ? undefined : toReply(header, value),
    record: { ...record, cacheTier: SHARED },
  };
}

const toReply = ({ requestId, replyTo }: JobHeader, value: Buffer): NonNullable<FinishedJob['reply']> => ({
  requestId,
  replyTo,
  field: replyField('r', SHARED, 0, requestId),
  value,
});

const gone = (): CostlaneError => new CostlaneError('cancelled', 'The client has gone.');
const tooLate = (): CostlaneError =>
  new CostlaneError('deadline_exceeded', 'The deadline passed before the answer was complete.');
const tooLong = (): CostlaneError =>
  new CostlaneError('unavailable', 'The answer was too long to be given to several requests; please ask again.', {
    retryAfterMs: 1_000,
  });
