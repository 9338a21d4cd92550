import { createHash } from 'node:crypto';
import { tokenClasses, type ModelPrice, type TokenClass } from '@costlane/domain';
import type { PriceCatalog, PriceMatch } from '../price-catalog';
import { serviceTierRules } from '../seed/service-tier-rules';
import { updateVersionPrefix } from '../update-book';
import { comparePrices, sizeOfChange, type PriceChangeOfClass } from './compare-prices';
import type { ListedModel } from './listed-model';

/** A price of an open list that is not the catalog's. */
export interface PriceProposal {
  /** Names what is proposed: the same prices for the same model have the same id, whenever they are found. */
  readonly id: string;
  readonly kind: 'changed' | 'new';
  readonly provider: string;
  readonly model: string;
  /** May be taken over without anyone's approval. */
  readonly isAutomatic: boolean;
  /** The largest change of any price, either way: 0.25 for a quarter. Null for a new model; beyond measure from a price of zero. */
  readonly largestChange: number | null;
  readonly current: ModelPrice | null;
  /** Without validity: it begins when it is taken over. */
  readonly proposed: ModelPrice;
  /** What whoever approves should know, in sentences. */
  readonly notes: readonly string[];
}

export interface PriceDiff {
  readonly unchanged: number;
  readonly proposals: readonly PriceProposal[];
  /** Models of the catalog that the list does not have, as `provider/model`. Noted only. */
  readonly vanished: readonly string[];
  /** Models whose price is the operator's own, or changes by the hour: not compared. */
  readonly notCompared: readonly string[];
}

/** Beyond a quarter a change waits for someone to look at it. */
const automaticChange = 0.25;
/** Many changes at once are a change of the list, not of prices: then all of them wait. */
const automaticShare = 0.2;
const automaticAtLeast = 5;
/** As for the operator's file: no discount goes as far, every mistaken unit goes further. */
const suspiciousRatio = 50;
const mostProposals = 500;

/** Where these are left out of a list, nobody can tell whether they changed with the rest. */
const linkedClasses: readonly TokenClass[] = ['cacheRead', 'cacheWriteShort', 'cacheWriteLong', 'reasoning'];

/** Compares an open list with the prices in force. Pure: the same list and catalog give the same answer. */
export function diffPriceList(
  listed: readonly ListedModel[],
  catalog: Pick<PriceCatalog, 'find' | 'list'>,
  providers: readonly string[],
): PriceDiff {
  const byName = new Map(listed.map((model) => [`${model.provider}/${model.model}`, model]));
  const seen = new Set<string>();
  const notCompared: string[] = [];
  const proposals: PriceProposal[] = [];
  let unchanged = 0;
  for (const model of listed) {
    const found = catalog.find(model);
    if (!found.ok) {
      if (!isDatedTwin(model, byName)) proposals.push(proposeNew(model));
      continue;
    }
    const match = found.value;
    seen.add(`${model.provider}/${match.price.model}`);
    const twin = byName.get(`${model.provider}/${match.price.model}`);
    if (match.matchedBy !== 'exact' && twin && isSamePrice(model, twin)) continue;
    if (isNotComparable(match)) {
      notCompared.push(`${model.provider}/${model.model}`);
      continue;
    }
    const proposal = proposeChange(model, match.price);
    if (!proposal) unchanged++;
    else if (match.matchedBy === 'exact') proposals.push(proposal);
    else proposals.push(asOwnModel(proposal, match.price.model));
  }
  const vanished = providers.flatMap((provider) =>
    catalog
      .list(provider)
      // The catalog's fine-tuned models are families, not names.
      .filter(({ model }) => !model.startsWith('ft:'))
      .map(({ model }) => `${provider}/${model}`)
      .filter((name) => !seen.has(name)),
  );
  return { unchanged, proposals: withinBounds(proposals, unchanged), vanished, notCompared };
}

/** A dated name whose undated one the list has, too: once that is taken over, it holds for both. */
function isDatedTwin({ provider, model }: ListedModel, names: ReadonlyMap<string, ListedModel>): boolean {
  const undated = model.replace(/-(?:\d{4}-\d{2}-\d{2}|20\d{6})$/, '');
  return undated !== model && names.has(`${provider}/${undated}`);
}

/** The catalog takes the name for another model's, whose price it is not: a new version whose name begins like that of an old one. */
function asOwnModel(proposal: PriceProposal, takenFor: string): PriceProposal {
  const note = `The catalog takes it for ${takenFor}; approved, it has a price of its own.`;
  return { ...proposal, kind: 'new', isAutomatic: false, notes: [note, ...proposal.notes] };
}

function isSamePrice(one: ListedModel, other: ListedModel): boolean {
  const asked = asPrice(other.provider, other.model, other);
  return comparePrices(asked, merge(one, asked)).length === 0;
}

