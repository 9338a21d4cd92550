import {
  normaliseServiceTier,
  priceForRegion,
  priceForServiceTier,
  pricesForPromptLength,
  type ModelPrice,
  type TokenClass,
} from './model-price';
import { MoneyError } from './money-error';
import { nanoUsd, type NanoUsd } from './nano-usd';
import { compileRates, costOfClass, costOfTokens, type TokenRates } from './token-rate';
import { promptTokensOf, usageAxes, type TokenUsage, type UsageAxis } from './token-usage';

/** Where the price list had no answer and a documented rule gave one; each is worth a flag on the record. */
export type CostAssumption =
  'service_tier_unpriced' | 'service_tier_assumed' | 'region_unpriced' | `${TokenClass}_unpriced`;

export interface UsageCost {
  readonly totalNanoUsd: NanoUsd;
  /** Nano-dollars of each axis; they add up to the total exactly. */
  readonly byAxis: Readonly<Record<UsageAxis, NanoUsd>>;
  readonly assumptions: readonly CostAssumption[];
}

export interface CostOptions {
  /** The tier in the provider's *response* (the one asked for may differ), or `batch`. Default: the price's own tier. */
  readonly serviceTier?: string | null;
}

interface CompiledTier {
  readonly price: ModelPrice;
  readonly base: TokenRates;
  /** Ascending; usually empty. */
  readonly bands: readonly { readonly thresholdTokens: number; readonly rates: TokenRates }[];
  readonly assumptions: readonly CostAssumption[];
}

const noAssumptions: readonly CostAssumption[] = Object.freeze([]);
/** A response can name any tier and region; strangers must not grow the map. */
const maxTiersKept = 16;
const compiledByPrice = new WeakMap<ModelPrice, Map<string, CompiledTier>>();

/**
 * The exact cost of a usage: each axis is tokens × price, rounded half up to a nano-dollar once; the total is the sum
 * of the rounded axes, so that a record always adds up. Unpriced classes and tiers follow the rules at `TokenPrices`
 * and are named in `assumptions`; an unlisted tier is charged at the price's own tier, an unlisted region as any other.
 *
 * Prices are parsed once per price object (kept weakly): hold on to it rather than building it anew.
 *
 * @throws MoneyError `invalid_usage` for counts that are not non-negative integers, `unsafe_amount` beyond 2^53
 *   nano-dollars, `service_tier_mismatch` when `price` is of another tier than the one asked for.
 */
export function costOfUsage(usage: TokenUsage, price: ModelPrice, options: CostOptions = {}): UsageCost {
  assertUsage(usage);
  const compiled = compiledTier(price, options.serviceTier, usage.region);
  const rates = ratesFor(compiled, promptTokensOf(usage));
  const byAxis = usage.modality ? costWithModality(usage, rates) : costOfText(usage, rates);
  const totalNanoUsd = nanoUsd(
    byAxis.freshInputTokens +
      byAxis.cacheReadTokens +
      byAxis.cacheWriteShortTokens +
      byAxis.cacheWriteLongTokens +
      byAxis.outputTokens +
      byAxis.reasoningTokens,
  );
  return { totalNanoUsd, byAxis, assumptions: assumptionsOf(usage, rates, compiled.assumptions) };
}

function costOfText(usage: TokenUsage, rates: TokenRates): Record<UsageAxis, NanoUsd> {
  return {
    freshInputTokens: costOfClass(usage.freshInputTokens, rates.freshInput),
    cacheReadTokens: costOfClass(usage.cacheReadTokens, rates.cacheRead),
    cacheWriteShortTokens: costOfClass(usage.cacheWriteShortTokens, rates.cacheWriteShort),
    cacheWriteLongTokens: costOfClass(usage.cacheWriteLongTokens, rates.cacheWriteLong),
    outputTokens: costOfClass(usage.outputTokens, rates.output),
    reasoningTokens: costOfClass(usage.reasoningTokens, rates.reasoning),
  };
}

function costWithModality(usage: TokenUsage, rates: TokenRates): Record<UsageAxis, NanoUsd> {
  const text = costOfText(usage, rates);
  const { modality } = usage;
  if (!modality) return text;
  const { audioInputTokens, audioCacheReadTokens, audioOutputTokens, imageInputTokens } = modality;
  return {
    ...text,
    freshInputTokens: costOfTokens([
      [usage.freshInputTokens - audioInputTokens - imageInputTokens, rates.freshInput],
      [audioInputTokens, rates.audioInput],
      [imageInputTokens, rates.imageInput],
    ]),
    cacheReadTokens: costOfTokens([
      [usage.cacheReadTokens - audioCacheReadTokens, rates.cacheRead],
      [audioCacheReadTokens, rates.audioCacheRead],
    ]),
    outputTokens: costOfTokens([
      [usage.outputTokens - audioOutputTokens, rates.output],
      [audioOutputTokens, rates.audioOutput],
    ]),
  };
}

