import { CostlaneError, type ModelPrice } from '@costlane/domain';
import type { PriceDiff, PriceProposal } from './diff-price-list';

/** A proposal that waits for someone to approve it. */
export interface StagedPrice extends PriceProposal {
  /** ISO 8601: when it was first found. */
  readonly stagedAt: string;
}

/** What the last comparison with the list came to. */
export interface RefreshReport {
  /** ISO 8601. */
  readonly at: string;
  readonly source: string;
  readonly unchanged: number;
  /** Ids of what was taken over without approval. */
  readonly applied: readonly string[];
  readonly waiting: number;
  /** Entries of the list that were not taken, with the reason. */
  readonly refused: readonly { readonly entry: string; readonly reason: string }[];
  readonly vanished: readonly string[];
}

/** Everything that is kept; plain data. */
export interface StagedState {
  readonly version: 1;
  readonly staged: readonly StagedPrice[];
  /** Prices that were taken over, each with its beginning, oldest first. None is ever changed or removed: history is not repriced. */
  readonly applied: readonly ModelPrice[];
  /** Ids that were rejected, newest last: what is proposed again is not staged again. */
  readonly rejectedIds: readonly string[];
  readonly lastRefresh: RefreshReport | null;
}

export const emptyStagedState: StagedState = {
  version: 1,
  staged: [],
  applied: [],
  rejectedIds: [],
  lastRefresh: null,
};

/** Where the state lies. A write is all or nothing. */
export interface StagedPricesStore {
  /** The state that was written last, or the empty one. Rejects when there is one that cannot be read. */
  read(): Promise<StagedState>;
  write(state: StagedState): Promise<void>;
}

export interface StagedPrices {
  list(): readonly StagedPrice[];
  /** Every price that was taken over, oldest first, for the catalog. */
  applied(): readonly ModelPrice[];
  lastRefresh(): RefreshReport | null;
  /** Takes a comparison in: what may be is taken over, the rest waits; what waited and is no longer proposed is dropped. */
  propose(diff: PriceDiff, about: Pick<RefreshReport, 'source' | 'refused'>): Promise<RefreshReport>;
  /** Takes a proposal over from now on. Rejects with CostlaneError `not_found` when none of this id waits. */
  approve(id: string): Promise<ModelPrice>;
  /** Drops a proposal, and whenever it is found again. Rejects as {@link approve}. */
  reject(id: string): Promise<void>;
}

const mostApplied = 10_000;
const mostRejected = 5_000;
const mostNamed = 200;

/**
 * Proposed prices between the list and the catalog. Changes come one after another, and each is written before it holds, so that a restart
 * finds what was promised.
 *
 * @param options.onApplied called with every price that was taken over so far, after there are new ones
 */
export async function openStagedPrices(options: {
  store: StagedPricesStore;
  onApplied: (applied: readonly ModelPrice[]) => void;
  now?: () => number;
}): Promise<StagedPrices> {
  const { store, onApplied, now = Date.now } = options;
  let state = await store.read();
  let queue: Promise<unknown> = Promise.resolve();

  function change<T>(make: (before: StagedState) => { state: StagedState; result: T }): Promise<T> {
    const run = queue.then(async () => {
      const before = state;
      const { state: next, result } = make(before);
      await store.write(next);
      state = next;
      if (next.applied !== before.applied) onApplied(next.applied);
      return result;
    });
    queue = run.catch(() => undefined);
    return run;
  }
  const moment = (): string => new Date(now()).toISOString();

  return {
    list: () => state.staged,
    applied: () => state.applied,
    lastRefresh: () => state.lastRefresh,
    propose: (diff, about) => change((before) => takeIn(before, diff, about, moment())),
    approve: (id) =>
      change((before) => {
        const price = fromNowOn(waiting(before, id).proposed, moment());
        return { state: { ...withoutStaged(before, id), applied: withApplied(before, [price]) }, result: price };
      }),
    reject: (id) =>
      change((before) => {
        waiting(before, id);
        const rejectedIds = [...before.rejectedIds, id].slice(-mostRejected);
        return { state: { ...withoutStaged(before, id), rejectedIds }, result: undefined };
      }),
  };
}

function takeIn(
  before: StagedState,
  { proposals, unchanged, vanished }: PriceDiff,
  { source, refused }: Pick<RefreshReport, 'source' | 'refused'>,
  at: string,
): { state: StagedState; result: RefreshReport } {
  const rejected = new Set(before.rejectedIds);
  const stagedAt = new Map(before.staged.map((entry) => [entry.id, entry.stagedAt]));
  const wanted = proposals.filter(({ id }) => !rejected.has(id));
  const rested = wanted.map((proposal) => withRest(proposal, before, at));
  const automatic = rested.filter(({ isAutomatic }) => isAutomatic);
  const staged = rested
    .filter(({ isAutomatic }) => !isAutomatic)
    .map((proposal): StagedPrice => ({ ...proposal, stagedAt: stagedAt.get(proposal.id) ?? at }));
  const report: RefreshReport = {
    at,
    source,
    unchanged,
    applied: automatic.map(({ id }) => id),
    waiting: staged.length,
    refused: refused.slice(0, mostNamed),
    vanished: vanished.slice(0, mostNamed),
  };
  const applied =
    automatic.length === 0
      ? before.applied
      : withApplied(
          before,
          automatic.map(({ proposed }) => fromNowOn(proposed, at)),
        );
  return { state: { ...before, staged, applied, lastRefresh: report }, result: report };
}

/** Small steps, one after another, lead far: a price that changed within a week changes again with approval only. */
const restMs = 7 * 86_400_000;

function withRest(proposal: PriceProposal, { applied }: StagedState, at: string): PriceProposal {
  const { provider, model } = proposal;
  const since = applied.findLast((price) => price.provider === provider && price.model === model)?.validFrom;
  if (!proposal.isAutomatic || !since || Date.parse(at) - Date.parse(since) >= restMs) return proposal;
  const note = `The price changed on ${since.slice(0, 10)} already; within a week it changes again with approval only.`;
  return { ...proposal, isAutomatic: false, notes: [...proposal.notes, note] };
}

const fromNowOn = (price: ModelPrice, at: string): ModelPrice => ({ ...price, validFrom: at, validTo: null });

function withApplied({ applied }: StagedState, prices: readonly ModelPrice[]): readonly ModelPrice[] {
  if (applied.length + prices.length > mostApplied) {
    throw new CostlaneError(
      'internal',
      `More than ${mostApplied} prices were taken over from lists; move them to the prices file.`,
    );
  }
  return [...applied, ...prices];
}

const withoutStaged = (state: StagedState, id: string): StagedState => ({
  ...state,
  staged: state.staged.filter((entry) => entry.id !== id),
});

function waiting({ staged }: StagedState, id: string): StagedPrice {
  const found = staged.find((entry) => entry.id === id);
  if (!found) throw new CostlaneError('not_found', `No price with the id "${id.slice(0, 40)}" waits for approval.`);
  return found;
}
