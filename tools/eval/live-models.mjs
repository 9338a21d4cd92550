// Models of a running Costlane, in the shape in which the product's decision takes them.
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const decimal = (usd) => (usd === null || usd === undefined ? undefined : String(usd));

function priceOf({ name, provider, price_version: priceVersion, prices_usd_per_million_tokens: prices }) {
  if (!prices || typeof prices.input !== 'number') return undefined;
  const perMillion = {
    freshInput: String(prices.input),
    output: decimal(prices.output),
    cacheRead: decimal(prices.cache_read),
  };
  return { provider, model: name, serviceTier: 'standard', validFrom: null, validTo: null, priceVersion, perMillion };
}

/** A model of `GET /models` as a model of a policy. */
export function policyModelOf(described) {
  const { capabilities } = described;
  return {
    name: described.name,
    provider: described.provider,
    upstreamModel: described.upstream_model ?? described.name,
    isEnabled: described.enabled,
    isBreakerOpen: false,
    tier: described.tier,
    price: priceOf(described),
    contextTokens: described.context_tokens ?? 0,
    maxOutputTokens: described.max_output_tokens ?? 0,
    capabilities: capabilities
      ? Object.fromEntries(Object.entries(capabilities).map(([name, can]) => [camel(name), can]))
      : undefined,
    quality: described.quality ?? undefined,
    isAutoChoice: described.auto === true,
  };
}

const blendedPrice = ({ price: { perMillion } }) =>
  3 * Number(perMillion.freshInput) + Number(perMillion.output ?? perMillion.freshInput);

/** The cheapest of each tier among those that `auto` chooses from there; where it does not say, among those of known quality. */
function oneOfEachTier(models) {
  const able = models.filter(({ isEnabled, price }) => isEnabled && price && blendedPrice({ price }) > 0);
  const own = able.filter(({ isAutoChoice }) => isAutoChoice);
  const pool = own.length > 0 ? own : able.filter(({ quality }) => quality !== undefined);
  return ['economy', 'standard', 'premium'].flatMap((tier) => {
    const ofTier = pool.filter((model) => model.tier === tier);
    return ofTier.sort((a, b) => blendedPrice(a) - blendedPrice(b))[0] ?? [];
  });
}

/** The models to compare: those named, else one of each tier. Throws where one is unknown, disabled or without a price. */
export function modelsToCompare(described, names, url) {
  const models = described.map(policyModelOf);
  if (!names) {
    const chosen = oneOfEachTier(models);
    if (chosen.length > 0) return chosen;
    throw new Error(`${url} knows price and quality of no model: name models with --models`);
  }
  return names.map((name) => {
    const model = models.find((candidate) => candidate.name === name);
    if (!model?.isEnabled) {
      const served = models.filter(({ isEnabled }) => isEnabled).map((one) => one.name);
      throw new Error(
        `${url} does not serve the model "${name}"; it serves ${served.slice(0, 20).join(', ')}${served.length > 20 ? ', …' : ''}`,
      );
    }
    if (!model.price) throw new Error(`the price of "${name}" is not known there, so that its cost cannot be compared`);
    return model;
  });
}
