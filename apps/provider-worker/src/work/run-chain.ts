import type { Job, RouteTarget } from '@costlane/contracts';
import {
  compareTiers,
  CostlaneError,
  toCostlaneError,
  type ErrorCode,
  type ModelPrice,
  type RouteStep,
} from '@costlane/domain';
import type { ProviderAdapter, ProviderOutcome, ProviderRequest } from '@costlane/providers';
import type { CancelSignal } from '@costlane/resilience';
import type { Confidence } from '../confidence/create-confidence';
import type { Doubt } from '../confidence/assess-answer';
import { createFirstWordGate, type StreamGate } from '../confidence/stream-gate';
import type { CallProvider } from '../prefix/prefix-tier';
import { isTimeLeft, MAX_TARGETS, mayOtherAnswer } from './can-fall-back';
import { refusalOf, worthAnotherTry } from './last-resort';
import type { ReplyStream, TargetSink } from './reply-stream';
import { withModel } from './with-model';

/** How a model is reached, and what it costs. */
export interface TargetMeans {
  adapter: ProviderAdapter | undefined;
  price: ModelPrice | undefined;
}

export interface ChainContext extends TargetMeans {
  /** How the job's fallbacks are reached (its own model by `adapter`, at `price`); absent: not at all. */
  meansOf?: (target: RouteTarget) => TargetMeans;
  signal: CancelSignal;
  /** The provider call's span, to hand on. */
  traceparent?: string;
  now(): number;
  /** Calls the provider by way of the prefix tier; without it directly. */
  callProvider?: CallProvider;
  /** Looks at answers where the job asks for it; absent: they are given as they are. */
  confidence?: Confidence;
  /** Another model is asked because this happened. */
  onFallback?(code: ErrorCode): void;
  /** A model was called; what came of it. */
  onCall?(target: RouteTarget, outcome: ProviderOutcome): void;
}

/** One model that was asked. */
export interface TargetCall {
  target: RouteTarget;
  price: ModelPrice | undefined;
  outcome: ProviderOutcome;
  sink: TargetSink;
  endedAtMs: number;
  /** The whole answer was looked at, and what was wrong with it. */
  isAssessed?: boolean;
  doubt?: Doubt;
}

export interface ChainResult {
  /** The call whose answer, or whose error, the client gets. */
  given: TargetCall;
  /** Every call, in order. */
  calls: readonly TargetCall[];
  /** The models that were tried and did not answer. */
  steps: readonly RouteStep[];
}

/**
 * Asks the job's model and, where it fails, its fallbacks in the order that the job gives; where its answer will not do and the job asks
 * for that, the next one once. The client gets one answer: another model is asked only while nothing of the first was shown. Never throws.
 */
export async function runChain(job: Job, context: ChainContext, reply: ReplyStream): Promise<ChainResult> {
  const chain = new Chain(job, context, reply);
  const given = await chain.run();
  for (const { sink } of chain.calls) if (sink !== given.sink) sink.abandon();
  if (given.outcome.ok) given.sink.release();
  else given.sink.abandon();
  return { given, calls: chain.calls, steps: stepsOf(chain.calls, given) };
}

interface Asking {
  /** The answer is looked at before it is given. */
  isChecked: boolean;
  /** So many other models may be asked afterwards. */
  othersLeft: number;
  /** Nobody else has an answer. */
  isLastResort?: boolean;
}

class Chain {
  readonly calls: TargetCall[] = [];
  private readonly targets: readonly RouteTarget[];
  private readonly leftAtStartMs: number;

  constructor(
    private readonly job: Job,
    private readonly context: ChainContext,
    private readonly reply: ReplyStream,
  ) {
    const { provider, model, upstreamModel, tier, fallbacks } = job.header;
    const own = { provider, model, upstreamModel, tier };
    this.targets = fallbacks && context.meansOf ? [own, ...fallbacks] : [own];
    this.leftAtStartMs = this.leftMs();
  }

