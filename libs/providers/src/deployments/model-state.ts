import { RecentQuantiles } from '@costlane/resilience';
import type { AttemptOutcome } from '../attempt';
import type { ModelHealth } from '../provider';
import { ErrorShare } from './error-share';
import type { Lane } from './lane';

/** A rate of shorter answers says more about the network than about the model. */
const MIN_TOKENS_FOR_RATE = 16;
/** Share of the newest answer in the mean of the rates. */
const RATE_SHARE = 0.1;
const MIN_SAMPLES_FOR_P50 = 5;

/** One model of a provider, over all deployments that serve it. */
export class ModelState {
  /** Times to the first token of attempts that were not hedges, in milliseconds. */
  readonly firstToken = new RecentQuantiles();
  /** Times of whole answers that were not streamed, in milliseconds. */
  readonly wholeAnswer = new RecentQuantiles();
  /** The flex tier had no capacity: it is not asked for before then. */
  flexPausedUntilMs = 0;
  private readonly errors = new ErrorShare();
  private tokensPerSecond: number | undefined;

  constructor(
    readonly model: string,
    readonly lanes: readonly Lane[],
  ) {}

  get isEveryBreakerOpen(): boolean {
    return this.lanes.every(({ breaker }) => breaker.state !== 'closed');
  }

  /** Takes note of how an attempt ended; of its first token its maker does. */
  record(outcome: AttemptOutcome, nowMs: number): void {
    if (outcome.ok || outcome.verdict === 'failure') this.errors.record(!outcome.ok, nowMs);
    const { timeToFirstTokenMs, usage, latencyMs } = outcome;
    if (!outcome.ok || timeToFirstTokenMs === undefined || latencyMs <= timeToFirstTokenMs) return;
    if (!usage || usage.outputTokens < MIN_TOKENS_FOR_RATE) return;
    const rate = (usage.outputTokens * 1_000) / (latencyMs - timeToFirstTokenMs);
    this.tokensPerSecond = this.tokensPerSecond === undefined ? rate : mix(this.tokensPerSecond, rate);
  }

  /** How long calls are kept from every deployment by circuits and keys; 0 when some would let one through, now or from its queue. */
  closedForMs(nowMs: number): number {
    return this.least((lane) =>
      lane.breaker.wouldAdmit(nowMs) ? lane.coolForMs(nowMs) : lane.breaker.retryAfterMs(nowMs),
    );
  }

  health(nowMs: number): ModelHealth {
    const closedMs = this.closedForMs(nowMs);
    const retryAfterMs = Math.max(
      closedMs,
      this.least(({ limit }) => limit.blockedForMs(nowMs)),
    );
    const sum = (of: (lane: Lane) => number): number => this.lanes.reduce((total, lane) => total + of(lane), 0);
    return {
      model: this.model,
      isBreakerOpen: closedMs > 0,
      ...(retryAfterMs > 0 ? { retryAfterMs: Math.ceil(retryAfterMs) } : {}),
      inFlight: sum(({ limit }) => limit.inFlight),
      limit: sum(({ limit }) => limit.limit),
      firstTokenP50Ms: this.firstToken.count < MIN_SAMPLES_FOR_P50 ? undefined : this.firstToken.quantileMs(0.5),
      tokensPerSecond: this.tokensPerSecond,
      errorShare: this.errors.share(nowMs),
    };
  }

  private least(of: (lane: Lane) => number): number {
    return this.lanes.reduce((least, lane) => Math.min(least, of(lane)), Infinity);
  }
}

const mix = (mean: number, newest: number): number => mean + RATE_SHARE * (newest - mean);
