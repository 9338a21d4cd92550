/** The end of a block of a prompt: what was said up to there, and whether it is to be cached. */
export interface BlockEnd {
  readonly hash: number;
  readonly tokens: number;
  readonly mark: 'short' | 'long' | undefined;
}

export interface CacheUse {
  readonly readTokens: number;
  readonly shortWriteTokens: number;
  readonly longWriteTokens: number;
}

/** "Prompt caching": the usual shortest prefix, the lifetimes, and how many blocks before a mark are looked at. */
const minimumTokens = 1_024;
const lifetimesMs = { short: 5 * 60_000, long: 60 * 60_000 };
const lookBackBlocks = 20;

/**
 * Simulates Anthropic's prompt cache: written where `cache_control` says so and nowhere else, read where a block at a mark
 * or up to 20 before it ends a prefix that was written. A read renews its time. Holds `limit` prefixes at the most.
 */
export class MarkedCache {
  private readonly endsAtMs = new Map<number, number>();

  constructor(private readonly limit: number) {}

  /** What a prompt reads, and what it writes with its marks. */
  use(blocks: readonly BlockEnd[], nowMs: number): CacheUse {
    const marks = blocks.flatMap(({ mark, tokens }, i) => (mark && tokens >= minimumTokens ? [i] : []));
    const readTokens = Math.max(0, ...marks.map((mark) => this.found(blocks, mark, nowMs)));
    const written = { short: 0, long: 0 };
    let upTo = readTokens;
    for (const index of marks) {
      const block = blocks[index];
      if (!block?.mark) continue;
      if (block.tokens > upTo) {
        written[block.mark] += block.tokens - upTo;
        upTo = block.tokens;
      }
      this.write(block.hash, nowMs + lifetimesMs[block.mark]);
    }
    return { readTokens, shortWriteTokens: written.short, longWriteTokens: written.long };
  }

  clear(): void {
    this.endsAtMs.clear();
  }

  /** Tokens of the longest written prefix that the look back from a mark finds. */
  private found(blocks: readonly BlockEnd[], mark: number, nowMs: number): number {
    for (let i = mark; i >= Math.max(0, mark - lookBackBlocks); i--) {
      const block = blocks[i];
      if (block && (this.endsAtMs.get(block.hash) ?? 0) > nowMs) return block.tokens;
    }
    return 0;
  }

  private write(hash: number, endsAtMs: number): void {
    this.endsAtMs.delete(hash);
    this.endsAtMs.set(hash, endsAtMs);
    if (this.endsAtMs.size <= this.limit) return;
    const [oldest] = this.endsAtMs.keys();
    if (oldest !== undefined) this.endsAtMs.delete(oldest);
  }
}
