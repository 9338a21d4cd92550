import type { PrefixChain } from './prefix-blocks';
import { RecencyMap, type Linked } from './recency-map';
import { ReuseChance } from './reuse-chances';

/** How long a provider keeps a prefix after its last use: Anthropic's two lifetimes, the shorter also OpenAI's usual one. */
export const cacheLifetimesMs = { short: 300_000, long: 3_600_000 } as const;
export type CacheLifetime = keyof typeof cacheLifetimesMs;

export interface PrefixTrackerOptions {
  /** Blocks remembered; those not seen for longest are forgotten first. Default 50,000 (some 10 MB). */
  readonly maxBlocks?: number;
  /** A block not seen for this long is forgotten. Default 2 hours. */
  readonly forgetAfterMs?: number;
}

/** What is known of one prefix. */
export interface ExpectedReuse {
  /** Chance that it comes again within the lifetime, in [0, 1). */
  readonly chance: number;
  /** Expected reuses before it lapses, when each use renews its lifetime: chance / (1 − chance). */
  readonly reuses: number;
}

/** Time constant of all decaying counts: traffic of half an hour decides. */
const decayMs = 1_800_000;
/** Rates are not told from less time than this: two requests in one second are no 120 a minute. */
const minExposureMs = 60_000;
/** The last twenty or so gaps of a prefix tell whether it comes again in time. */
const gapFade = 0.95;
/** Blocks forgotten for their age per request: age alone must never make one request slow. The number is bounded anyway. */
const sweepPerRequest = 4;

/**
 * What a prefix is the end of when it is first seen: tools or system; the first message of a conversation; or a later
 * one, whose beginning has been seen. Of each another part comes again.
 */
export type PrefixPart = 'head' | 'opening' | 'continued';

interface SeenBlock extends Linked<SeenBlock> {
  readonly part: PrefixPart;
  readonly firstAtMs: number;
  /** When it came for the second time; undefined until then. */
  secondAtMs: number | undefined;
  lastAtMs: number;
  /** Times seen after the first, decayed to `lastAtMs`. */
  repeats: number;
  /** Times it came again, later ones counting more, and how many of those were within a lifetime of the time before. */
  gaps: number;
  shortGaps: number;
  longGaps: number;
}

/**
 * Which prefixes this process has seen, how often and when. Bounded in number and age, whatever the uptime.
 *
 * Whether a prefix comes again in time is told from its own gaps, not from a rate: requests come in bursts, and a
 * Poisson process of the same rate would promise reuse through pauses in which the cache lapses.
 */
export class PrefixTracker {
  private readonly blocks = new RecencyMap<SeenBlock>();
  private readonly maxBlocks: number;
  private readonly forgetAfterMs: number;
  private readonly firstTimers: Record<CacheLifetime, Record<PrefixPart, ReuseChance>>;
  private requests = 0;
  private requestsAtMs = 0;

  constructor({ maxBlocks = 50_000, forgetAfterMs = 7_200_000 }: PrefixTrackerOptions = {}) {
    this.maxBlocks = maxBlocks;
    this.forgetAfterMs = forgetAfterMs;
    const hasComeAgain = (hash: string, seenAtMs: number, lifetimeMs: number): boolean => {
      const second = this.blocks.get(hash)?.secondAtMs;
      return second !== undefined && second - seenAtMs <= lifetimeMs;
    };
    const chanceOf = (lifetime: CacheLifetime) => new ReuseChance(cacheLifetimesMs[lifetime], hasComeAgain);
    const chances = (lifetime: CacheLifetime) => ({
      head: chanceOf(lifetime),
      opening: chanceOf(lifetime),
      continued: chanceOf(lifetime),
    });
    this.firstTimers = { short: chances('short'), long: chances('long') };
  }

  get size(): number {
    return this.blocks.size;
  }

  /** A request with this prompt is made now. To be called before anything is asked about its prefixes. */
  record(chain: PrefixChain, nowMs: number): void {
    const { hashes, headEnd } = chain;
    this.requests = this.requests * decay(nowMs - this.requestsAtMs) + 1;
    this.requestsAtMs = nowMs;
    const tailPart = this.knownBlocks(chain, -Infinity) - 1 > headEnd ? 'continued' : 'opening';
    // From the end, so that a prefix is never older than what continues it, and is forgotten after that.
    for (let i = hashes.length - 1; i >= 0; i--) {
      const hash = hashes[i] ?? '';
      const part = i <= headEnd ? 'head' : tailPart;
      const isNew = this.see(hash, part, nowMs);
      if (isNew && (i === headEnd || i === hashes.length - 1)) this.isFirstTime(hash, part, nowMs);
    }
    this.forget(nowMs);
  }

