import { createHash } from 'node:crypto';
import {
  err,
  formatDecimal,
  ok,
  parseDecimal,
  shiftDecimal,
  type ModelPrice,
  type Result,
  type ServiceTierPrice,
  type TokenPrices,
} from '@costlane/domain';
import type { PricePeriod } from '../price-period';
import { listedProviderName } from '../provider-names';
import { serviceTierRules } from '../seed/service-tier-rules';
import { convertFileFacts, type FileFacts } from './convert-file-facts';
import {
  factsEntrySchema,
  hasFactsOnly,
  isCommentKey,
  knownEntryFields,
  priceEntrySchema,
  type PriceEntry,
  type TokenPriceFields,
} from './price-file-schema';

/** The prices of one edition of the file. */
export interface PriceBook {
  /** `file.<12 hex digits of the content's SHA-256>`, or empty without a file. */
  readonly version: string;
  /** In the order of the file; the last that applies wins. Undefined for a model without a price. */
  find(provider: string, model: string): readonly PricePeriod[] | undefined;
  /** What the file says of a model besides its price. */
  facts(provider: string, model: string): FileFacts | undefined;
  list(): readonly ModelPrice[];
  /** Oddities that do not make the file unusable, as sentences. */
  readonly warnings: readonly string[];
}

export const emptyPriceBook: PriceBook = {
  version: '',
  find: () => undefined,
  facts: () => undefined,
  list: () => [],
  warnings: [],
};

/** The fields of the file by our token class. */
export const fieldOfClass: Readonly<Record<keyof TokenPrices, keyof TokenPriceFields>> = {
  freshInput: 'input_cost_per_1k_tokens',
  output: 'output_cost_per_1k_tokens',
  cacheRead: 'cached_input_cost_per_1k_tokens',
  cacheWriteShort: 'cache_write_cost_per_1k_tokens',
  cacheWriteLong: 'cache_write_long_cost_per_1k_tokens',
  reasoning: 'reasoning_output_cost_per_1k_tokens',
  audioInput: 'audio_input_cost_per_1k_tokens',
  audioCacheRead: 'cached_audio_input_cost_per_1k_tokens',
  audioOutput: 'audio_output_cost_per_1k_tokens',
  imageInput: 'image_input_cost_per_1k_tokens',
};

/**
 * Reads the text of a prices file, all of it or none: one bad entry refuses the edition, so that no half of a change
 * takes effect. The error is a sentence that names the field and what would be right.
 */
export function parsePriceFile(text: string): Result<PriceBook, string> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    return err(`it is not valid JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (!isObject(json)) return err('it must be an object {provider: {model: {…}}}');
  const version = `file.${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
  const draft: BookDraft = { version, periods: new Map(), facts: new Map(), warnings: [] };
  for (const [provider, models] of Object.entries(json)) {
    if (isCommentKey(provider)) continue;
    if (!isObject(models)) return err(`${provider} must be an object of models`);
    for (const [model, given] of Object.entries(models)) {
      if (isCommentKey(model)) continue;
      const refusal = takeModel(draft, provider, model, given);
      if (refusal !== undefined) return err(refusal);
    }
  }
  const { periods, facts, warnings } = draft;
  return ok({
    version,
    find: (provider, model) => periods.get(bookKey(provider, model)),
    facts: (provider, model) => facts.get(bookKey(provider, model)),
    list: () => [...periods.values()].flatMap((ofModel) => ofModel.map(({ price }) => price)),
    warnings,
  });
}

interface BookDraft {
  readonly version: string;
  readonly periods: Map<string, PricePeriod[]>;
  readonly facts: Map<string, FileFacts>;
  readonly warnings: string[];
}

/** One model of the file: an entry, or a list of them for prices that follow on each other. Gives why it is refused. */
function takeModel(draft: BookDraft, provider: string, model: string, given: unknown): string | undefined {
  const listedProvider = listedProviderName(provider);
  const key = bookKey(listedProvider, model.toLowerCase());
  const entries: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const [index, entry] of entries.entries()) {
    const path = Array.isArray(given) ? [provider, model, String(index)] : [provider, model];
    const isFactsOnly = isObject(entry) && hasFactsOnly(entry);
    const parsed = isFactsOnly ? factsEntrySchema.safeParse(entry) : priceEntrySchema.safeParse(entry);
    if (!parsed.success) return describeIssue(path, parsed.error.issues[0]);
    draft.warnings.push(...unknownFields(path, parsed.data));
    const facts = convertFileFacts(parsed.data);
    if (facts) draft.facts.set(key, { ...draft.facts.get(key), ...facts });
    if (isFactsOnly) continue;
    const period = convertEntry(listedProvider, model, parsed.data as PriceEntry, draft.version);
    draft.periods.set(key, [...(draft.periods.get(key) ?? []), period]);
  }
  return undefined;
}