const isNotComparable = ({ source, price }: PriceMatch): boolean =>
  source === 'file' || source === 'mock' || price.priceVersion.includes(';daily=');

function withinBounds(proposals: readonly PriceProposal[], unchanged: number): readonly PriceProposal[] {
  const changed = proposals.filter(({ kind }) => kind === 'changed');
  const automatic = changed.filter(({ isAutomatic }) => isAutomatic);
  const limit = Math.max(automaticAtLeast, automaticShare * (changed.length + unchanged));
  const bounded = proposals.slice(0, mostProposals);
  if (automatic.length <= limit) return bounded;
  const note = `${automatic.length} prices changed a little at once, so none of them is taken over without approval.`;
  return bounded.map((proposal) =>
    proposal.isAutomatic ? { ...proposal, isAutomatic: false, notes: [...proposal.notes, note] } : proposal,
  );
}

function proposeNew({ provider, model, ...listed }: ListedModel): PriceProposal {
  const proposed = asPrice(provider, model, listed);
  return {
    id: idOf(proposed),
    kind: 'new',
    provider,
    model,
    isAutomatic: false,
    largestChange: null,
    current: null,
    proposed,
    notes: [],
  };
}

function proposeChange(listed: ListedModel, current: ModelPrice): PriceProposal | undefined {
  const { provider, model } = listed;
  const changes = comparePrices(current, merge(listed, current));
  if (changes.length === 0) return undefined;
  const kept = keptOf(listed, current);
  const largestChange = Math.max(...changes.map(sizeOfChange));
  const proposed = asPrice(provider, model, merge(listed, current));
  return {
    id: idOf(proposed),
    kind: 'changed',
    provider,
    model,
    // A hair's breadth over the limit is the noise of binary numbers: 1.25 - 1 is exact, 0.125 / 0.1 - 1 is not.
    isAutomatic: largestChange <= automaticChange + 1e-9 && kept.length === 0,
    largestChange,
    current,
    proposed,
    notes: [...kept, ...changes.flatMap(noteOf)],
  };
}

/** The list's prices over the catalog's: what the list leaves out stays as it is. */
function merge(
  { perMillion, longPromptBands }: ListedModel,
  current: ModelPrice,
): Pick<ModelPrice, 'perMillion' | 'longPromptBands'> {
  const bands = longPromptBands ?? current.longPromptBands;
  return { perMillion: { ...current.perMillion, ...perMillion }, ...(bands ? { longPromptBands: bands } : {}) };
}

function keptOf({ perMillion, longPromptBands }: ListedModel, current: ModelPrice): readonly string[] {
  const classes = linkedClasses.filter(
    (name) => current.perMillion[name] !== undefined && perMillion[name] === undefined,
  );
  const notes = classes.map((name) => `The list has no ${name}; it stays at $${current.perMillion[name]} per million.`);
  const hasLostBands = (current.longPromptBands?.length ?? 0) > 0 && longPromptBands === undefined;
  return hasLostBands ? [...notes, 'The list has no prices of long prompts; they stay as they are.'] : notes;
}

function noteOf({ tokenClass, aboveTokens, ratio }: PriceChangeOfClass): readonly string[] {
  if (ratio > 1 / suspiciousRatio && ratio < suspiciousRatio) return [];
  const where = aboveTokens === 0 ? tokenClass : `${tokenClass} above ${aboveTokens} tokens`;
  const times = ratio >= 1 ? `${Number(ratio.toPrecision(3))} times` : `1/${Number((1 / ratio).toPrecision(3))} of`;
  return [`PRICE LOOKS WRONG: ${where} becomes ${times} what it was. Is it per token, per 1,000 or per million?`];
}

/** The price with what the list does not carry: tiers and the Batch API, by our rules. */
function asPrice(
  provider: string,
  model: string,
  { perMillion, longPromptBands }: Pick<ModelPrice, 'perMillion' | 'longPromptBands'>,
): ModelPrice {
  const price: ModelPrice = {
    provider,
    model,
    serviceTier: 'standard',
    validFrom: null,
    validTo: null,
    priceVersion: '',
    perMillion: inOneOrder(perMillion),
    ...(longPromptBands && longPromptBands.length > 0 ? { longPromptBands } : {}),
    ...serviceTierRules(provider, model, perMillion),
  };
  return { ...price, priceVersion: `${updateVersionPrefix}${idOf(price)}` };
}

/** Lists differ in the order of their fields; ids must not. */
function inOneOrder(prices: ModelPrice['perMillion']): ModelPrice['perMillion'] {
  const ordered = tokenClasses.flatMap((name) => (prices[name] === undefined ? [] : [[name, prices[name]] as const]));
  return { freshInput: prices.freshInput, ...Object.fromEntries(ordered) };
}

function idOf({ provider, model, perMillion, longPromptBands }: ModelPrice): string {
  const text = JSON.stringify([provider, model, perMillion, longPromptBands ?? []]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
