import {
  err,
  normaliseServiceTier,
  ok,
  priceForServiceTier,
  standardServiceTier,
  type ModelPrice,
  type Result,
} from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import { implausiblePrices } from './file/check-plausibility';
import { emptyPriceBook, type PriceBook } from './file/convert-price-file';
import { openPriceFile, type PriceFileStatus } from './file/price-file';
import { findFacts } from './catalog/find-facts';
import type { ModelFacts } from './catalog/model-facts';
import { listPrices } from './list-prices';
import { periodAt, type PricePeriod } from './price-period';
import { stderrLogger, type PricingLogger } from './pricing-logger';
import {
  notFound,
  resolveModel,
  sourceOfVersion,
  type PriceMatchKind,
  type PriceNotFound,
  type PriceSource,
  type PriceSources,
  type ResolvedModel,
} from './resolve-price';
import { createSeedCatalog, seedVersion, type SeedCatalog } from './seed/genai-seed';
import { bookOfUpdates } from './update-book';

export interface PriceCatalogOptions {
  /** JSON file of prices that override the list; read again whenever it changes. */
  readonly pricesFile?: string;
  readonly logger?: PricingLogger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly debounceMs?: number;
  readonly pollIntervalMs?: number;
}

export interface PriceQuery {
  readonly provider: string;
  /** As the provider names it; dated names and a `provider/` prefix are understood. */
  readonly model: string;
  /** A tier's own price. Left out: the standard price, from which `costOfUsage` derives other tiers. */
  readonly serviceTier?: string | null;
  /** Milliseconds or Date; default now. */
  readonly at?: number | Date;
}

export interface PriceMatch {
  readonly price: ModelPrice;
  readonly source: PriceSource;
  readonly matchedBy: PriceMatchKind;
  /** The tier asked for has no price; `price` is the standard one. Flag the record. */
  readonly isServiceTierUnpriced: boolean;
}

export interface PriceChange {
  readonly version: string;
  readonly previousVersion: string;
}

export interface PriceCatalogStatus {
  readonly version: string;
  readonly file: PriceFileStatus | null;
}

export interface PriceCatalog {
  /** A model's price, or why there is none; never a price of zero for a stranger. Under a microsecond once asked before. */
  find(query: PriceQuery): Result<PriceMatch, PriceNotFound>;
  /** Standard prices in force now: the file's, the mock's, and the list's for one provider or for all. */
  list(provider?: string): readonly ModelPrice[];
  /** What is known of a model besides its price, the file's word first; undefined for a stranger. */
  facts(provider: string, model: string): ModelFacts | undefined;
  /**
   * Takes over prices that came after the list was compiled in, all of those in force and past, in the order of their beginnings. They stand
   * between the list and the file; a price that they replace stays valid for the time before.
   */
  setUpdates(prices: readonly ModelPrice[]): void;
  /** Names the list and the edition of the file. */
  readonly version: string;
  /** Called after prices have changed. Returns a function that ends it. */
  onChange(callback: (change: PriceChange) => void): () => void;
  /** For health and configuration pages. */
  status(): PriceCatalogStatus;
  /** Stops watching the file. */
  close(): void;
}

type Lookup = Result<PriceMatch, PriceNotFound>;

/** What a name led to: one answer for all time, or answers by period. */
type Entry =
  | { readonly fixed: Lookup }
  | {
      readonly fixed: null;
      readonly periods: readonly PricePeriod[];
      readonly answers: readonly Lookup[];
      readonly none: Lookup;
    };

/** Names asked for, strangers included: bounded because a caller can ask for any name. */
const rememberedNames = 5_000;
const longestRememberedName = 512;

/**
 * The catalog of prices: the compiled-in list of `@pydantic/genai-prices`, our rules for service tiers, and the
 * operator's file on top, hot reloaded. Never reads the network. A file that is malformed at the start leaves the list
 * prices in force and says so in the log and in `status()`.
 */