const bookKey = (provider: string, model: string) => `${provider}\n${model}`;

function convertEntry(provider: string, model: string, entry: PriceEntry, version: string): PricePeriod {
  const perMillion = convertPrices(entry);
  const rules = serviceTierRules(provider, model, perMillion);
  const fromMs = entry.valid_from === undefined ? null : Date.parse(entry.valid_from);
  const toMs = entry.valid_to === undefined ? null : Date.parse(entry.valid_to);
  const price: ModelPrice = {
    provider,
    model,
    serviceTier: 'standard',
    validFrom: fromMs === null ? null : new Date(fromMs).toISOString(),
    validTo: toMs === null ? null : new Date(toMs).toISOString(),
    priceVersion: version,
    perMillion,
    ...rules,
    ...(entry.batch_discount === undefined ? {} : { batchDiscount: entry.batch_discount }),
    ...(entry.long_prompt === undefined ? {} : { longPromptBands: [convertLongPrompt(entry.long_prompt)] }),
    ...(entry.service_tiers === undefined ? {} : { serviceTiers: convertTiers(rules, entry.service_tiers) }),
  };
  return { fromMs, toMs, price };
}

function convertLongPrompt(band: NonNullable<PriceEntry['long_prompt']>) {
  return {
    thresholdTokens: band.above_tokens,
    inputMultiplier: band.input_multiplier,
    outputMultiplier: band.output_multiplier,
  };
}

function convertTiers(
  rules: Pick<ModelPrice, 'serviceTiers'>,
  tiers: NonNullable<PriceEntry['service_tiers']>,
): Record<string, ServiceTierPrice> {
  const own = Object.entries(tiers).map(([tier, entry]): [string, ServiceTierPrice] => [
    tier.toLowerCase(),
    'multiplier' in entry ? { multiplier: entry.multiplier } : { perMillion: convertPrices(entry) },
  ]);
  return { ...rules.serviceTiers, ...Object.fromEntries(own) };
}

function convertPrices(entry: TokenPriceFields): TokenPrices {
  const prices: { -readonly [K in keyof TokenPrices]?: string } = {};
  for (const [tokenClass, field] of Object.entries(fieldOfClass) as [keyof TokenPrices, keyof TokenPriceFields][]) {
    const perThousand = entry[field];
    if (perThousand !== undefined) prices[tokenClass] = formatDecimal(shiftDecimal(parseDecimal(perThousand), 3));
  }
  return { ...prices, freshInput: prices.freshInput ?? formatDecimal(parseDecimal(entry.input_cost_per_1k_tokens)) };
}

function unknownFields(path: readonly string[], entry: object): string[] {
  return Object.keys(entry)
    .filter((field) => !knownEntryFields.has(field) && !isCommentKey(field))
    .map((field) => `${[...path, field].join('.')} is not a field that is known here and has no effect.`);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function describeIssue(entryPath: readonly string[], issue: Issue | undefined): string {
  const path = [...entryPath, ...(issue?.path ?? [])].map(String).join('.');
  const message = issue?.message ?? 'is not valid';
  return /^(must|is) /.test(message) ? `${path} ${message}` : `${path}: ${message}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
