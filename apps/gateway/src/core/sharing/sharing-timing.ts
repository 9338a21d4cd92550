export interface SharingTiming {
  /** A holder that does not say in this time that it passes its answer on is gone, or as good as: what a follower loses to it. */
  ackTimeoutMs: number;
  /** How often a holder says what it still passes on, and claims are looked after. */
  beatIntervalMs: number;
  /** A holder that was silent for so long has died. */
  silenceTimeoutMs: number;
  /** A claim is a lease: it ends by itself soon after its gateway has, and a short call need not give it back. */
  claimLifetimeMs: number;
}

export const defaultTiming: SharingTiming = {
  ackTimeoutMs: 100,
  beatIntervalMs: 1_000,
  silenceTimeoutMs: 3_000,
  claimLifetimeMs: 10_000,
};
