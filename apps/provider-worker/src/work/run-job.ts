import { encodeReply, replyField, type Job, type ReplyKind } from '@costlane/contracts';
import { MoneyError, type CostlaneError, type ModelPrice } from '@costlane/domain';
import type { ProviderOutcome } from '@costlane/providers';
import type { Doubt } from '../confidence/assess-answer';
import { estimateDelivered } from './estimate-delivered';
import type { RunPrices } from './price-run';
import { createReplyStream, MAX_STORED_BYTES, type ReplyStream } from './reply-stream';
import { runChain, type ChainContext } from './run-chain';
import { toRunOutcome, type RunOutcome } from './run-outcome';
import { settleJob, type Settled } from './settle-job';
import { tierAsked } from './tier-asked';

export interface RunContext extends ChainContext {
  attempt: string;
  /** Of the model that the caller would have used without us; absent: of the one that answers. */
  baselinePrice?: ModelPrice;
  /** Takes a part of the reply; false asks the provider's stream to pause. */
  emit(kind: 'h' | 'c', field: string, value: Buffer): boolean;
  onResume(callback: () => void): void;
}

export interface FinishedRun extends Settled {
  kind: Extract<ReplyKind, 'r' | 'e'>;
  field: string;
  value: Buffer;
  /** The answer's bytes, to store; present when `fill` is. */
  body?: Buffer;
  /** The answer's bytes, whole or streamed, to keep for an idempotency key. */
  answer?: Buffer;
  /** The first result of an idempotency key, given again. */
  isRepeat?: boolean;
}

/** Runs a job against its provider, or its fallbacks, and settles it. Never throws: whatever goes wrong becomes the job's answer. */
export async function runJob(job: Job, context: RunContext): Promise<FinishedRun> {
  const stream = createReplyStream(job, context);
  const chain = await runChain(job, context, stream);
  const { outcome } = chain.given;
  const body = stream.hasHead ? stream.collected() : bodyOf(outcome);
  if (outcome.ok && body && !chain.given.isAssessed) chain.given.doubt = doubtOf(job, context, body);
  const run = toRunOutcome(chain, job.body.length, stream.passedBytes());
  const settled = settleAnyway(job, context, run, chain.given.price);
  return finishedRun(job, context, { settled, body, stream });
}

function finishedRun(
  { header }: Job,
  { attempt }: RunContext,
  { settled, body, stream }: { settled: Settled; body: Buffer | undefined; stream: ReplyStream },
): FinishedRun {
  const kind = stream.hasHead ? 'e' : 'r';
  const isStorable = settled.fill !== undefined && body !== undefined && body.length <= MAX_STORED_BYTES;
  if (isStorable) settled.reply.isStored = true;
  return {
    reply: settled.reply,
    record: settled.record,
    fill: isStorable ? settled.fill : undefined,
    body: isStorable ? body : undefined,
    answer: body,
    kind,
    field: replyField(kind, attempt, stream.partsSent(), header.requestId),
    value: encodeReply(settled.reply, kind === 'r' ? body : undefined),
  };
}

/**
 * An answer that nobody has looked at yet is, before it is stored: a doubtful one that was given is not given again. Of a stream, whose
 * every event would have to be read, only where its form matters; refusals and what was cut off the cache knows by itself.
 */
function doubtOf({ header, body: request }: Job, { confidence }: RunContext, answer: Buffer): Doubt | undefined {
  const { confidence: check } = header;
  if (!check || header.fingerprint === undefined || header.dialect !== 'openai.chat') return undefined;
  return header.stream && !check.json ? undefined : confidence?.assess(answer, { header, body: request }, check);
}

/** Usage that cannot be priced (negative, no number) must not cost the client its answer: the record then says that the cost is unknown. */
export function settleAnyway(
  job: Pick<Job, 'header' | 'body'>,
  { attempt, baselinePrice: baseline, now }: Pick<RunContext, 'attempt' | 'baselinePrice' | 'now'>,
  run: RunOutcome,
  used: ModelPrice | undefined,
): Settled {
  const { body } = job;
  try {
    const prices = { used, baseline, tierAsked: tierAsked(body, run.serviceTier) };
    return settleJob(job, attempt, run, prices, now());
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    const unpriced: RunOutcome = { ...run, usage: undefined, usageSource: 'none', otherCalls: undefined };
    return settleJob(job, attempt, unpriced, { used: undefined }, now());
  }
}

/** The settlement of a job that is not run at all: its time has gone, nobody wants it, or it cannot be. */
export function refuseJob(
  job: Job,
  attempt: string,
  error: CostlaneError,
  nowMs: number,
  price: RunPrices['used'],
  deliveredCharacters = 0,
): FinishedRun {
  const usage = deliveredCharacters > 0 ? estimateDelivered(job.body.length, deliveredCharacters) : undefined;
  const outcome: RunOutcome = {
    usage,
    usageSource: usage ? 'estimated' : 'none',
    latencyMs: 0,
    upstreamCalls: 0,
    status: error.httpStatus,
    contentType: 'application/json',
    error,
    isCacheable: false,
  };
  const settled = settleJob(job, attempt, outcome, { used: price }, nowMs);
  return {
    ...settled,
    fill: undefined,
    kind: 'r',
    field: replyField('r', attempt, 0, job.header.requestId),
    value: encodeReply(settled.reply, errorBody(error)),
  };
}

function bodyOf(outcome: ProviderOutcome): Buffer | undefined {
  return outcome.ok ? outcome.body : errorBody(outcome.error, outcome.body);
}

/**
 * What a gateway needs to word the error in the client's dialect: our message and, for a request that the provider turned down, the
 * provider's own words, since clients react to its codes.
 */
export function errorBody(error: CostlaneError, upstreamBody?: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ message: error.message, field: error.field, upstream: parsed(upstreamBody) }));
}

function parsed(body: Buffer | undefined): unknown {
  if (!body) return undefined;
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
