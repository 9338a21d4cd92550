import type { ModelCapabilities, ModelPrice, PolicyModel, TokenPrices } from '@costlane/domain';
import type { ModelFacts, PriceCatalog, PriceMatch, RefreshReport, StagedPrice } from '@costlane/pricing';

/** A model with what is known of it and from where. Prices are dollars per million tokens as decimal strings; null: not known. */
export function renderModel(model: PolicyModel, catalog: Pick<PriceCatalog, 'find' | 'facts'>) {
  const found = catalog.find({ provider: model.provider, model: model.upstreamModel });
  const facts = catalog.facts(model.provider, model.upstreamModel);
  return {
    name: model.name,
    provider: model.provider,
    tier: model.tier,
    is_enabled: model.isEnabled,
    context_tokens: model.contextTokens || null,
    max_output_tokens: model.maxOutputTokens || null,
    capabilities: model.capabilities ? renderCapabilities(model.capabilities) : null,
    quality: facts?.quality ? renderQuality(facts.quality) : null,
    facts_source: facts?.source ?? null,
    facts_read_on: facts?.readOn ?? null,
    price: found.ok ? renderMatch(found.value) : null,
  };
}

export function renderStaged(entry: StagedPrice) {
  const { id, kind, provider, model, largestChange, current, proposed, notes, stagedAt } = entry;
  return {
    id,
    kind,
    provider,
    model,
    staged_at: stagedAt,
    // From a price of zero there is no measure; JSON would make null of it.
    largest_change: largestChange === null || !Number.isFinite(largestChange) ? null : largestChange,
    current: current ? renderPrice(current) : null,
    proposed: renderPrice(proposed),
    notes,
  };
}

export function renderReport(report: RefreshReport) {
  return { ...report, refused: report.refused.map(({ entry, reason }) => ({ entry, reason })) };
}

export function renderPrice(price: ModelPrice) {
  return {
    usd_per_million_tokens: renderPrices(price.perMillion),
    long_prompts: (price.longPromptBands ?? []).map((band) => ({
      above_tokens: band.thresholdTokens,
      ...('perMillion' in band
        ? { usd_per_million_tokens: renderPrices(band.perMillion) }
        : { input_multiplier: band.inputMultiplier, output_multiplier: band.outputMultiplier }),
    })),
    batch_discount: price.batchDiscount ?? null,
    valid_from: price.validFrom,
    valid_to: price.validTo,
    price_version: price.priceVersion,
  };
}

const renderMatch = ({ price, source, matchedBy }: PriceMatch) => ({
  ...renderPrice(price),
  source,
  matched_by: matchedBy,
});

const renderQuality = ({ value, benchmark, source, readOn }: NonNullable<ModelFacts['quality']>) => ({
  value,
  benchmark,
  source,
  read_on: readOn,
});

const renderCapabilities = (able: ModelCapabilities) => ({
  tools: able.tools,
  vision: able.vision,
  audio: able.audio,
  json_mode: able.jsonMode,
  json_schema: able.jsonSchema,
  reasoning: able.reasoning,
  logprobs: able.logprobs,
});

const renderPrices = (prices: TokenPrices) => ({
  input: prices.freshInput,
  output: prices.output ?? null,
  cache_read: prices.cacheRead ?? null,
  cache_write: prices.cacheWriteShort ?? null,
  cache_write_long: prices.cacheWriteLong ?? null,
  reasoning: prices.reasoning ?? null,
  audio_input: prices.audioInput ?? null,
  cached_audio_input: prices.audioCacheRead ?? null,
  audio_output: prices.audioOutput ?? null,
  image_input: prices.imageInput ?? null,
});
