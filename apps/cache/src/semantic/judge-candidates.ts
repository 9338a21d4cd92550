import {
  differsInFigures,
  plainlySameProbability,
  type PairVerifier,
  type PreparedText,
  type VetoReason,
} from '@costlane/semantic-verifier';
import type { SemanticEntry } from './semantic-entry';

/** Why a look-up gave no answer, or that it gave one; the label of the metric and part of the reply. */
export const lookUpOutcomes = [
  'hit',
  'empty',
  'gone',
  'too_old',
  'unpopular',
  'vetoed',
  'improbable',
  'off',
  'loading',
  'late',
  'overloaded',
  'failed',
] as const;
export type LookUpOutcome = (typeof lookUpOutcomes)[number];

/** A neighbour of the question, as far as it is known. */
export interface Candidate {
  similarity: number;
  /** Undefined: its answer has gone. */
  entry: SemanticEntry | undefined;
  /** How often its question came up, its own first time left out. */
  timesAsked: number;
}

/** What is asked, and how a text is got ready for the verifier: only once it comes to that, for it is the dearest step. */
export interface Question {
  text: string;
  prepare: (text: string) => PreparedText;
}

export interface Gates {
  maxAgeMs: number;
  minTimesAsked: number;
  nowMs: number;
}

export interface Judged {
  outcome: LookUpOutcome;
  entry?: SemanticEntry;
  similarity: number;
  probability: number;
  veto?: VetoReason;
}

const nothing: Judged = { outcome: 'empty', similarity: 0, probability: 0 };

/**
 * The most probable of the candidates that pass the gates, with its probability; whether that is enough is for the caller to say. Candidates
 * come nearest first. Where none passes, the outcome is that of the nearest.
 */
export function judgeCandidates(
  verifier: Pick<PairVerifier, 'judge'>,
  asked: Question,
  candidates: readonly Candidate[],
  gates: Gates,
  isDense: boolean,
): Judged {
  let best: Judged | undefined;
  let first: Judged | undefined;
  for (const candidate of candidates) {
    const judged = judge(verifier, asked, candidate, gates, isDense);
    first ??= judged;
    if (judged.outcome === 'hit' && judged.probability > (best?.probability ?? -1)) best = judged;
  }
  return best ?? first ?? nothing;
}

function judge(
  verifier: Pick<PairVerifier, 'judge'>,
  asked: Question,
  { similarity, entry, timesAsked }: Candidate,
  gates: Gates,
  isDense: boolean,
): Judged {
  const refused = (outcome: LookUpOutcome): Judged => ({ outcome, similarity, probability: 0, entry });
  if (!entry) return refused('gone');
  if (entry.expiresAtMs <= gates.nowMs) return refused('gone');
  if (gates.nowMs - entry.createdAtMs > gates.maxAgeMs) return refused('too_old');
  if (timesAsked < gates.minTimesAsked) return refused('unpopular');
  const plainlySame = plainlySameProbability(asked.text, entry.text);
  if (plainlySame !== undefined) return { outcome: 'hit', entry, similarity, probability: plainlySame };
  if (differsInFigures(asked.text, entry.text)) return { ...refused('vetoed'), veto: 'number' };
  const [one, other] = [asked.prepare(asked.text), asked.prepare(entry.text)];
  const { probability, veto } = verifier.judge(one, other, isDense ? similarity : undefined);
  if (veto) return { ...refused('vetoed'), veto };
  return { outcome: 'hit', entry, similarity, probability };
}
