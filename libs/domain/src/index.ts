export { CostlaneError, errorTable, isErrorCode, toCostlaneError } from './error-codes';
export type { CostlaneErrorOptions, ErrorCode } from './error-codes';
export { canonicalJson, fingerprint, normaliseText, normalizationModes } from './fingerprint';
export type { FingerprintScope, NormalizationMode } from './fingerprint';
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
export { applyPolicyUpdate } from './routing/apply-policy-update';
export type { PolicyGap } from './routing/apply-policy-update';
export { autoModel, chooseModel } from './routing/choose-model';
export type { RouteDecision, RouteFeatures, RouteReason } from './routing/choose-model';
export { diffPolicies } from './routing/diff-policies';
export { isModelTier, modelTiers, tierLimitsUsdPerMillion, tierOfPrice } from './routing/model-tier';
export type { ModelTier } from './routing/model-tier';
export { nearestNames } from './routing/nearest-names';
export { policyContentHash, policyVersion } from './routing/policy-version';
export type { PolicyModel, RoutingPolicy, RoutingPolicyUpdate } from './routing/routing-policy';
export { semanticMaxCharacters, semanticQuestion, type SemanticQuestion } from './semantic/semantic-question';
