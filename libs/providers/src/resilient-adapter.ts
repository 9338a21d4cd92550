import { CostlaneError, type ErrorCode } from '@costlane/domain';
import { cancellableDelay, DeadlineSweep, jitteredDelayMs, RetryBudget } from '@costlane/resilience';
import { elapsedMs, type AttemptFailure } from './attempt';
import { addLeg, Attempts, type Run } from './deployments/attempts';
import type { Deployment } from './deployments/deployment';
import { enterLane } from './deployments/enter-lane';
import { Hedging } from './deployments/hedging';
import type { Lane } from './deployments/lane';
import { lostLeg } from './deployments/lost-leg';
import { Models } from './deployments/models';
import { PASS_OVER_MS } from './deployments/patience';
import type {
  ModelHealth,
  ProviderAdapter,
  ProviderFailure,
  ProviderOutcome,
  ProviderRequest,
  ProviderSink,
} from './provider';
import type { ProviderConfig } from './provider-config';
import type { LaneGauges, ProviderMetrics } from './provider-metrics';

const MAX_ATTEMPTS = 2;
/** What is wrong with one key need not be with another. */
const ofTheKey: ReadonlySet<ErrorCode> = new Set(['upstream_auth_failed', 'upstream_quota_exhausted']);

export interface ResilienceDeps {
  metrics: ProviderMetrics;
  random?: () => number;
  /** One timer for what has to begin or be over by a time. */
  deadlines?: DeadlineSweep;
}

/**
 * The one layer that retries: at most two attempts, within a budget of a tenth of the requests, none after something was delivered, at
 * another deployment at once where there is one, else not before the provider's `retry-after`, never past the deadline. Around each
 * attempt: a circuit breaker and a limit of calls in flight per model and deployment, and a rest for keys that are refused.
 */
export class ResilientAdapter implements ProviderAdapter {
  readonly name: string;
  private readonly models: Models;
  private readonly attempts: Attempts;
  private readonly hedging: Hedging;
  private readonly budget: RetryBudget;
  private readonly baseDelayMs: number;
  private readonly maxDelayMs: number;

  constructor(
    config: ProviderConfig,
    private readonly deployments: readonly Deployment[],
    private readonly deps: ResilienceDeps,
  ) {
    const { metrics, deadlines = new DeadlineSweep() } = deps;
    this.name = config.name;
    this.budget = new RetryBudget(config.retry);
    this.baseDelayMs = config.retry?.baseDelayMs ?? 200;
    this.maxDelayMs = config.retry?.maxDelayMs ?? 15_000;
    this.hedging = new Hedging(config.hedge);
    this.models = new Models(config, deployments, {
      deadlines,
      onBreakerChange: (each) => metrics.breakerChanged(each),
    });
    this.attempts = new Attempts({ config, metrics, hedging: this.hedging, deadlines });
  }

  async execute(request: ProviderRequest, sink: ProviderSink): Promise<ProviderOutcome> {
    const state = this.models.of(request.upstreamModel);
    const startedAtMs = performance.now();
    const run: Run = { request, sink, state, startedAtMs, upstreamCalls: 0, attempts: 0, otherLegs: undefined };
    this.budget.earn();
    this.hedging.earn();
    let failed: { outcome: AttemptFailure; lane: Lane } | undefined;
    for (;;) {
      const gone = goneReason(request);
      const entering = gone ?? enterLane(this.name, state, request, failed?.lane);
      const entry = entering instanceof Promise ? await entering : entering;
      if (entry instanceof CostlaneError) {
        const isGone = entry === gone || entry.code === 'cancelled';
        if (failed && !isGone) return finished(run, failed.outcome);
        if (failed) noteFailed(run, failed);
        return finished(run, this.refused(entry, run));
      }
      if (failed) noteFailed(run, failed);
      const outcome = await this.attempts.make(run, entry);
      if (outcome.ok) return finished(run, outcome);
      const delayMs = this.retryDelayMs(outcome, run, entry.lane);
      if (delayMs === undefined) return finished(run, outcome);
      failed = { outcome, lane: entry.lane };
      this.deps.metrics.retried(outcome.error.code);
      // An abort ends the wait early; what it means is looked at above.
      if (delayMs > 0) await cancellableDelay(delayMs, request.signal);
    }
  }

  health(): ModelHealth[] {
    const nowMs = Date.now();
    return this.models.all().map((state) => state.health(nowMs));
  }

  /** Where calls stand, per model and deployment. */
  lanes(): LaneGauges[] {
    return this.models.gauges();
  }

  async close(): Promise<void> {
    await Promise.all(this.deployments.map(({ transport }) => transport.close()));
  }

  /** How long to wait before the call is made again; 0 where another deployment can be asked; undefined when it must not be made. */
  private retryDelayMs(failure: AttemptFailure, run: Run, lane: Lane): number | undefined {
    const { request, state } = run;
    if (failure.hasDelivered || run.attempts >= MAX_ATTEMPTS || request.signal.aborted) return undefined;
    const nowMs = Date.now();
    const hasOther = state.lanes.some((each) => each !== lane && each.isReady(nowMs));
    if (!failure.isRetryable && !(hasOther && ofTheKey.has(failure.error.code))) return undefined;
    const delayMs = hasOther ? 0 : this.sameAgainDelayMs(failure);
    if (request.othersLeft && !hasOther && isPassedOver(failure, delayMs)) return undefined;
    if (delayMs > this.maxDelayMs || nowMs + delayMs >= request.deadlineAtMs) return undefined;
    if (this.budget.trySpend()) return delayMs;
    this.deps.metrics.retryRefused();
    return undefined;
  }

  private sameAgainDelayMs({ retryAfterMs }: AttemptFailure): number {
    if (retryAfterMs !== undefined) return Math.max(retryAfterMs, 0);
    return jitteredDelayMs(1, this.baseDelayMs, this.maxDelayMs, this.deps.random);
  }

  private refused(error: CostlaneError, run: Run): ProviderFailure {
    if (error.code === 'overloaded') this.deps.metrics.overloaded();
    const { retryAfterMs } = error;
    return {
      ok: false,
      error,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      usageSource: 'none',
      latencyMs: elapsedMs(run.startedAtMs),
      upstreamCalls: run.upstreamCalls,
      hasDelivered: false,
    };
  }
}

function goneReason(request: ProviderRequest): CostlaneError | undefined {
  if (request.signal.aborted) return new CostlaneError('cancelled', 'The request was cancelled.');
  if (request.deadlineAtMs > Date.now()) return undefined;
  return new CostlaneError('deadline_exceeded', 'The deadline passed before the provider could be asked.');
}

/** Another model is asked rather than this one again: where that would take long, or has been waited for already. */
const isPassedOver = ({ error }: AttemptFailure, delayMs: number): boolean =>
  delayMs >= PASS_OVER_MS || error.code === 'upstream_timeout';

function noteFailed(run: Run, { outcome, lane }: { outcome: AttemptFailure; lane: Lane }): void {
  addLeg(run, lostLeg('retry', lane.deployment.name, outcome, run.request.body.length));
}

/** The outcome with what only the whole call knows. */
function finished(run: Run, outcome: ProviderOutcome): ProviderOutcome {
  const { upstreamCalls, otherLegs } = run;
  if (otherLegs) return { ...outcome, upstreamCalls, otherLegs };
  return outcome.upstreamCalls === upstreamCalls ? outcome : { ...outcome, upstreamCalls };
}
