import { err, ok, type ModelPrice, type Result } from '@costlane/domain';
import type { PriceBook } from './file/convert-price-file';
import { mockPrices, mockPriceVersion, mockProvider } from './mock-prices';
import { inOrder, type PricePeriod } from './price-period';
import { listedProviderName } from './provider-names';
import type { SeedCatalog } from './seed/genai-seed';
import { updateVersionPrefix } from './update-book';

/**
 * Where a price is from: the operator's file, an update taken over from an open price list, the compiled-in list, or the mock provider's own
 * list.
 */
export type PriceSource = 'file' | 'update' | 'seed' | 'mock';

/** How a model's name led to its price. */
export type PriceMatchKind = 'exact' | 'alias' | 'dated-alias';

export interface ResolvedModel {
  readonly source: PriceSource;
  readonly matchedBy: PriceMatchKind;
  /** The last that applies wins. */
  readonly periods: readonly PricePeriod[];
}

/** No price. Never a price of zero: the caller refuses the request or flags the record. */
export interface PriceNotFound {
  readonly code: 'unknown_model' | 'no_token_price' | 'no_price_at_that_time';
  readonly provider: string;
  readonly model: string;
  readonly message: string;
}

export interface PriceSources {
  readonly seed: SeedCatalog;
  /** Prices that were taken over since the list was compiled in. */
  readonly updates: PriceBook;
  readonly file: PriceBook;
}

/** Longer names are no model's; keeps hostile ones out of messages and matching. */
const maxModelNameLength = 256;
const dateSuffix = /-(?:\d{4}-\d{2}-\d{2}|20\d{6})$/;

/**
 * Finds the periods of a model's price: the operator's file before the list, the name as it stands before the name
 * without its date, the whole name before the name without a `provider/` prefix of the same provider. The mock
 * provider also has every model of OpenAI, at OpenAI's price.
 */
export function resolveModel(
  sources: PriceSources,
  provider: string,
  model: string,
): Result<ResolvedModel, PriceNotFound> {
  const separator = model.indexOf('/');
  const prefix = separator > 0 ? listedProviderName(model.slice(0, separator)) : undefined;
  const listedProvider = provider === '' ? (prefix ?? '') : listedProviderName(provider);
  const names = [model];
  const isOwnPrefix = prefix === listedProvider || (listedProvider === mockProvider && prefix === 'openai');
  if (isOwnPrefix) names.push(model.slice(separator + 1));
  const resolved =
    model.length <= maxModelNameLength ? firstOf(names, (name) => find(sources, listedProvider, name)) : undefined;
  if (resolved && resolved.periods.length > 0) return ok(resolved);
  return err(notFound(provider, model, resolved ? 'no_token_price' : 'unknown_model'));
}

export function notFound(provider: string, model: string, code: PriceNotFound['code']): PriceNotFound {
  const name = `${provider || 'unknown provider'}/${model.slice(0, maxModelNameLength)}`;
  const reasons: Readonly<Record<PriceNotFound['code'], string>> = {
    unknown_model: `No price is known for ${name}; add it to the prices file.`,
    no_token_price: `${name} is listed without a price per token; add one to the prices file.`,
    no_price_at_that_time: `No price of ${name} is valid at that time.`,
  };
  return { code, provider, model: model.slice(0, maxModelNameLength), message: reasons[code] };
}

function find(sources: PriceSources, provider: string, model: string): ResolvedModel | undefined {
  const undated = model.replace(dateSuffix, '');
  const found = findNamed(sources, provider, model) ?? findMockAsOpenAi(sources, provider, model);
  if (found || undated === model) return found;
  const dated = findNamed(sources, provider, undated) ?? findMockAsOpenAi(sources, provider, undated);
  return dated && { ...dated, matchedBy: 'dated-alias' };
}

function findNamed(sources: PriceSources, provider: string, model: string): ResolvedModel | undefined {
  const { seed, file } = sources;
  const lowerModel = model.toLowerCase();
  const listed = seed.find(provider, lowerModel);
  const base = basePeriods(sources, provider, listed?.canonicalModel ?? lowerModel, listed?.periods ?? []);
  // An update under a name that the list takes for another model's gives that name a price of its own.
  const own = listed && listed.canonicalModel !== lowerModel ? sources.updates.find(provider, lowerModel) : undefined;
  const ofFile = file.find(provider, lowerModel);
  // Behind a price of the file stands the list's, for the time in which the file's is not valid.
  if (ofFile) return { source: 'file', matchedBy: 'exact', periods: [...base, ...ofFile] };
  if (own) return { source: 'update', matchedBy: 'exact', periods: inOrder(base, own) };
  const mock = provider === mockProvider ? mockPrices.find((price) => price.model === lowerModel) : undefined;
  if (mock) return { source: 'mock', matchedBy: 'exact', periods: [{ fromMs: null, toMs: null, price: mock }] };
  if (!listed) return base.length > 0 ? { source: 'update', matchedBy: 'exact', periods: base } : undefined;
  const matchedBy = listed.canonicalModel === lowerModel ? 'exact' : 'alias';
  const ofCanonical = file.find(provider, listed.canonicalModel);
  return ofCanonical
    ? { source: 'file', matchedBy, periods: [...base, ...ofCanonical] }
    : { source: 'seed', matchedBy, periods: base };
}

/** The list's periods of a model with the updates among them. */
export function basePeriods(
  { updates }: Pick<PriceSources, 'updates'>,
  provider: string,
  model: string,
  listed: readonly PricePeriod[],
): readonly PricePeriod[] {
  return inOrder(listed, updates.find(provider, model.toLowerCase()) ?? []);
}

/** Whose a price is, by its version: behind a file's price that is not valid yet stands an update's or the list's. */
export function sourceOfVersion(priceVersion: string): PriceSource {
  if (priceVersion.startsWith('file.')) return 'file';
  if (priceVersion.startsWith(updateVersionPrefix)) return 'update';
  return priceVersion.startsWith(mockPriceVersion) ? 'mock' : 'seed';
}

function findMockAsOpenAi(sources: PriceSources, provider: string, model: string): ResolvedModel | undefined {
  if (provider !== mockProvider) return undefined;
  const found = findNamed(sources, 'openai', model);
  return found && { ...found, periods: found.periods.map((period) => ({ ...period, price: asMock(period.price) })) };
}

function asMock(price: ModelPrice): ModelPrice {
  return { ...price, provider: mockProvider };
}

function firstOf<T, R>(items: readonly T[], pick: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const picked = pick(item);
    if (picked !== undefined) return picked;
  }
  return undefined;
}
