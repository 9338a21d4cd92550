const lifetimesMs = { short: 300_000, long: 3_600_000 };
/** A marker also finds what was cached at one of the twenty places before it. */
const lookBack = 20;

/** Anthropic's prompt cache by its documented rules: written at marks, read at the longest cached place that a mark reaches back to. */
export class AnthropicCache {
  entries = new Map();

  constructor(minimumTokens) {
    this.minimumTokens = minimumTokens;
  }

  /** The prompt tokens of one request, by what they are billed as. */
  bill({ hashes, endTokens, segmentEnds }, marks, nowMs) {
    const total = endTokens.at(-1) ?? 0;
    const placeOf = (segment) => ({ hash: hashes[segmentEnds[segment]], tokens: endTokens[segmentEnds[segment]] });
    const places = marks
      .map((mark) => ({ ...mark, ...placeOf(mark.segment) }))
      .filter(({ tokens }) => tokens >= this.minimumTokens);
    let read = 0;
    for (const { segment } of places) {
      for (let at = segment; at >= Math.max(0, segment - lookBack); at--) {
        const { hash, tokens } = placeOf(at);
        const entry = this.entries.get(hash);
        if (!entry || entry.untilMs <= nowMs) continue;
        entry.untilMs = nowMs + lifetimesMs[entry.lifetime];
        read = Math.max(read, tokens);
        break;
      }
    }
    const usage = { cacheReadTokens: read, cacheWriteShortTokens: 0, cacheWriteLongTokens: 0, freshInputTokens: 0 };
    let written = read;
    for (const { lifetime, hash, tokens } of places) {
      if (tokens <= written) continue;
      usage[lifetime === 'long' ? 'cacheWriteLongTokens' : 'cacheWriteShortTokens'] += tokens - written;
      written = tokens;
      this.entries.set(hash, { lifetime, untilMs: nowMs + lifetimesMs[lifetime] });
    }
    return { ...usage, freshInputTokens: total - written };
  }
}
