import type { ModelTier } from './model-tier';
import type { ModelCapabilities } from './routing-policy';

/** A model that was tried and was not the one that answered. */
export interface RouteStep {
  readonly model: string;
  readonly provider: string;
  /** The error's code, or `low_confidence:<what was wrong>`. */
  readonly why: string;
}

/** A model that came into question, with what the request was expected to cost with it. */
export interface RouteCandidate {
  readonly model: string;
  readonly provider: string;
  /** Undefined: its price is not known. */
  readonly costNanoUsd?: number;
}

/** How a model was chosen, as it stands on the record: never a word of the prompt. */
export interface RouteRecord {
  readonly strategy: string;
  /** What decided: `explicit`, `default`, `rule:<id>`, `complexity`, `predictor`, `experiment`, `substitution`. */
  readonly route: string;
  readonly reason: string;
  readonly tier: ModelTier;
  readonly complexity?: number;
  readonly predictedGain?: number;
  readonly taskType?: string;
  readonly language?: string;
  /** What the model had to be able to do. */
  readonly needs?: readonly (keyof ModelCapabilities)[];
  /** Best first, a few at most. */
  readonly candidates: readonly RouteCandidate[];
  /** Kinds of personal data or secrets that were found, and what was done. */
  readonly sensitive?: { readonly kinds: readonly string[]; readonly action: string };
  readonly steps?: readonly RouteStep[];
}
