export { CostlaneError, errorTable, isErrorCode, toCostlaneError } from './error-codes';
export type { CostlaneErrorOptions, ErrorCode } from './error-codes';
export { canonicalJson, fingerprint, normaliseText, normalizationModes } from './fingerprint';
export type { FingerprintScope, NormalizationMode } from './fingerprint';
export { createEvictionOrder, type EvictionOrder, type Ranked } from './eviction/eviction-order';
export {
  evictionPolicies,
  reuseWeight,
  worthOfUse,
  type EntryWorth,
  type EvictionPolicy,
} from './eviction/eviction-policy';
export type { BatchWork, GroupedCall, WorkGroup } from './batching/batch-work';
export { clusterVectors } from './batching/cluster-vectors';
export type { ClusterOptions } from './batching/cluster-vectors';
export { createBatchScheduler } from './batching/create-batch-scheduler';
export type {
  BatchDecision,
  BatchScheduler,
  BatchSchedulerOptions,
  OfferVerdict,
  TargetState,
} from './batching/create-batch-scheduler';
export { formGroups } from './batching/form-groups';
export type { GroupingOptions } from './batching/form-groups';
export { HeldByLane } from './batching/held-by-lane';
export { batchLanes, laneSettings } from './batching/lanes';
export type { BatchLane, BatchSettings, LaneSettings, LaneSettingsByLane } from './batching/lanes';
export { SlotMap } from './batching/slot-map';
export type { PlacePool, TargetCapacity } from './batching/target-queue';
export { err, ok } from './result';
export type { Result } from './result';

