/** OpenAI's documented prompt caching: prefixes from 1,024 tokens on, found again in steps of 128 tokens. */
export const cacheStepTokens = 128;
export const cacheMinimumTokens = 1_024;

/**
 * Simulates a provider's prompt cache: remembers the hashes of prompt prefixes and says how much of a new prompt was
 * seen before. Holds at most `limit` prefixes; the oldest go first.
 */
export class PromptCache {
  private readonly seen = new Set<number>();

  constructor(private readonly limit: number) {}

  /**
   * The number of leading tokens of this prompt that were seen before; remembers the prompt.
   * @param prefixHashes one hash per whole step of 128 tokens, each covering everything from the start.
   */
  lookUpAndRemember(prefixHashes: readonly number[]): number {
    const firstStep = cacheMinimumTokens / cacheStepTokens;
    let cachedSteps = 0;
    for (let step = prefixHashes.length; step >= firstStep && cachedSteps === 0; step -= 1) {
      if (this.seen.has(prefixHashes[step - 1] ?? -1)) cachedSteps = step;
    }
    for (let step = firstStep; step <= prefixHashes.length; step += 1) this.remember(prefixHashes[step - 1] ?? -1);
    return cachedSteps * cacheStepTokens;
  }

  get size(): number {
    return this.seen.size;
  }

  clear(): void {
    this.seen.clear();
  }

  private remember(hash: number): void {
    // Deleting first moves a prefix that is used again to the young end.
    this.seen.delete(hash);
    this.seen.add(hash);
    if (this.seen.size <= this.limit) return;
    const oldest = this.seen.values().next();
    if (!oldest.done) this.seen.delete(oldest.value);
  }
}