  async run(): Promise<TargetCall> {
    if (this.check()) this.context.confidence?.earn();
    let doubtful: TargetCall | undefined;
    for (let at = 0; ;) {
      const target = this.targets[at] as RouteTarget;
      const strongerAt = doubtful ? undefined : this.strongerAfter(at);
      const call = await this.ask(target, {
        isChecked: strongerAt !== undefined,
        othersLeft: doubtful ? 0 : this.othersAfter(at),
      });
      this.calls.push(call);
      if (doubtful) return this.afterStepUp(doubtful, call);
      if (call.outcome.ok) {
        if (strongerAt === undefined || !this.mustStepUp(call)) return call;
        call.sink.keep();
        doubtful = call;
        at = strongerAt;
      } else {
        call.sink.abandon();
        if (!this.mayFallBack(at + 1, call.outcome.error))
          return (await this.lastResort(call.outcome.error)) ?? this.failed(call);
        at += 1;
      }
    }
  }

  /**
   * Nobody has an answer. One may be back the moment the last one that was well fails: so those are asked that were kept from being asked, by an
   * open circuit, say, and those that failed some time ago.
   */
  private async lastResort(error: CostlaneError): Promise<TargetCall | undefined> {
    if (this.targets.length < 2) return undefined;
    const again = worthAnotherTry(this.calls, this.context.now());
    for (const [index, { target }] of again.entries()) {
      if (!this.mayGoOn(error)) return undefined;
      const call = await this.ask(target, {
        isChecked: false,
        othersLeft: again.length - index - 1,
        isLastResort: true,
      });
      this.calls.push(call);
      if (call.outcome.ok || this.reply.hasHead) return call;
      call.sink.abandon();
    }
    return undefined;
  }

  /** Which model a doubtful answer's question goes to; undefined: none is left, or nobody wants that. */
  private strongerAfter(at: number): number | undefined {
    if (!this.check() || !this.context.confidence || this.asked() + 1 >= MAX_TARGETS) return undefined;
    const found = this.targets.findIndex((target, index) => index > at && isStronger(target, this.targets[at]));
    return found < 0 ? undefined : found;
  }

  /** The stronger model's answer; where it has none, the doubtful one after all. */
  private afterStepUp(doubtful: TargetCall, stronger: TargetCall): TargetCall {
    const isGiven = stronger.outcome.ok || this.reply.hasHead || stronger.outcome.error.code === 'cancelled';
    return isGiven ? stronger : doubtful;
  }

  /** What a client hears when nobody answered: the error of the model that was meant for it, unless it has seen a part of another's answer. */
  private failed(last: TargetCall): TargetCall {
    const isOver = this.reply.hasHead || (!last.outcome.ok && isEnd(last.outcome.error));
    return isOver ? last : (this.calls[0] ?? last);
  }

  /** Models that were really asked: one that is kept from being asked costs nothing. */
  private asked(): number {
    return this.calls.filter(({ outcome }) => !refusalOf(outcome)).length;
  }

  /** How many may be asked after the one that is asked now; those that were kept from it are the last resort. */
  private othersAfter(at: number): number {
    const others = Math.min(this.targets.length - at - 1, MAX_TARGETS - this.asked() - 1);
    return Math.max(this.asked() < this.calls.length ? 1 : 0, others);
  }

  private mayFallBack(at: number, error: CostlaneError): boolean {
    if (at >= this.targets.length || this.asked() >= MAX_TARGETS) return false;
    return this.mayGoOn(error);
  }

  private mayGoOn(error: CostlaneError): boolean {
    if (this.reply.hasHead || this.context.signal.aborted || !mayOtherAnswer(error)) return false;
    if (!isTimeLeft(this.leftMs(), this.leftAtStartMs)) return false;
    this.context.onFallback?.(error.code);
    return true;
  }

  private mustStepUp(call: TargetCall): boolean {
    const { confidence, signal } = this.context;
    const check = this.check();
    if (!confidence || !check || !call.outcome.ok || this.reply.hasHead) return false;
    const answer = call.outcome.body ?? call.sink.held();
    call.doubt = confidence.assess(answer, this.job, check);
    call.isAssessed = true;
    if (!call.doubt || signal.aborted) return false;
    return confidence.mayStepUp(call.doubt, { leftMs: this.leftMs(), callMs: call.outcome.latencyMs });
  }

