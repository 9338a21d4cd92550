import { CostlaneError } from '@costlane/domain';
import type { Metrics } from '@costlane/platform';
import type { ProviderFailure, ProviderOutcome, ProviderRequest } from '@costlane/providers';
import { DeadlineSweep, type Deadlined } from '@costlane/resilience';
import type { CallProvider } from '../prefix/prefix-tier';
import {
  createAnswerSizes,
  fillsArray,
  takeFitting,
  usualArrayLimits,
  type AnswerSizes,
  type ArrayLimits,
} from './array-limits';
import { createArrayMetrics, type ArrayMetrics } from './array-metrics';
import { callArray, type ArrayMember } from './call-array';
import { readInputs, type EmbeddingInputs } from './read-inputs';

/** Calls of one tenant to one model that may be under way before others wait to go together. */
const usualCallsAtOnce = 8;
/** A call that hangs must not hold up those who come after it for longer. */
const MAX_WAIT_MS = 1_000;

export interface EmbeddingArraysOptions {
  metrics: Metrics;
  /** How providers are called; by default directly. */
  inner?: CallProvider;
  limits?: ArrayLimits;
  /** Default 8. */
  callsAtOnce?: number;
  /** For specs. */
  maxWaitMs?: number;
}

/**
 * Calls providers so that embedding requests of one tenant which ask the same model with equal parameters, and come while as many calls as are made at once are under way,
 * go together as one when one of those ends: one request to the provider, for as much time as that call still takes. While fewer are under way a
 * request goes at once and its body is not looked at, and one that is in a hurry never waits. Every other request passes through.
 */
export function createEmbeddingArrays(options: EmbeddingArraysOptions): CallProvider {
  const { inner, limits = usualArrayLimits, maxWaitMs = MAX_WAIT_MS, callsAtOnce = usualCallsAtOnce } = options;
  const shared = {
    limits,
    maxWaitMs,
    callsAtOnce,
    metrics: createArrayMetrics(options.metrics),
    sizes: createAnswerSizes(),
    sweep: new DeadlineSweep(),
  };
  const queues = new Map<string, ArrayQueue>();
  const callInner: CallProvider = inner ?? ((_header, adapter, request, sink) => adapter.execute(request, sink));
  const callQueued: CallProvider = async (header, adapter, request, sink, price) => {
    const call = (sent: ProviderRequest): Promise<ProviderOutcome> => callInner(header, adapter, sent, sink, price);
    const { tenantId, provider } = header;
    const key = JSON.stringify([tenantId, provider, request.upstreamModel]);
    let queue = queues.get(key);
    if (!queue) queues.set(key, (queue = new ArrayQueue(provider, shared)));
    try {
      return await queue.call(request, call);
    } finally {
      if (queue.isIdle && queues.get(key) === queue) queues.delete(key);
    }
  };
  return (header, adapter, request, sink, price) => {
    const isEmbedding = request.dialect === 'openai.embeddings' && !request.stream && !header.isHoldout;
    return (isEmbedding ? callQueued : callInner)(header, adapter, request, sink, price);
  };
}

interface QueueDeps {
  limits: ArrayLimits;
  maxWaitMs: number;
  callsAtOnce: number;
  metrics: ArrayMetrics;
  sizes: AnswerSizes;
  sweep: DeadlineSweep;
}

/** Embedding calls of one tenant to one model: those under way, and the requests that wait for one of them to end. */
class ArrayQueue {
  private underWay = 0;
  private readonly waiting = new Set<Waiter>();

  constructor(
    private readonly provider: string,
    private readonly deps: QueueDeps,
  ) {}

  get isIdle(): boolean {
    return this.underWay === 0 && this.waiting.size === 0;
  }

  async call(request: ProviderRequest, call: ArrayMember['call']): Promise<ProviderOutcome> {
    if (this.underWay < this.deps.callsAtOnce) return this.run(() => call(request));
    const isHurried = request.priority === 'express' || request.isLastResort || request.signal.aborted;
    const asked = isHurried ? undefined : readInputs(request.body);
    const { limits, sizes } = this.deps;
    if (!asked || fillsArray(asked, sizes.of(asked), limits)) return call(request);
    return this.wait({ request, asked, call });
  }

