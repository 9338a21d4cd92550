import type { DataPolicy } from './data-policy';
import type { ModelTier } from './model-tier';

export const routingStrategies = ['cost_optimal', 'latency_optimal', 'balanced'] as const;
export type RoutingStrategy = (typeof routingStrategies)[number];

export const isRoutingStrategy = (value: unknown): value is RoutingStrategy =>
  routingStrategies.includes(value as RoutingStrategy);

export const qualityLevels = ['low', 'medium', 'high'] as const;
export type QualityLevel = (typeof qualityLevels)[number];

/** A rule that an operator sets: requests whose text holds one of the words go to a tier or a model. */
export interface KeywordRule {
  readonly id: string;
  /** Whole words or phrases, compared without regard to case. */
  readonly keywords: readonly string[];
  readonly tier?: ModelTier;
  readonly model?: string;
}

/** Weights of the five factors of complexity; only their proportion counts. */
export interface ComplexityWeights {
  readonly length: number;
  readonly reasoning: number;
  readonly domain: number;
  readonly context: number;
  readonly output: number;
}

/** What holds for every tenant that has no rule of its own. */
export interface RoutingSettings {
  readonly strategy: RoutingStrategy;
  /** Of `balanced`: 1 looks at cost alone, 0 at latency alone. */
  readonly costWeight: number;
  readonly complexityWeights: ComplexityWeights;
  /** Complexity from which a request is standard, and from which premium. */
  readonly standardFrom: number;
  readonly premiumFrom: number;
  /** Probability that only a stronger model will do: above `raiseFrom` a request goes a tier up, below `lowerBelow` a tier down. */
  readonly raiseFrom: number;
  readonly lowerBelow: number;
  readonly rules: readonly KeywordRule[];
  /** Requests that name no model are routed like `auto`; else they get the default model. */
  readonly isUnnamedRouted: boolean;
  /** Models that `auto` chooses from; empty: every enabled one with a known price and quality. */
  readonly autoModels: readonly string[];
  /** What `auto` is compared with in the ledger; empty: the best model that it may choose from. */
  readonly baselineModel: string;
  /** A cheap answer that will not do is asked of a stronger model, once. */
  readonly isConfidenceChecked: boolean;
  /** Geometric mean of the tokens' probabilities below which an answer counts as doubtful. */
  readonly minTokenProbability: number;
  /** Of tenants that have none of their own. */
  readonly dataPolicy: DataPolicy;
}

export const defaultComplexityWeights: ComplexityWeights = {
  length: 0.2,
  reasoning: 0.3,
  domain: 0.2,
  context: 0.15,
  output: 0.15,
};

export const defaultRoutingSettings: RoutingSettings = {
  strategy: 'cost_optimal',
  costWeight: 0.7,
  complexityWeights: defaultComplexityWeights,
  standardFrom: 0.3,
  premiumFrom: 0.7,
  raiseFrom: 0.3,
  lowerBelow: 0.08,
  rules: [],
  isUnnamedRouted: true,
  autoModels: [],
  baselineModel: '',
  isConfidenceChecked: true,
  minTokenProbability: 0.6,
  dataPolicy: 'allow',
};
