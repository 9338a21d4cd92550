import { encodeReply, replyField, type Job, type ReplyHeader, type ReplyKind } from '@costlane/contracts';
import { CostlaneError, MoneyError, toCostlaneError, type ModelPrice } from '@costlane/domain';
import type { ProviderAdapter, ProviderOutcome, ProviderRequest, ProviderSink } from '@costlane/providers';
import type { CancelSignal } from '@costlane/resilience';
import type { CallProvider } from '../prefix/prefix-tier';
import { estimateDelivered } from './estimate-delivered';
import { settleJob, type RunOutcome, type Settled } from './settle-job';

/** Larger answers are passed on but not stored. */
const MAX_STORED_BYTES = 1024 * 1024;

export interface RunContext {
  attempt: string;
  adapter: ProviderAdapter | undefined;
  price: ModelPrice | undefined;
  signal: CancelSignal;
  /** The provider call's span, to hand on. */
  traceparent?: string;
  /** Takes a part of the reply; false asks the provider's stream to pause. */
  emit(kind: 'h' | 'c', field: string, value: Buffer): boolean;
  onResume(callback: () => void): void;
  now(): number;
  /** Calls the provider by way of the prefix tier; without it directly. */
  callProvider?: CallProvider;
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

/** Runs a job against its provider and settles it. Never throws: whatever goes wrong becomes the job's answer. */
export async function runJob(job: Job, context: RunContext): Promise<FinishedRun> {
  const { header } = job;
  const stream = createStreamState(job, context);
  const outcome = await callProvider(job, context, stream.sink);
  const run = toRunOutcome(job, outcome, stream);
  const settled = settleAnyway(job, context, run);
  const body = stream.hasHead ? stream.collected() : bodyOf(outcome, run);
  const kind = stream.hasHead ? 'e' : 'r';
  const isStorable = settled.fill !== undefined && body !== undefined && body.length <= MAX_STORED_BYTES;
  if (isStorable) settled.reply.isStored = true;
  return {
    ...settled,
    fill: isStorable ? settled.fill : undefined,
    body: isStorable ? body : undefined,
    answer: body,
    kind,
    field: replyField(kind, context.attempt, stream.partsSent(), header.requestId),
    value: encodeReply(settled.reply, kind === 'r' ? body : undefined),
  };
}

/** Usage that cannot be priced (negative, no number) must not cost the client its answer: the record then says that the cost is unknown. */
function settleAnyway({ header }: Job, { attempt, price, now }: RunContext, run: RunOutcome): Settled {
  try {
    return settleJob(header, attempt, run, price, now());
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    return settleJob(header, attempt, { ...run, usage: undefined, usageSource: 'none' }, undefined, now());
  }
}

/** The settlement of a job that is not run at all: its time has gone, nobody wants it, or it cannot be. */
export function refuseJob(
  job: Job,
  attempt: string,
  error: CostlaneError,
  nowMs: number,
  price: ModelPrice | undefined,
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
  const settled = settleJob(job.header, attempt, outcome, price, nowMs);
  return {
    ...settled,
    fill: undefined,
    kind: 'r',
    field: replyField('r', attempt, 0, job.header.requestId),
    value: encodeReply(settled.reply, errorBody(error)),
  };
}

async function callProvider(job: Job, context: RunContext, sink: ProviderSink): Promise<ProviderOutcome> {
  const { header } = job;
  const failed = (error: CostlaneError): ProviderOutcome => ({
    ok: false,
    error,
    usageSource: 'none',
    latencyMs: 0,
    upstreamCalls: 0,
    hasDelivered: false,
  });
  if (!context.adapter) {
    return failed(new CostlaneError('unavailable', `Provider ${header.provider} is not configured on this worker.`));
  }
  try {
    const request: ProviderRequest = {
      requestId: header.requestId,
      dialect: header.dialect,
      upstreamModel: header.upstreamModel,
      stream: header.stream,
      body: job.body,
      deadlineAtMs: header.deadlineAtMs,
      signal: context.signal,
      traceparent: context.traceparent,
    };
    const { adapter, callProvider: call } = context;
    return await (call ? call(header, adapter, request, sink, context.price) : adapter.execute(request, sink));
  } catch (error) {
    return failed(toCostlaneError(error));
  }
}

function createStreamState(job: Job, context: RunContext) {
  const { requestId, provider, upstreamModel } = job.header;
  let seq = 0;
  let chunks: Buffer[] = [];
  let collectedBytes = 0;
  const emit = (kind: 'h' | 'c', value: Buffer): boolean =>
    context.emit(kind, replyField(kind, context.attempt, seq++, requestId), value);
  const sink: ProviderSink = {
    head({ status, contentType }) {
      const head: Partial<ReplyHeader> = { status, contentType, provider, modelUsed: upstreamModel };
      emit('h', encodeReply(head as ReplyHeader));
    },
    chunk(bytes) {
      // Kept for the cache; an answer over the bound will not be stored, so its bytes need not be kept either.
      collectedBytes += bytes.length;
      if (collectedBytes <= MAX_STORED_BYTES) chunks.push(bytes);
      else chunks = [];
      return emit('c', bytes);
    },
    onResume: (callback) => context.onResume(callback),
  };
  return {
    sink,
    get hasHead() {
      return seq > 0;
    },
    partsSent: () => seq,
    passedBytes: () => collectedBytes,
    collected: () => (collectedBytes <= MAX_STORED_BYTES ? Buffer.concat(chunks) : undefined),
  };
}

function toRunOutcome(
  job: Job,
  outcome: ProviderOutcome,
  stream: { hasHead: boolean; passedBytes(): number },
): RunOutcome {
  if (outcome.ok) {
    return {
      ...outcome,
      // A stream that was complete but brought no usage is counted by us rather than given away.
      usage: outcome.usage ?? estimateDelivered(job.body.length, outcome.deliveredChars ?? outcome.body?.length ?? 0),
      usageSource: outcome.usage ? outcome.usageSource : 'estimated',
    };
  }
  const usage =
    outcome.usage ??
    (outcome.hasDelivered || stream.hasHead
      ? estimateDelivered(job.body.length, outcome.deliveredChars ?? stream.passedBytes())
      : undefined);
  return {
    usage,
    usageSource: usage && outcome.usageSource === 'none' ? 'estimated' : outcome.usageSource,
    serviceTier: outcome.serviceTier,
    modelUsed: outcome.modelUsed,
    latencyMs: outcome.latencyMs,
    timeToFirstTokenMs: outcome.timeToFirstTokenMs,
    upstreamCalls: outcome.upstreamCalls,
    status: outcome.error.httpStatus,
    contentType: 'application/json',
    error:
      outcome.retryAfterMs !== undefined && outcome.error.retryAfterMs === undefined
        ? new CostlaneError(outcome.error.code, outcome.error.message, { retryAfterMs: outcome.retryAfterMs })
        : outcome.error,
    isCacheable: false,
  };
}

function bodyOf(outcome: ProviderOutcome, run: RunOutcome): Buffer | undefined {
  if (outcome.ok) return outcome.body;
  return run.error ? errorBody(run.error, outcome.body) : undefined;
}

/**
 * What a gateway needs to word the error in the client's dialect: our message and, for a request that the provider turned down, the
 * provider's own words, since clients react to its codes.
 */
function errorBody(error: CostlaneError, upstreamBody?: Buffer): Buffer {
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