  private wait(member: ArrayMember): Promise<ProviderOutcome> {
    const nowMs = Date.now();
    // Who has little time waits for a part of it only.
    const patienceMs = Math.min(this.deps.maxWaitMs, (member.request.deadlineAtMs - nowMs) / 2);
    return new Promise((resolve) => {
      const waiter = new Waiter(member, { sinceMs: nowMs, deadlineAtMs: nowMs + patienceMs }, resolve, {
        leave: (left) => this.leave(left),
        hurry: (first) => this.send(first),
      });
      this.waiting.add(waiter);
      member.request.signal.addEventListener('abort', waiter);
      this.deps.sweep.watch(waiter);
    });
  }

  private leave(waiter: Waiter): void {
    this.waiting.delete(waiter);
    this.deps.sweep.unwatch(waiter);
    waiter.request.signal.removeEventListener('abort', waiter);
  }

  /** Sends this one, and as many of those that it may go with as one call takes. */
  private send(first: Waiter): void {
    const { limits, sizes, metrics } = this.deps;
    const others = [...this.waiting].filter((each) => each !== first && each.asked.shape === first.asked.shape);
    const taken = takeFitting([first, ...others], sizes.of(first.asked), limits);
    const nowMs = Date.now();
    for (const waiter of taken) {
      this.leave(waiter);
      metrics.waited(this.provider, nowMs - waiter.times.sinceMs);
    }
    void this.run(async () => {
      const outcomes = await callArray(taken, {
        onSent: (requests, inputs) => metrics.sent(this.provider, requests, inputs),
        onHalved: () => metrics.halved(),
        onAnswerSize: (shape, bytesPerInput) => sizes.observe(shape, bytesPerInput),
      });
      for (const [index, waiter] of taken.entries()) waiter.settle(outcomes[index] ?? lost());
    }).catch((error: unknown) => {
      for (const waiter of taken) waiter.settle(lost(error));
    });
  }

  private async run<T>(call: () => Promise<T>): Promise<T> {
    this.underWay++;
    try {
      return await call();
    } finally {
      this.underWay--;
      this.serve();
    }
  }

  private serve(): void {
    while (this.underWay < this.deps.callsAtOnce) {
      const [first] = this.waiting;
      if (!first) return;
      this.send(first);
    }
  }
}

interface WaiterTimes {
  sinceMs: number;
  deadlineAtMs: number;
}

class Waiter implements ArrayMember, Deadlined {
  sweepIndex = -1;
  readonly request: ProviderRequest;
  readonly asked: EmbeddingInputs;
  readonly call: ArrayMember['call'];

  constructor(
    member: ArrayMember,
    readonly times: WaiterTimes,
    readonly settle: (outcome: ProviderOutcome) => void,
    private readonly queue: { leave(waiter: Waiter): void; hurry(waiter: Waiter): void },
  ) {
    this.request = member.request;
    this.asked = member.asked;
    this.call = (request) => member.call(request);
  }

  get deadlineAtMs(): number {
    return this.times.deadlineAtMs;
  }

  /** It has waited long enough. */
  onDeadline(): void {
    this.queue.hurry(this);
  }

  /** The request's signal has been aborted. */
  handleEvent(): void {
    this.queue.leave(this);
    this.settle(notAsked(new CostlaneError('cancelled', 'The request was cancelled.')));
  }
}

const lost = (cause?: unknown): ProviderFailure =>
  notAsked(new CostlaneError('internal', 'Costlane failed to make the provider call.', { cause }));

const notAsked = (error: CostlaneError): ProviderFailure => ({
  ok: false,
  error,
  usageSource: 'none',
  latencyMs: 0,
  upstreamCalls: 0,
  hasDelivered: false,
});
