import { decodeItemPlan, encodeReply, type ItemPlan } from '@costlane/contracts';
import type { ModelPrice } from '@costlane/domain';
import type { ItemOutcome } from '@costlane/jobs';
import type { FinishedJob } from '@costlane/lanes';
import type { BatchJob, SubmittedItem } from '@costlane/ledger';
import type { BatchItemFailure, BatchItemResult, BatchItemSuccess } from '@costlane/providers';
import type { Confidence } from '../../confidence/create-confidence';
import type { Doubt } from '../../confidence/assess-answer';
import { mayOtherAnswer } from '../../work/can-fall-back';
import { MAX_STORED_BYTES } from '../../work/reply-stream';
import { errorBody, settleAnyway } from '../../work/run-job';
import type { RunOutcome } from '../../work/run-outcome';
import type { Settled } from '../../work/settle-job';
import type { AskItem } from '../ask-item';
import { readRequest } from '../execute-item';
import { itemRequestId } from '../item-request-id';
import { recordFollowers } from '../record-followers';
import { toOutcome } from '../to-outcome';
import { lesseeOf } from './batch-budgets';

export interface SettleDeps {
  ask: AskItem;
  /** By the policy of now; throws while there is none. */
  priceOf: (model: string) => ModelPrice | undefined;
  /** Resolves when the record cannot be lost any more. */
  finish: (job: FinishedJob) => Promise<void>;
  confidence?: Confidence;
  now: () => number;
}

export interface ItemOfBatch {
  job: BatchJob;
  item: SubmittedItem;
  /** Names the run in the item's record: read again, the ledger knows that it has it. */
  providerBatchId: string;
  batchKey: string;
}

/** Putting an answer into its door's form takes a gateway a moment; it is waited for longer than one takes to come back. */
const RENDER_MS = 120_000;

/**
 * What a result of a batch is for its item: put on record, at the batch's price, and into the form of the item's door. What another try may
 * bring is left to one. Throws when no gateway is there to render it: it is to be taken again, and its record is there once all the same.
 */
export async function settleResult(
  deps: SettleDeps,
  { job, item, providerBatchId, batchKey }: ItemOfBatch,
  result: BatchItemResult['outcome'],
): Promise<ItemOutcome> {
  const request = readRequest(item.request);
  if (item.prepared === undefined || request === undefined) return toBeAsked('internal');
  const plan = ofBatch(decodeItemPlan(item.prepared), batchKey);
  if (!result.ok && isForAnotherTry(result, plan)) return toBeAsked(result.error.code);
  const settled = settle(deps, plan, providerBatchId, result);
  const doubt = result.ok ? doubtOf(deps, plan, result.body) : undefined;
  if (doubt && mayStepUp(deps, job, plan, doubt)) {
    await deps.finish({ record: asDoubted(settled.record) });
    return toBeAsked('upstream_malformed', settled.record.paidNanoUsd);
  }
  const body = result.ok ? result.body : errorBody(result.error, result.body);
  const isStorable = settled.fill !== undefined && !doubt && body.length <= MAX_STORED_BYTES;
  const reply = { ...settled.reply, isStored: isStorable || undefined };
  await deps.finish({ record: settled.record, ...(isStorable ? { fill: settled.fill, body } : {}) });
  const answer = await deps.ask(
    {
      mode: 'render',
      requestId: itemRequestId(job, item.index),
      deadlineAtMs: deps.now() + RENDER_MS,
      item: request,
      rendering: { plan, reply: encodeReply(reply, body) },
    },
    {},
  );
  const { followers } = item;
  if (followers && result.ok) await recordFollowers(deps.finish, { job, followers, request, bill: reply }, deps.now());
  if (answer.kind !== 'answered') throw new Error('a gateway planned an item that was to be rendered');
  const outcome = toOutcome({ ...answer, paidNanoUsd: settled.reply.paidNanoUsd });
  return outcome.kind === 'failed' ? { ...outcome, isRetryable: false } : outcome;
}

/** Where budgets limit it, its cost is reserved under the batch's name, and on record under it. */
const ofBatch = ({ header, ...rest }: ItemPlan, batchKey: string): ItemPlan => ({
  ...rest,
  header: header.worstCaseNanoUsd === undefined ? header : { ...header, budgetLessee: lesseeOf(batchKey) },
});

/** It has no answer that is good enough, and is asked by itself. */
const toBeAsked = (errorCode: string, costNanoUsd?: number): ItemOutcome => ({
  kind: 'failed',
  errorCode,
  isRetryable: true,
  costNanoUsd,
});

/** Not answered in time, failed for a passing reason, or by a model that others stand behind. Nothing is to be paid for those. */
function isForAnotherTry({ reason, isRetryable, error, usage }: BatchItemFailure, { header }: ItemPlan): boolean {
  if (usage) return false;
  if (reason !== 'rejected' || isRetryable) return true;
  return header.fallbacks !== undefined && header.fallbacks.length > 0 && mayOtherAnswer(error);
}

function settle(
  { priceOf, now }: SettleDeps,
  { header, body }: ItemPlan,
  attempt: string,
  result: BatchItemSuccess | BatchItemFailure,
): Settled {
  const run: RunOutcome = {
    usage: result.usage,
    usageSource: result.usageSource,
    serviceTier: result.serviceTier,
    modelUsed: result.modelUsed,
    finishReason: result.ok ? result.finishReason : undefined,
    // A batch does not tell how long one of its requests took.
    latencyMs: 0,
    upstreamCalls: 1,
    status: result.ok ? result.status : result.error.httpStatus,
    contentType: result.ok ? result.contentType : 'application/json',
    error: result.ok ? undefined : result.error,
    isCacheable: result.ok && result.isCacheable,
  };
  const baselinePrice = header.baselineModel === undefined ? undefined : priceOf(header.baselineModel);
  return settleAnyway({ header, body }, { attempt, baselinePrice, now }, run, priceOf(header.model));
}

function doubtOf({ confidence }: SettleDeps, { header, body }: ItemPlan, answer: Buffer): Doubt | undefined {
  const { confidence: check, dialect } = header;
  return check && dialect === 'openai.chat' ? confidence?.assess(answer, { header, body }, check) : undefined;
}

function mayStepUp({ confidence, now }: SettleDeps, job: BatchJob, { header }: ItemPlan, doubt: Doubt): boolean {
  if (!confidence || !header.fallbacks?.length) return false;
  return confidence.mayStepUp(doubt, { leftMs: (job.deadlineAtMs ?? Infinity) - now(), callMs: 0 });
}

/** A doubtful answer that another one replaces, as a request of its own: what it cost lowers what routing saved. */
function asDoubted(record: Settled['record']): Settled['record'] {
  const { requestId, paidNanoUsd } = record;
  const savings = { cache: 0, routing: -paidNanoUsd, prefix: 0, batching: 0 };
  return { ...record, requestId: `${requestId}-doubted`, baselineNanoUsd: 0, savings, prompt: undefined };
}