export function createPriceCatalog(options: PriceCatalogOptions = {}): PriceCatalog {
  const { logger = stderrLogger, now = Date.now } = options;
  const seed = createSeedCatalog();
  const remembered = new LRUCache<string, Entry>({ max: rememberedNames });
  const listeners = new Set<(change: PriceChange) => void>();
  let book = emptyPriceBook;
  let updates = emptyPriceBook;
  let version = seedVersion;
  const sources = (): PriceSources => ({ seed, updates, file: book });

  const takeOver = (next: { file?: PriceBook; updates?: PriceBook }): void => {
    book = next.file ?? book;
    updates = next.updates ?? updates;
    version = [seedVersion, updates.version, book.version].filter((part) => part !== '').join('+');
    remembered.clear();
  };
  const takeOverAndTell = (next: { file?: PriceBook; updates?: PriceBook }): void => {
    const previousVersion = version;
    takeOver(next);
    announce(listeners, { version, previousVersion }, logger);
  };
  const file = options.pricesFile
    ? openPriceFile({
        path: options.pricesFile,
        logger,
        now,
        debounceMs: options.debounceMs ?? 100,
        pollIntervalMs: options.pollIntervalMs ?? 2_000,
        inspect: (next) => next.list().flatMap((price) => implausiblePrices(price, listedPrice(seed, price, now()))),
        onReloaded: (next) => takeOverAndTell({ file: next }),
      })
    : null;
  if (file) takeOver({ file: file.book() });

  function entryFor(provider: string, model: string, tier: string): Entry {
    const key = `${provider}\n${tier}\n${model}`;
    const known = remembered.get(key);
    if (known) return known;
    const entry = toEntry(resolveModel(sources(), provider, model), provider, model, tier);
    if (key.length <= longestRememberedName) remembered.set(key, entry);
    return entry;
  }

  return {
    find({ provider, model, serviceTier, at }) {
      const entry = entryFor(provider, model, normaliseServiceTier(serviceTier));
      if (entry.fixed) return entry.fixed;
      const atMs = at === undefined ? now() : Number(at);
      return entry.answers[periodAt(entry.periods, atMs)] ?? entry.none;
    },
    list: (provider) => listPrices(sources(), now(), provider),
    facts: (provider, model) => findFacts(sources(), provider, model, file?.status().loadedAt?.slice(0, 10)),
    setUpdates(prices) {
      const next = bookOfUpdates(prices);
      if (next.version !== updates.version) takeOverAndTell({ updates: next });
    },
    get version() {
      return version;
    },
    onChange(callback) {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    status: () => ({ version, file: file?.status() ?? null }),
    close() {
      listeners.clear();
      file?.close();
    },
  };
}

/** One listener's failure is its own: the prices are in force, and the others hear of it. */
function announce(
  listeners: ReadonlySet<(change: PriceChange) => void>,
  change: PriceChange,
  logger: PricingLogger,
): void {
  for (const listener of listeners) {
    try {
      listener(change);
    } catch (cause) {
      logger.error({ err: cause, ...change }, 'A listener for price changes failed.');
    }
  }
}

/** What the compiled-in list asks for the same model, if it knows it. */
function listedPrice(seed: SeedCatalog, { provider, model }: ModelPrice, atMs: number): ModelPrice | undefined {
  const resolved = resolveModel({ seed, updates: emptyPriceBook, file: emptyPriceBook }, provider, model);
  if (!resolved.ok) return undefined;
  return resolved.value.periods[periodAt(resolved.value.periods, atMs)]?.price;
}

function toEntry(resolved: Result<ResolvedModel, PriceNotFound>, provider: string, model: string, tier: string): Entry {
  if (!resolved.ok) return { fixed: resolved };
  const { periods } = resolved.value;
  const answers = periods.map(({ price }) => ok(toMatch(resolved.value, price, tier)));
  const [only] = periods;
  const isTimeless = periods.length === 1 && only?.fromMs === null && only.toMs === null && !only.daily;
  if (isTimeless && answers[0]) return { fixed: answers[0] };
  return { fixed: null, periods, answers, none: err(notFound(provider, model, 'no_price_at_that_time')) };
}

function toMatch({ source, matchedBy }: ResolvedModel, price: ModelPrice, tier: string): PriceMatch {
  const tierPrice = tier === standardServiceTier ? price : priceForServiceTier(price, tier);
  const actualSource = source === 'mock' ? source : sourceOfVersion(price.priceVersion);
  return { price: tierPrice ?? price, source: actualSource, matchedBy, isServiceTierUnpriced: tierPrice === undefined };
}
