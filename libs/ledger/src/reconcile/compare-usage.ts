import { usageAxes, type UsageAxis } from '@costlane/domain';
import { matchNames } from './match-names';
import { meterNames, meters, type Meter, type UsageRow } from './usage-row';

/** What is in our books of a day and a model of the provider. */
export interface OwnUsage {
  day: string;
  model: string;
  tokens: Record<UsageAxis, bigint>;
  paidNanoUsd: bigint;
  /** Beyond `paidNanoUsd`: answers that were paid twice, on record as duplicates; the provider counts their tokens, too. */
  duplicatePaidNanoUsd: bigint;
}

export interface Drift {
  ours: bigint;
  theirs: bigint;
  /** Theirs less ours. */
  drift: bigint;
  /** Of theirs; undefined where these are 0 and ours are not. */
  driftPercent: number | undefined;
  isWithin: boolean;
}

export interface DayModel {
  day: string;
  model: string;
  side: 'both' | 'ours' | 'theirs';
  tokens: Partial<Record<Meter, Drift>>;
  cost: Drift | undefined;
  duplicatePaidNanoUsd: bigint;
}

export interface UsageComparison {
  isMatching: boolean;
  days: DayModel[];
  totals: { tokens: Partial<Record<Meter, Drift>>; cost: Drift | undefined };
  /** Names that were taken for one: a dated one and its alias. */
  matchedNames: Record<string, string[]>;
}

/** A percent in millionths, which are the finest that is told. */
const PER_PERCENT = 10_000;
const MILLION = 1_000_000n;

interface Entry {
  day: string;
  model: string;
  own?: OwnUsage;
  theirs?: { tokens: Partial<Record<Meter, bigint>>; costNanoUsd: bigint | undefined };
}

/**
 * Sets a provider's figures against ours, by day, model and what the provider counts. Compared is what they tell: tokens where they give tokens, costs where they
 * give costs. `tolerancePercent` is of theirs. A day's model that only one side has is a difference of 100 %.
 */
export function compareUsage(
  own: readonly OwnUsage[],
  theirs: readonly UsageRow[],
  tolerancePercent: number,
): UsageComparison {
  const { nameOf, matched } = matchNames(
    own.map(({ model }) => model),
    theirs.map(({ model }) => model),
  );
  const counted = meterNames.filter((meter) => theirs.some(({ tokens }) => tokens[meter] !== undefined));
  const hasCosts = theirs.some(({ costNanoUsd }) => costNanoUsd !== undefined);
  const entries = [...gather(own, theirs, nameOf).values()].sort(
    (a, b) => order(a.day, b.day) || order(a.model, b.model),
  );
  const drift = (ours: bigint, of: bigint): Drift => driftOf(ours, of, tolerancePercent);
  const tokensOf = (of: readonly Entry[]): Partial<Record<Meter, Drift>> =>
    Object.fromEntries(
      counted.map((meter) => [
        meter,
        drift(
          sum(of, (e) => ownTokens(e.own, meter)),
          sum(of, (e) => e.theirs?.tokens[meter]),
        ),
      ]),
    );
  const costOf = (of: readonly Entry[]): Drift | undefined =>
    hasCosts
      ? drift(
          sum(of, (e) => e.own?.paidNanoUsd),
          sum(of, (e) => e.theirs?.costNanoUsd),
        )
      : undefined;
  const days = entries.map((entry) => ({
    day: entry.day,
    model: entry.model,
    side: entry.own ? (entry.theirs ? ('both' as const) : ('ours' as const)) : ('theirs' as const),
    tokens: tokensOf([entry]),
    cost: costOf([entry]),
    duplicatePaidNanoUsd: entry.own?.duplicatePaidNanoUsd ?? 0n,
  }));
  const isWithin = ({ tokens, cost }: Pick<DayModel, 'tokens' | 'cost'>): boolean =>
    [...Object.values(tokens), ...(cost ? [cost] : [])].every((one) => one.isWithin);
  return {
    isMatching: days.length > 0 && days.every(isWithin),
    days,
    totals: { tokens: tokensOf(entries), cost: costOf(entries) },
    matchedNames: matched,
  };
}

function gather(
  own: readonly OwnUsage[],
  theirs: readonly UsageRow[],
  nameOf: (name: string) => string,
): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const entryOf = (day: string, name: string): Entry => {
    const model = nameOf(name);
    const key = `${day} ${model}`;
    const entry = entries.get(key) ?? { day, model };
    entries.set(key, entry);
    return entry;
  };
  for (const row of own) {
    const entry = entryOf(row.day, row.model);
    entry.own = entry.own ? addOwn(entry.own, row) : row;
  }
  for (const { day, model, tokens, costNanoUsd } of theirs) {
    const entry = entryOf(day, model);
    entry.theirs ??= { tokens: {}, costNanoUsd: undefined };
    for (const meter of meterNames)
      if (tokens[meter] !== undefined) entry.theirs.tokens[meter] = (entry.theirs.tokens[meter] ?? 0n) + tokens[meter];
    if (costNanoUsd !== undefined) entry.theirs.costNanoUsd = (entry.theirs.costNanoUsd ?? 0n) + costNanoUsd;
  }
  return entries;
}

const addOwn = (a: OwnUsage, b: OwnUsage): OwnUsage => ({
  ...a,
  tokens: Object.fromEntries(usageAxes.map((axis) => [axis, a.tokens[axis] + b.tokens[axis]])) as OwnUsage['tokens'],
  paidNanoUsd: a.paidNanoUsd + b.paidNanoUsd,
  duplicatePaidNanoUsd: a.duplicatePaidNanoUsd + b.duplicatePaidNanoUsd,
});

const ownTokens = (own: OwnUsage | undefined, meter: Meter): bigint =>
  own ? meters[meter].reduce((total, axis) => total + own.tokens[axis], 0n) : 0n;

function driftOf(ours: bigint, theirs: bigint, tolerancePercent: number): Drift {
  const drift = theirs - ours;
  const driftPercent = theirs === 0n ? (ours === 0n ? 0 : undefined) : Number((drift * MILLION) / theirs) / PER_PERCENT;
  // In whole numbers: a percentage is rounded, and large sums are beyond what a double tells apart.
  const allowed = magnitude(theirs) * BigInt(Math.round(tolerancePercent * PER_PERCENT));
  return { ours, theirs, drift, driftPercent, isWithin: magnitude(drift) * MILLION <= allowed };
}

const magnitude = (of: bigint): bigint => (of < 0n ? -of : of);

const sum = (entries: readonly Entry[], of: (entry: Entry) => bigint | undefined): bigint =>
  entries.reduce((total, entry) => total + (of(entry) ?? 0n), 0n);

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