export { MoneyError, type MoneyErrorCode } from './money/money-error';
export {
  complementOfDecimal,
  formatDecimal,
  multiplyDecimalStrings,
  multiplyDecimals,
  parseDecimal,
  shiftDecimal,
  type Decimal,
} from './money/decimal';
export {
  addNanoUsd,
  formatUsd,
  nanoUsd,
  nanoUsdFromBigInt,
  parseUsd,
  subtractNanoUsd,
  zeroNanoUsd,
  type NanoUsd,
} from './money/nano-usd';
export {
  addUsage,
  emptyUsage,
  promptTokensOf,
  usageAxes,
  usageTotals,
  withoutProviderCache,
  type ModalitySplit,
  type TokenUsage,
  type UsageAxis,
  type UsageTotals,
} from './money/token-usage';
export { estimateTokens } from './money/estimate-tokens';
export { mergeAnthropicUsage, usageFromAnthropic } from './money/usage-from-anthropic';
export { usageFromCohere } from './money/usage-from-cohere';
export { mergeGeminiUsage, usageFromGemini } from './money/usage-from-gemini';
export {
  usageFromOpenAi,
  type NormalisedUsage,
  type UsageFlag,
  type UsageFromOpenAiOptions,
} from './money/usage-from-openai';
export {
  batchServiceTier,
  multiplyPrices,
  normaliseServiceTier,
  priceForRegion,
  priceForServiceTier,
  pricesForPromptLength,
  standardServiceTier,
  tokenClasses,
  type LongPromptBand,
  type ModelPrice,
  type ServiceTierPrice,
  type TokenClass,
  type TokenPrices,
} from './money/model-price';
export { costOfUsage, type CostAssumption, type CostOptions, type UsageCost } from './money/cost-of-usage';
export {
  attributeSavings,
  type AttributedSavings,
  type SavingsByCause,
  type SavingsInput,
} from './money/attribute-savings';
export {
  defaultInfrastructurePrices,
  defaultInfrastructureUse,
  infrastructureCost,
  infrastructureParts,
  infrastructureRates,
  reservedCostPerHour,
} from './money/infrastructure-cost';
export type {
  InfrastructureFacts,
  InfrastructurePrices,
  InfrastructureRates,
  InfrastructureUse,
  InfrastructureWork,
  ReservedInfrastructure,
} from './money/infrastructure-cost';
export { groupOf } from './holdout/group-sums';
export type { HoldoutGroup, HoldoutUser, RatioSums } from './holdout/group-sums';
export { measureSavings, minimumHoldoutUsers } from './holdout/measured-savings';
export type { MeasuredSavings, MeasureOptions, SavingEstimate } from './holdout/measured-savings';
export { isHeldOut, maxHoldoutShare } from './holdout/is-held-out';
export type { HoldoutPlace } from './holdout/is-held-out';
export { estimateComplexity } from './complexity/estimate-complexity';
export type { ComplexityEstimate, ComplexityFactors, ComplexityInput } from './complexity/estimate-complexity';
export { applyPolicyUpdate } from './routing/apply-policy-update';
export type { PolicyGap } from './routing/apply-policy-update';
export { assignVariant, variantOf } from './routing/assign-variant';
export type { AssignedVariant, VariantFeatures } from './routing/assign-variant';
export { autoPool } from './routing/eligible-models';
export { autoModel, chooseModel, countedReason } from './routing/choose-model';
export type { RouteDecision } from './routing/choose-model';
export { expectedCostNanoUsd } from './routing/expected-cost';
export { createOutputLengths } from './routing/output-lengths';
export type { OutputLengths } from './routing/output-lengths';
export { readContent } from './routing/read-content';
export type { ContentScales } from './routing/read-content';
export type { RouteContent, RouteFeatures } from './routing/route-content';
export { compareTiers, targetTier, tierOfComplexity } from './routing/target-tier';
export type { TargetTier } from './routing/target-tier';
export { createPolicy } from './routing/create-policy';
export { diffPolicies } from './routing/diff-policies';
export { isModelTier, modelTiers, tierLimitsUsdPerMillion, tierOfPrice } from './routing/model-tier';
export type { ModelTier } from './routing/model-tier';
export { nearestNames } from './routing/nearest-names';
export { policyContentHash, policyVersion } from './routing/policy-version';
export type { Experiment, ExperimentVariant } from './routing/experiment';
export type { RouteCandidate, RouteRecord, RouteStep } from './routing/route-record';
export type {
  ModelCapabilities,
  ModelSpeed,
  PolicyModel,
  RoutingPolicy,
  RoutingPolicyUpdate,
} from './routing/routing-policy';
export {
  defaultComplexityWeights,
  defaultRoutingSettings,
  isRoutingStrategy,
  qualityLevels,
  routingStrategies,
} from './routing/routing-settings';
export type {
  ComplexityWeights,
  KeywordRule,
  QualityLevel,
  RoutingSettings,
  RoutingStrategy,
} from './routing/routing-settings';
export { dataPolicies } from './routing/data-policy';
export type { DataPolicy } from './routing/data-policy';
export type { TenantPolicy } from './routing/tenant-policy';
export { semanticMaxCharacters, semanticQuestion, type SemanticQuestion } from './semantic/semantic-question';
export { breakEvenReuses, cacheRatesOf, minimumPrefixTokens, savingPerToken } from './prefix/cache-economics';
export type { CacheRates } from './prefix/cache-economics';
export { chatSegments } from './prefix/chat-segments';
export { choosePrefixReplica } from './prefix/choose-prefix-replica';
export type { ReplicaBounds, ReplicaChoice, ReplicaState } from './prefix/choose-prefix-replica';
export { maxCacheMarks, planCacheMarks } from './prefix/plan-cache-marks';
export type { CacheMark, CachePlanInput } from './prefix/plan-cache-marks';
export { blockTokens, chainTokens, emptyChain, firstBlockOf, prefixBlocks } from './prefix/prefix-blocks';
export type { PrefixChain, PrefixScope, PromptSegments } from './prefix/prefix-blocks';
export { PrefixReplicas } from './prefix/prefix-replicas';
export type { PlacedPrompt, PrefixReplicasOptions } from './prefix/prefix-replicas';
export { cacheLifetimesMs, PrefixTracker } from './prefix/prefix-tracker';
export type { CacheLifetime, ExpectedReuse, PrefixPart, PrefixTrackerOptions } from './prefix/prefix-tracker';
export { cacheSalt, familyBlock, promptCacheKey, requestsPerMinutePerKey } from './prefix/prompt-cache-key';
export { ReplicaBlocks } from './prefix/replica-blocks';
export { markAnthropicPrompt, withCacheControl } from './prefix/anthropic-cache-control';
export type { AnthropicCacheInput, AnthropicCachePlan } from './prefix/anthropic-cache-control';
export { anthropicPlaces, anthropicSegments, hasCacheControl } from './prefix/anthropic-segments';
export type { AnthropicBody, AnthropicPlace } from './prefix/anthropic-segments';
export { LeaderGate } from './prefix/leader-gate';
export type { GatePass, LeaderGateOptions } from './prefix/leader-gate';
export { clusterMean, effectiveObservations, meanInterval } from './statistics/cluster-mean';
export type { ClusterSums, Interval, MeanEstimate, NormalQuantile, StudentQuantile } from './statistics/cluster-mean';
export { clustersNeeded, meanDifference, rateDifference } from './statistics/difference';
export type { Difference } from './statistics/difference';
export { histogramQuantile, histogramQuantileInterval } from './statistics/histogram-quantile';
export type { Bucket } from './statistics/histogram-quantile';
export { clusterRate, wilsonInterval } from './statistics/rate';
export type { RateEstimate } from './statistics/rate';
export { comparisonConfidence, verdictOf } from './statistics/verdict';
export type { Verdict } from './statistics/verdict';
export { elapsedShare } from './forecast/elapsed-share';
export { chanceAbove, forecastCosts } from './forecast/forecast-costs';
export type { CostForecast, CostForecastInput, ForecastInterval, ForecastMethod } from './forecast/forecast-costs';
export {
  budgetPeriods,
  budgetScopes,
  everySubject,
  exceededActions,
  subjectOf,
  unreachableActions,
} from './budgets/budget';
export type {
  Budget,
  BudgetPayer,
  BudgetPeriod,
  BudgetScope,
  ExceededAction,
  UnreachableAction,
} from './budgets/budget';
export type { BudgetAccount } from './budgets/budget-account';
export { periodEndMs, periodStartMs } from './budgets/budget-period';
export { LeaseBook, reservationGraceMs } from './budgets/lease-book';
export type { LeaseBookOptions, ReserveAsk, ReserveResult } from './budgets/lease-book';
export { LeaseDesk } from './budgets/lease-desk';
export type { DeskOptions, DeskOutcome } from './budgets/lease-desk';
export type { Reservation } from './budgets/lease-epoch';
export type { LeaseCall, LeaseWord, SyncState, SyncWord } from './budgets/lease-words';
export { scanRequestSize } from './budgets/scan-request-size';
export type { RequestSize } from './budgets/scan-request-size';
export { worstCaseCost } from './budgets/worst-case-cost';
export type { WorstCaseDefaults, WorstCaseModel, WorstCasePlan } from './budgets/worst-case-cost';

export { AnomalyDetector, type OpenAnomaly } from './anomaly/anomaly-detector';
export {
  anomalyDimensions,
  anomalySeverities,
  defaultAnomalySettings,
  STEP_MS,
  type AnomalyDimension,
  type AnomalyFinding,
  type AnomalyScope,
  type AnomalySettings,
  type AnomalySeverity,
  type SpendRow,
} from './anomaly/anomaly-types';
export { explainAnomaly } from './anomaly/explain-anomaly';
export { anomalyVerdicts, FeedbackBook, type AnomalyJudgement, type AnomalyVerdict } from './anomaly/feedback-book';
export { mergeFindings, type AnomalyIncident, type IncidentChanges } from './anomaly/incidents';
export { judgementsOf } from './anomaly/judgements';
export { RollupSteps, type HourRow } from './anomaly/rollup-steps';
