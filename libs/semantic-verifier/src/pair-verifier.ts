/** A question with everything that can be worked out about it alone, once: comparing two of them is then cheap. */
export interface PreparedText {
  readonly text: string;
}

/** Why a pair is refused whatever its probability: `number`, `name`, `negation`, …; for metrics and for the answer's explanation. */
export type VetoReason = 'number' | 'entity' | 'negation' | 'antonym' | 'order' | 'value';

export interface PairVerdict {
  /** Calibrated probability that one answer serves both questions; 0 with a veto. */
  probability: number;
  veto?: VetoReason;
}

/** Says whether the answer to one question answers another. Pure, deterministic, without I/O. */
export interface PairVerifier {
  readonly modelId: string;
  prepare(text: string): PreparedText;
  /** `denseCosine`: cosine by a contextual embedder, where one is configured. */
  judge(asked: PreparedText, kept: PreparedText, denseCosine?: number): PairVerdict;
  /** Probability from which pairs are taken so that at most this share (0 to 1) of different pairs is answered wrongly. */
  thresholdFor(maxFalseHitRate: number, hasDenseCosine: boolean): number;
}
