import type { StaticModel } from '@costlane/embedding';
import {
  differsInFigures,
  plainlySameProbability,
  type PairVerifier,
  type PreparedText,
} from '@costlane/semantic-verifier';
import type { LaneWork, VectorOf } from '../work/lane-work';
import type { FalseHitGate } from './false-hit-gate';

/** Finds questions that wait together and mean the same, by the gates of the semantic cache. */
export interface SemanticSharing {
  /** Cosine distance up to which two questions are compared. */
  readonly epsilon: number;
  readonly vectorOf: VectorOf;
  /** Whether the answer to one serves the other. Of one tenant and target: the scheduler asks about no others. */
  isSame(asked: LaneWork, other: LaneWork): boolean;
  /** A new budget: comparing must not hold up what waits. */
  beginDecision(): void;
}

export interface SemanticSharingOptions {
  model: Pick<StaticModel, 'embed'>;
  verifier: Pick<PairVerifier, 'prepare' | 'judge' | 'thresholdFor'>;
  gate: FalseHitGate;
  minSimilarity: number;
}

/** Comparing a pair takes some 100 µs. */
const MAX_JUDGED_PER_DECISION = 48;
/** Of a cosine of 32-bit numbers: a vector is as alike to itself as can be wanted. */
const ROUNDING = 1e-6;

export function createSemanticSharing({
  model,
  verifier,
  gate,
  minSimilarity,
}: SemanticSharingOptions): SemanticSharing {
  const vectors = new WeakMap<LaneWork, Float32Array>();
  const prepared = new WeakMap<LaneWork, PreparedText>();
  let judged = 0;

  const prepare = (work: LaneWork, text: string): PreparedText => {
    let ready = prepared.get(work);
    if (!ready) prepared.set(work, (ready = verifier.prepare(text)));
    return ready;
  };
  const probabilityOf = (asked: LaneWork, other: LaneWork, texts: readonly [string, string]): number => {
    const plainlySame = plainlySameProbability(...texts);
    if (plainlySame !== undefined) return plainlySame;
    if (differsInFigures(...texts) || judged >= MAX_JUDGED_PER_DECISION) return 0;
    judged++;
    const { probability, veto } = verifier.judge(prepare(asked, texts[0]), prepare(other, texts[1]));
    return veto ? 0 : probability;
  };

  const vectorOf: VectorOf = (work) => {
    if (!work.question) return undefined;
    let vector = vectors.get(work);
    if (!vector) vectors.set(work, (vector = model.embed(work.question.text)));
    return vector;
  };
  /** By each other: two of a cluster may be alike only by way of others in it. */
  const isLike = (asked: LaneWork, other: LaneWork): boolean => {
    const [a, b] = [vectorOf(asked), vectorOf(other)];
    const least = Math.max(minSimilarity, asked.minSimilarity, other.minSimilarity) - ROUNDING;
    return a !== undefined && b !== undefined && cosine(a, b) >= least;
  };

  return {
    epsilon: 1 - minSimilarity,
    vectorOf,
    isSame(asked, other) {
      if (!asked.question || !other.question || asked.tenantId !== other.tenantId) return false;
      if (asked.scope !== other.scope || asked.question.contextHash !== other.question.contextHash) return false;
      if (!isLike(asked, other)) return false;
      const probability = probabilityOf(asked, other, [asked.question.text, other.question.text]);
      if (probability === 0 || !gate.admit(asked.tenantId, probability)) return false;
      return probability >= verifier.thresholdFor(gate.limitOf(asked.tenantId), false);
    },
    beginDecision() {
      judged = 0;
    },
  };
}

/** Of unit vectors. */
const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
