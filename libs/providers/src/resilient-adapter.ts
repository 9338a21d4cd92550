import { CostlaneError } from '@costlane/domain';
import { cancellableDelay, CircuitBreaker, jitteredDelayMs, RetryBudget, type Admission } from '@costlane/resilience';
import { LRUCache } from 'lru-cache';
import { elapsedMs, type AttemptFailure, type AttemptOutcome, type ProviderTransport } from './attempt';
import type { ProviderAdapter, ProviderFailure, ProviderOutcome, ProviderRequest, ProviderSink } from './provider';
import type { ProviderConfig } from './provider-config';
import type { ProviderMetrics } from './provider-metrics';

const MAX_ATTEMPTS = 2;
/** Models with a breaker of their own; more would mean that names come from clients. */
const MAX_MODELS = 1_000;

export interface ResilienceDeps {
  metrics: ProviderMetrics;
  random?: () => number;
}

/**
 * The one layer that retries: at most two attempts, within a budget of a tenth of the requests, none after something
 * was delivered, not before the provider's `retry-after`, never past the deadline; a circuit breaker per model.
 */
export class ResilientAdapter implements ProviderAdapter {
  readonly name: string;
  private readonly breakers = new LRUCache<string, CircuitBreaker>({ max: MAX_MODELS });
  private readonly budget: RetryBudget;
  private readonly baseDelayMs: number;
  private readonly maxDelayMs: number;

  constructor(
    private readonly config: ProviderConfig,
    private readonly transport: ProviderTransport,
    private readonly deps: ResilienceDeps,
  ) {
    this.name = config.name;
    this.budget = new RetryBudget(config.retry);
    this.baseDelayMs = config.retry?.baseDelayMs ?? 200;
    this.maxDelayMs = config.retry?.maxDelayMs ?? 15_000;
  }

  async execute(request: ProviderRequest, sink: ProviderSink): Promise<ProviderOutcome> {
    const startedAtMs = performance.now();
    const breaker = this.breakerOf(request.upstreamModel);
    this.budget.earn();
    let failure: AttemptFailure | undefined;
    for (let upstreamCalls = 1; ; upstreamCalls++) {
      const gone = goneReason(request);
      if (gone) return failed(gone, startedAtMs, upstreamCalls - 1);
      const admission = breaker.admit(Date.now());
      if (!admission.isAdmitted) return failure ?? this.circuitOpen(request, admission.retryAfterMs, startedAtMs);
      const outcome = await this.attempt(request, sink, { breaker, admission, startedAtMs, upstreamCalls });
      if (outcome.ok) return outcome;
      const delayMs = this.retryDelayMs(outcome, request);
      if (delayMs === undefined) return outcome;
      failure = outcome;
      this.deps.metrics.retried(outcome.error.code);
      // An abort ends the wait early; what it means is looked at above.
      await cancellableDelay(delayMs, request.signal);
    }
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  private async attempt(request: ProviderRequest, sink: ProviderSink, run: Run): Promise<AttemptOutcome> {
    const { breaker, admission, startedAtMs, upstreamCalls } = run;
    const onAnswering = isProbe(admission) ? () => breaker.record(admission, 'success', Date.now()) : undefined;
    let outcome: AttemptOutcome;
    try {
      outcome = await this.transport.attempt(request, sink, { startedAtMs, upstreamCalls, onAnswering });
    } catch (cause) {
      outcome = unexpected(cause, startedAtMs, upstreamCalls);
    }
    breaker.record(admission, outcome.ok ? 'success' : outcome.verdict, Date.now());
    return outcome;
  }

  /** How long to wait before the call is made again; undefined when it must not be. */
  private retryDelayMs(failure: AttemptFailure, request: ProviderRequest): number | undefined {
    if (!failure.isRetryable || failure.hasDelivered || failure.upstreamCalls >= MAX_ATTEMPTS) return undefined;
    if (request.signal.aborted) return undefined;
    const jitterMs = jitteredDelayMs(failure.upstreamCalls, this.baseDelayMs, this.maxDelayMs, this.deps.random);
    const delayMs = failure.retryAfterMs === undefined ? jitterMs : Math.max(failure.retryAfterMs, 0);
    if (delayMs > this.maxDelayMs || Date.now() + delayMs >= request.deadlineAtMs) return undefined;
    if (this.budget.trySpend()) return delayMs;
    this.deps.metrics.retryRefused();
    return undefined;
  }

  private breakerOf(model: string): CircuitBreaker {
    let breaker = this.breakers.get(model);
    if (!breaker) {
      const onStateChange = this.deps.metrics.breakerListener(model);
      breaker = new CircuitBreaker({ ...this.config.breaker, onStateChange });
      this.breakers.set(model, breaker);
    }
    return breaker;
  }

  private circuitOpen(request: ProviderRequest, retryAfterMs: number, startedAtMs: number): ProviderFailure {
    const message = `${this.name} has failed repeatedly for ${request.upstreamModel} and is given a rest; please try again in a moment.`;
    const error = new CostlaneError('circuit_open', message, { retryAfterMs });
    return { ...failed(error, startedAtMs, 0), retryAfterMs };
  }
}

interface Run {
  breaker: CircuitBreaker;
  admission: Admission;
  startedAtMs: number;
  upstreamCalls: number;
}

const isProbe = (admission: Admission): boolean => admission.isAdmitted && admission.isProbe;

function goneReason(request: ProviderRequest): CostlaneError | undefined {
  if (request.signal.aborted) return new CostlaneError('cancelled', 'The request was cancelled.');
  if (request.deadlineAtMs > Date.now()) return undefined;
  return new CostlaneError('deadline_exceeded', 'The deadline passed before the provider could be asked.');
}

function failed(error: CostlaneError, startedAtMs: number, upstreamCalls: number): ProviderFailure {
  const latencyMs = elapsedMs(startedAtMs);
  return { ok: false, error, usageSource: 'none', latencyMs, upstreamCalls, hasDelivered: false };
}

/** A transport that threw has a defect; the request still gets its answer. */
function unexpected(cause: unknown, startedAtMs: number, upstreamCalls: number): AttemptFailure {
  const error = new CostlaneError('internal', 'Costlane failed to make the provider call.', { cause });
  return { ...failed(error, startedAtMs, upstreamCalls), isRetryable: false, verdict: 'neutral' };
}
