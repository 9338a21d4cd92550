import type { ModelTier } from './model-tier';
import type { ModelCapabilities, PolicyModel } from './routing-policy';

/** What a request holds, as far as the choice of a model rests on it. */
export interface RouteContent {
  /** What the user asked, for rules that look for words. */
  readonly text: string;
  /** 0-1, and the five factors it is made of. */
  readonly complexity: number;
  readonly factors: Readonly<Record<string, number>>;
  /** Probability that only a stronger model will do; undefined where nothing is predicted. */
  readonly predictedGain?: number;
  readonly language?: string;
  readonly taskType?: string;
  /** Estimated. */
  readonly promptTokens: number;
  /** Limit that the caller set; undefined: none. */
  readonly maxOutputTokens?: number;
  readonly expectedOutputTokens: number;
  /** What a model must be able to do. */
  readonly needs: readonly (keyof ModelCapabilities)[];
}

/** What a request says of how it wants to be answered. */
export interface RouteFeatures {
  /** Empty, absent or `auto`: the policy chooses. */
  readonly modelAsked?: string;
  readonly tenantId?: string;
  /** Stays the same for one user: experiments are split by it. */
  readonly subject?: string;
  readonly featureName?: string;
  readonly quality?: 'low' | 'medium' | 'high';
  /** The caller's own users: `free` ones get a tier less where that may do, `premium` ones a tier more. */
  readonly userTier?: 'free' | 'standard' | 'premium';
  /** Called only where the choice rests on it. */
  readonly content?: () => RouteContent;
  /** It belongs to the holdout: what it names, or the model that savings are counted from. */
  readonly isHeldOut?: boolean;
  /** No model of a higher tier, whatever the request names: a budget is used up. */
  readonly maxTier?: ModelTier;
  /** Only models marked as secure may see it. */
  readonly mustBeSecure?: boolean;
  /** Prompt tokens that the provider's cache holds of this request for a model. */
  readonly warmTokens?: (model: PolicyModel) => number;
  /** Models that this request cannot go to, whatever they can do. */
  readonly canServe?: (model: PolicyModel) => boolean;
}
