/** What a finished call says about the health of what it called. `neutral`: nothing (the caller left, or asked for nonsense). */
export type CallVerdict = 'success' | 'failure' | 'neutral';

/** Leave to call, to be handed back with the verdict; or how long to stay away. */
export type Admission =
  | { readonly isAdmitted: true; readonly isProbe: boolean }
  | { readonly isAdmitted: false; readonly retryAfterMs: number };

export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit. Default 5. */
  failureThreshold?: number;
  /** How long it stays open before one call may probe. Default 5,000. */
  openMs?: number;
  onStateChange?: (state: CircuitState) => void;
}

const EARLY_REST_MS = 250;

const ordinary: Admission = { isAdmitted: true, isProbe: false };

/**
 * Circuit breaker after Nygard ("Release It!"): consecutive failures open it, after a rest one probe decides.
 *
 * Own code rather than cockatiel's: there a call that comes while the probe runs waits for the probe's end, which for a
 * streamed completion can be minutes; a call the client abandoned counts as a success; and a refusal does not say for
 * how long. Both cost well under a microsecond per call.
 */
export class CircuitBreaker {
  private readonly failureThreshold: number;
  private readonly openMs: number;
  private readonly onStateChange: ((state: CircuitState) => void) | undefined;
  private current: CircuitState = 'closed';
  private consecutiveFailures = 0;
  private openUntilMs = 0;
  /** The call that decides; forgotten when it has decided. */
  private probe: Admission | undefined;
  private probeUntilMs = 0;
  private earlyFromMs = 0;

  constructor({ failureThreshold = 5, openMs = 5_000, onStateChange }: CircuitBreakerOptions = {}) {
    this.failureThreshold = failureThreshold;
    this.openMs = openMs;
    this.onStateChange = onStateChange;
  }

  get state(): CircuitState {
    return this.current;
  }

  /** Whether {@link admit} would let a call through, without taking a probe's place. */
  wouldAdmit(nowMs: number): boolean {
    return this.current === 'closed' || this.mayProbe(nowMs);
  }

  /** Whether a call may be made now. Every admission must come back through {@link record}, else a probe blocks the circuit. */
  admit(nowMs: number): Admission {
    if (this.current === 'closed') return ordinary;
    if (this.mayProbe(nowMs)) return this.beginProbe(nowMs);
    return { isAdmitted: false, retryAfterMs: this.retryAfterMs(nowMs) };
  }

  /**
   * For a call that nobody else can answer: leave to probe before the rest is over, where no probe runs and none has been that early for a
   * quarter of a second.
   */
  admitEarly(nowMs: number): Admission {
    const admission = this.admit(nowMs);
    if (admission.isAdmitted || this.probe || nowMs < this.earlyFromMs) return admission;
    this.earlyFromMs = nowMs + EARLY_REST_MS;
    return this.beginProbe(nowMs);
  }

  /** How long to stay away from an open circuit; 0 from a closed one. */
  retryAfterMs(nowMs: number): number {
    if (this.current === 'closed') return 0;
    return Math.max(1, Math.ceil((this.probe ? this.probeUntilMs : this.openUntilMs) - nowMs));
  }

  /** A probe that has said nothing for as long as a rest hangs, and does not keep others from asking. */
  private mayProbe(nowMs: number): boolean {
    return this.probe ? nowMs >= this.probeUntilMs : nowMs >= this.openUntilMs;
  }

  /** Hands back an admission. What calls from before the opening come to does not move an open circuit. */
  record(admission: Admission, verdict: CallVerdict, nowMs: number): void {
    if (!admission.isAdmitted) return;
    if (admission.isProbe) this.recordProbe(admission, verdict, nowMs);
    else if (this.current === 'closed') this.recordOrdinary(verdict, nowMs);
  }

  private beginProbe(nowMs: number): Admission {
    this.probe = { isAdmitted: true, isProbe: true };
    this.probeUntilMs = nowMs + this.openMs;
    this.change('half-open');
    return this.probe;
  }

  private recordOrdinary(verdict: CallVerdict, nowMs: number): void {
    if (verdict === 'success') this.consecutiveFailures = 0;
    else if (verdict === 'failure' && ++this.consecutiveFailures >= this.failureThreshold) this.open(nowMs);
  }

  private recordProbe(admission: Admission, verdict: CallVerdict, nowMs: number): void {
    // A probe may be recorded early, when the answer begins, and again at its end; only the first counts. One that was given up is too late.
    if (admission !== this.probe) return;
    this.probe = undefined;
    if (verdict === 'success') {
      this.consecutiveFailures = 0;
      this.change('closed');
    } else if (verdict === 'failure') {
      this.open(nowMs);
    }
    // A probe that said nothing leaves the question open: the next call asks it again at once.
  }

  private open(nowMs: number): void {
    this.openUntilMs = nowMs + this.openMs;
    this.change('open');
  }

  private change(state: CircuitState): void {
    if (state === this.current) return;
    this.current = state;
    this.onStateChange?.(state);
  }
}
