import type { AdaptiveLimit, Admission, CircuitBreaker, LimitVerdict, Permit } from '@costlane/resilience';
import type { AttemptFailure, AttemptOutcome } from '../attempt';
import { coolDownOf, type CoolDownScope, type Deployment } from './deployment';

/** Leave to make one call. */
export interface Entry {
  readonly lane: Lane;
  readonly permit: Permit;
  readonly admission: Admission;
}

/** One model at one deployment: what is known of whether calls may go there. */
export class Lane {
  /** Of the weighted round robin. */
  credit = 0;
  private coolUntilMs = 0;

  constructor(
    readonly deployment: Deployment,
    readonly breaker: CircuitBreaker,
    readonly limit: AdaptiveLimit,
  ) {}

  /** A call would go out at once. */
  isReady(nowMs: number): boolean {
    return this.limit.hasRoom(nowMs) && this.breaker.wouldAdmit(nowMs) && this.coolForMs(nowMs) === 0;
  }

  coolForMs(nowMs: number): number {
    return Math.max(this.deployment.coolForMs(nowMs), this.coolUntilMs - nowMs, 0);
  }

  /** Draws the conclusions from an attempt; says how far its key is left alone, where it is. */
  settle({ permit, admission }: Entry, outcome: AttemptOutcome, nowMs: number): CoolDownScope | undefined {
    this.breaker.record(admission, outcome.ok ? 'success' : outcome.verdict, nowMs);
    if (outcome.ok) {
      this.limit.release(permit, 'success');
      if (this.coolForMs(nowMs) > 0) this.warmUp();
      return undefined;
    }
    this.limit.release(permit, limitVerdictOf(outcome), outcome.retryAfterMs);
    return this.coolDown(outcome, nowMs);
  }

  private coolDown({ error, status, retryAfterMs }: AttemptFailure, nowMs: number): CoolDownScope | undefined {
    const rest = coolDownOf(error.code, status, retryAfterMs);
    if (rest?.scope === 'key') this.deployment.coolDown(rest.durationMs, nowMs);
    else if (rest) this.coolUntilMs = nowMs + rest.durationMs;
    return rest?.scope;
  }

  private warmUp(): void {
    this.coolUntilMs = 0;
    this.deployment.warmUp();
  }
}

/** 429 and 529 say that it was too much, as does whatever comes with a time to stay away; a mere 503 is the breaker's business. */
function limitVerdictOf({ error, status, retryAfterMs }: AttemptFailure): LimitVerdict {
  if (error.code === 'upstream_rate_limited') return 'limited';
  if (error.code !== 'upstream_overloaded') return 'neutral';
  return status !== 503 || retryAfterMs !== undefined ? 'limited' : 'neutral';
}
