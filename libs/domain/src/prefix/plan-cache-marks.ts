import type { ModelPrice } from '../money/model-price';
import { breakEvenReuses, cacheRatesOf, minimumPrefixTokens, savingPerToken, type CacheRates } from './cache-economics';
import { chainTokens, type PrefixChain } from './prefix-blocks';
import { cacheLifetimesMs, type CacheLifetime, type PrefixTracker } from './prefix-tracker';

/** Anthropic's limit of breakpoints in a request. */
export const maxCacheMarks = 4;
/** Candidates that the choice is made among; a prompt's reuse rarely has more than a handful of steps. */
const maxCandidates = 24;

/** A place where the prefix is to be cached: the end of the segment with this index. */
export interface CacheMark {
  readonly segment: number;
  readonly lifetime: CacheLifetime;
  /** Estimated tokens up to there. */
  readonly tokens: number;
}

export interface CachePlanInput {
  readonly chain: PrefixChain;
  readonly tracker: PrefixTracker;
  readonly model: string;
  readonly price: ModelPrice;
  readonly nowMs: number;
  /** Markers that the caller set: then it knows what it does, and nothing is added. */
  readonly hasOwnMarks?: boolean;
}

interface Candidate extends CacheMark {
  /** Requests a second that are expected to begin with this prefix. */
  readonly rate: number;
}

/**
 * Where to mark a prompt for the provider's cache, at most four places in ascending order; the tracker must have seen
 * the prompt.
 *
 * A place is worth a mark where its expected reuses exceed (write − 1) / (1 − read) at the model's own prices, with the
 * lifetime that saves more. Of more than four such places those are taken that let most tokens be read: a request is
 * served by the deepest mark that it shares, so that a set of marks is worth the sum of (rate of this mark − rate of
 * the next) × tokens.
 */
export function planCacheMarks(input: CachePlanInput): readonly CacheMark[] {
  const { chain, price, model, hasOwnMarks } = input;
  const rates = hasOwnMarks ? undefined : cacheRatesOf(price, chainTokens(chain));
  if (!rates || rates.read >= 1 || chainTokens(chain) < minimumPrefixTokens(model)) return [];
  const candidates = stepsOnly(payingPlaces(input, rates));
  return inOrderOfLifetime(bestMarks(candidates));
}

function payingPlaces({ chain, tracker, model, nowMs }: CachePlanInput, rates: CacheRates): Candidate[] {
  const minimum = minimumPrefixTokens(model);
  const places: Candidate[] = [];
  chain.segmentEnds.forEach((block, segment) => {
    const tokens = chain.endTokens[block] ?? 0;
    if (tokens < minimum) return;
    const hash = chain.hashes[block] ?? '';
    const short = tracker.expectedReuse(hash, 'short');
    const long = tracker.expectedReuse(hash, 'long');
    const isShortPaying = short.reuses > breakEvenReuses(rates, 'short');
    const isLongPaying = long.reuses > breakEvenReuses(rates, 'long');
    if (!isShortPaying && !isLongPaying) return;
    const gain = savingPerToken(rates, 'long', long.chance) - savingPerToken(rates, 'short', short.chance);
    const lifetime = isLongPaying && (!isShortPaying || gain > 0) ? 'long' : 'short';
    const { chance } = lifetime === 'long' ? long : short;
    const rate = tracker.ratePerSecond(hash, nowMs) || rateOfChance(chance, lifetime);
    places.push({ segment, lifetime, tokens, rate });
  });
  return places;
}

/** The rate at which a prefix comes again with this chance. */
const rateOfChance = (chance: number, lifetime: CacheLifetime): number =>
  -Math.log(1 - chance) / (cacheLifetimesMs[lifetime] / 1_000);

/** Of places that are reused alike only the deepest is worth a mark. */
function stepsOnly(places: readonly Candidate[]): Candidate[] {
  const steps: Candidate[] = [];
  for (const place of places) {
    while ((steps.at(-1)?.rate ?? Infinity) <= place.rate * 1.000_001) steps.pop();
    steps.push(place);
  }
  if (steps.length <= maxCandidates) return steps;
  return [...steps.slice(0, maxCandidates / 2), ...steps.slice(-maxCandidates / 2)];
}

interface Chosen {
  readonly worth: number;
  readonly marks: readonly Candidate[];
}

/** The best set of at most four, by dynamic programming from the deepest place to the shallowest. */
function bestMarks(candidates: readonly Candidate[]): readonly Candidate[] {
  // best[k][i]: with at most k + 1 marks, the first of them at candidate i.
  let best: Chosen[] = candidates.map((mark) => ({ worth: mark.rate * mark.tokens, marks: [mark] }));
  for (let marks = 2; marks <= maxCacheMarks; marks++) {
    const before = best;
    best = candidates.map((mark, i) => {
      let top = before[i] ?? { worth: 0, marks: [] };
      for (let next = i + 1; next < candidates.length; next++) {
        const rest = before[next];
        const after = candidates[next];
        if (!rest || !after) continue;
        const worth = (mark.rate - after.rate) * mark.tokens + rest.worth;
        if (worth > top.worth) top = { worth, marks: [mark, ...rest.marks] };
      }
      return top;
    });
  }
  return best.reduce<Chosen>((top, each) => (each.worth > top.worth ? each : top), { worth: 0, marks: [] }).marks;
}

/** Anthropic wants longer lifetimes in front of shorter ones: what stands behind a short one becomes short as well. */
function inOrderOfLifetime(marks: readonly Candidate[]): readonly CacheMark[] {
  let isShort = false;
  return marks.map(({ segment, tokens, lifetime }) => {
    isShort ||= lifetime === 'short';
    return { segment, tokens, lifetime: isShort ? 'short' : 'long' };
  });
}
