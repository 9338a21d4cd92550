/** OpenAI's documented prompt caching: prefixes from 1,024 tokens on, found again in steps of 128 tokens. */
export const cacheStepTokens = 128;
export const cacheMinimumTokens = 1_024;

/**
 * Simulates a provider's prompt cache: remembers the hashes of prompt prefixes and says how much of a new prompt was
 * seen before. Holds at most `limit` prefixes, in two generations: prefixes that are not used again go first.
 */
export class PromptCache {
  private young = new Set<number>();
  private old = new Set<number>();

  constructor(private readonly limit: number) {}

  /**
   * The number of leading tokens of this prompt that were seen before; remembers the prompt.
   * @param prefixHashes one hash per whole step of 128 tokens, each covering everything from the start.
   */
  lookUpAndRemember(prefixHashes: readonly number[]): number {
    const firstStep = cacheMinimumTokens / cacheStepTokens;
    let cachedSteps = 0;
    for (let step = prefixHashes.length; step >= firstStep && cachedSteps === 0; step -= 1) {
      const hash = prefixHashes[step - 1] ?? -1;
      if (this.young.has(hash) || this.old.has(hash)) cachedSteps = step;
    }
    for (let step = firstStep; step <= prefixHashes.length; step += 1) this.remember(prefixHashes[step - 1] ?? -1);
    return cachedSteps * cacheStepTokens;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }

  private remember(hash: number): void {
    if (this.young.has(hash)) return;
    if (this.young.size >= this.limit / 2) {
      this.old = this.young;
      this.young = new Set();
    }
    this.old.delete(hash);
    this.young.add(hash);
  }
}