function compiledTier(
  price: ModelPrice,
  askedTier: string | null | undefined,
  region: string | undefined,
): CompiledTier {
  const tier = askedTier === undefined ? price.serviceTier : normaliseServiceTier(askedTier);
  const key = region === undefined ? tier : `${tier} ${region}`;
  let tiers = compiledByPrice.get(price);
  if (!tiers) compiledByPrice.set(price, (tiers = new Map()));
  let compiled = tiers.get(key);
  if (!compiled) {
    compiled = compileTier(price, tier, region);
    if (tiers.size < maxTiersKept) tiers.set(key, compiled);
  }
  return compiled;
}

function compileTier(standardPrice: ModelPrice, tier: string, region: string | undefined): CompiledTier {
  const listed = priceForServiceTier(standardPrice, tier);
  const tierPrice = listed ?? standardPrice;
  const regional = region === undefined ? tierPrice : priceForRegion(tierPrice, region);
  const price = regional ?? tierPrice;
  const thresholds = [...new Set((price.longPromptBands ?? []).map((band) => band.thresholdTokens))];
  const assumptions: CostAssumption[] = [];
  if (!listed) assumptions.push('service_tier_unpriced');
  else if (price.isServiceTierAssumed) assumptions.push('service_tier_assumed');
  if (!regional) assumptions.push('region_unpriced');
  return {
    price,
    base: compileRates(price.perMillion),
    bands: thresholds
      .sort((a, b) => a - b)
      .map((thresholdTokens) => ({
        thresholdTokens,
        rates: compileRates(pricesForPromptLength(price, thresholdTokens + 1)),
      })),
    assumptions,
  };
}

function ratesFor(compiled: CompiledTier, promptTokens: number): TokenRates {
  let rates = compiled.base;
  for (const band of compiled.bands) {
    if (promptTokens > band.thresholdTokens) rates = band.rates;
  }
  return rates;
}

const classOfAxis: Readonly<Record<UsageAxis, TokenClass>> = {
  freshInputTokens: 'freshInput',
  cacheReadTokens: 'cacheRead',
  cacheWriteShortTokens: 'cacheWriteShort',
  cacheWriteLongTokens: 'cacheWriteLong',
  outputTokens: 'output',
  reasoningTokens: 'reasoning',
};

/** Reasoning at the output price is how every provider bills it, so that fall-back is a rule and not an assumption. */
function assumptionsOf(
  usage: TokenUsage,
  rates: TokenRates,
  ofTier: readonly CostAssumption[],
): readonly CostAssumption[] {
  const assumptions: CostAssumption[] = [...ofTier];
  for (const axis of usageAxes) {
    const tokenClass = classOfAxis[axis];
    const isGuessed = tokenClass !== 'reasoning' && rates.unpriced.has(tokenClass);
    if (isGuessed && usage[axis] > 0) assumptions.push(`${tokenClass}_unpriced`);
  }
  if (usage.modality) {
    const { audioInputTokens, audioCacheReadTokens, audioOutputTokens } = usage.modality;
    if (audioInputTokens > 0 && rates.unpriced.has('audioInput')) assumptions.push('audioInput_unpriced');
    if (audioCacheReadTokens > 0 && rates.unpriced.has('audioCacheRead')) assumptions.push('audioCacheRead_unpriced');
    if (audioOutputTokens > 0 && rates.unpriced.has('audioOutput')) assumptions.push('audioOutput_unpriced');
  }
  return assumptions.length > 0 ? assumptions : noAssumptions;
}

function assertUsage(usage: TokenUsage): void {
  for (const axis of usageAxes) assertCount(usage[axis], axis);
  const { modality } = usage;
  if (!modality) return;
  assertCount(modality.audioCacheReadTokens, 'audioCacheReadTokens', usage.cacheReadTokens);
  assertCount(modality.audioOutputTokens, 'audioOutputTokens', usage.outputTokens);
  assertCount(modality.audioInputTokens, 'audioInputTokens', usage.freshInputTokens);
  assertCount(modality.imageInputTokens, 'imageInputTokens', usage.freshInputTokens - modality.audioInputTokens);
}

function assertCount(tokens: number, name: string, limit: number = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isSafeInteger(tokens) || tokens < 0 || tokens > limit) {
    throw new MoneyError('invalid_usage', `${name} must be an integer from 0 to ${limit}, not ${tokens}`);
  }
}