  private check() {
    const { confidence, dialect } = this.job.header;
    return dialect === 'openai.chat' ? confidence : undefined;
  }

  private async ask(target: RouteTarget, { isChecked, othersLeft, isLastResort }: Asking): Promise<TargetCall> {
    const isOwn = this.calls.length === 0;
    const { adapter, price } = (isOwn ? undefined : this.context.meansOf?.(target)) ?? this.context;
    const gate = this.gateFor(isChecked, othersLeft);
    const sink = this.reply.sinkFor(target, stepsOf(this.calls), gate);
    const outcome = await this.call(target, { adapter, price, sink, othersLeft, isLastResort });
    this.context.onCall?.(target, outcome);
    return { target, price, sink, outcome, endedAtMs: this.context.now() };
  }

  /** Holds a stream's beginning back while another model may have to give it. */
  private gateFor(isChecked: boolean, othersLeft: number): StreamGate | undefined {
    const { stream, dialect } = this.job.header;
    if (!stream || dialect !== 'openai.chat') return undefined;
    if (isChecked) return this.context.confidence?.gate();
    return othersLeft > 0 ? createFirstWordGate() : undefined;
  }

  private async call(
    target: RouteTarget,
    { adapter, price, sink, othersLeft, isLastResort }: TargetMeans & { sink: TargetSink } & Omit<Asking, 'isChecked'>,
  ): Promise<ProviderOutcome> {
    const { header, priority } = this.job;
    const { signal, traceparent, callProvider } = this.context;
    if (!adapter)
      return failed(new CostlaneError('unavailable', `Provider ${target.provider} is not configured on this worker.`));
    const body = this.calls.length === 0 ? this.job.body : withModel(this.job.body, target.upstreamModel);
    if (!body) return failed(new CostlaneError('invalid_json', 'The request body is not a JSON object.'));
    const request: ProviderRequest = {
      requestId: header.requestId,
      dialect: header.dialect,
      priority,
      upstreamModel: target.upstreamModel,
      stream: header.stream,
      body,
      deadlineAtMs: header.deadlineAtMs,
      isDeadlineExplicit: header.isDeadlineExplicit,
      othersLeft,
      isLastResort,
      signal,
      traceparent,
    };
    try {
      if (!callProvider) return await adapter.execute(request, sink);
      const targetHeader = this.calls.length === 0 ? header : { ...header, ...named(target) };
      return await callProvider(targetHeader, adapter, request, sink, price);
    } catch (error) {
      return failed(toCostlaneError(error));
    }
  }

  private leftMs(): number {
    return this.job.header.deadlineAtMs - this.context.now();
  }
}

/** Never down: an answer that will not do is asked only of a model of a higher tier than the one that gave it. */
const isStronger = ({ tier }: RouteTarget, than: RouteTarget | undefined): boolean =>
  tier !== undefined && than?.tier !== undefined && compareTiers(tier, than.tier) > 0;

const named = ({ provider, model, upstreamModel }: RouteTarget) => ({ provider, model, upstreamModel });

const isEnd = ({ code }: CostlaneError): boolean => code === 'cancelled' || code === 'deadline_exceeded';

const NO_STEPS: readonly RouteStep[] = [];

/** What was tried before `given`, or all of it where nobody answered; a single model that failed is no step. */
function stepsOf(calls: readonly TargetCall[], given?: TargetCall): readonly RouteStep[] {
  if (calls.length === 0) return NO_STEPS;
  const isAnswered = given?.outcome.ok === true;
  if (given && calls.length < 2) return NO_STEPS;
  return calls.filter((call) => !(isAnswered && call === given)).map(stepOf);
}

function stepOf({ target: { model, provider }, outcome, doubt }: TargetCall): RouteStep {
  return { model, provider, why: outcome.ok ? `low_confidence:${doubt ?? 'unknown'}` : outcome.error.code };
}

const failed = (error: CostlaneError): ProviderOutcome => ({
  ok: false,
  error,
  usageSource: 'none',
  latencyMs: 0,
  upstreamCalls: 0,
  hasDelivered: false,
});