  /** How many leading blocks of a prompt have been seen since then: a prefix is never older than what continues it. */
  knownBlocks({ hashes }: PrefixChain, sinceMs: number): number {
    let low = 0;
    let high = hashes.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const block = this.blocks.get(hashes[middle - 1] ?? '');
      if (block && block.lastAtMs >= sinceMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** When the prefix was last seen, epoch milliseconds; undefined for one that is not known. */
  lastSeenAtMs(hash: string): number | undefined {
    return this.blocks.get(hash)?.lastAtMs;
  }

  /** Requests a second that begin with this prefix, the first one not counted; 0 for one that was seen once. */
  ratePerSecond(hash: string, nowMs: number): number {
    const block = this.blocks.get(hash);
    if (!block || block.secondAtMs === undefined) return 0;
    const repeats = block.repeats * decay(nowMs - block.lastAtMs);
    // What a process that has run for so long can have contributed, under the same decay.
    const exposureMs = decayMs * (1 - decay(nowMs - block.firstAtMs));
    return (repeats / Math.max(exposureMs, minExposureMs)) * 1_000;
  }

  /** Recent requests that begin with this prefix, and recent requests in all: decayed counts. */
  recentCount(hash: string, nowMs: number): number {
    const block = this.blocks.get(hash);
    return block ? block.repeats * decay(nowMs - block.lastAtMs) + decay(nowMs - block.firstAtMs) : 0;
  }

  recentTotal(nowMs: number): number {
    return this.requests * decay(nowMs - this.requestsAtMs);
  }

  /**
   * How likely a prefix is asked for again before the provider forgets it: the part of its own gaps that were short
   * enough, with the chance of first-timers counting as one gap more.
   */
  expectedReuse(hash: string, lifetime: CacheLifetime): ExpectedReuse {
    const block = this.blocks.get(hash);
    const prior = this.firstTimers[lifetime][block?.part ?? 'opening'].chance();
    const inTime = lifetime === 'short' ? block?.shortGaps : block?.longGaps;
    const chance = ((inTime ?? 0) + prior) / ((block?.gaps ?? 0) + 1);
    return { chance, reuses: chance / (1 - chance) };
  }

  private see(hash: string, part: PrefixPart, nowMs: number): boolean {
    const block = this.blocks.use(hash);
    if (!block) {
      this.blocks.add({
        key: hash,
        part,
        firstAtMs: nowMs,
        secondAtMs: undefined,
        lastAtMs: nowMs,
        repeats: 0,
        gaps: 0,
        shortGaps: 0,
        longGaps: 0,
        older: undefined,
        newer: undefined,
      });
      return true;
    }
    const gapMs = nowMs - block.lastAtMs;
    block.repeats = block.repeats * decay(gapMs) + 1;
    block.gaps = block.gaps * gapFade + 1;
    block.shortGaps = block.shortGaps * gapFade + (gapMs <= cacheLifetimesMs.short ? 1 : 0);
    block.longGaps = block.longGaps * gapFade + (gapMs <= cacheLifetimesMs.long ? 1 : 0);
    block.secondAtMs ??= nowMs;
    block.lastAtMs = nowMs;
    return false;
  }

  private isFirstTime(hash: string, part: PrefixPart, nowMs: number): void {
    this.firstTimers.short[part].firstSeen(hash, nowMs);
    this.firstTimers.long[part].firstSeen(hash, nowMs);
  }

  private forget(nowMs: number): void {
    let swept = 0;
    for (let oldest = this.blocks.oldest(); oldest; oldest = this.blocks.oldest()) {
      const isOver = this.blocks.size > this.maxBlocks;
      if (!isOver && (swept++ >= sweepPerRequest || nowMs - oldest.lastAtMs < this.forgetAfterMs)) break;
      this.blocks.delete(oldest);
    }
  }
}

const decay = (elapsedMs: number): number => Math.exp(-Math.max(0, elapsedMs) / decayMs);
