import { cacheStepTokens } from './prompt-cache';

/** Tokens are counted as characters over four, a rule of thumb for English; exactness is not what the mock is for. */
export const charsPerToken = 4;

const stepChars = cacheStepTokens * charsPerToken;

/** The number of tokens of a text. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / charsPerToken);
}

/**
 * Reads a prompt piece by piece in one pass: counts its tokens, hashes it into the seed of the answer, and takes the
 * hash of the prefix at every 128 tokens for the prompt cache.
 */
export class PromptDigest {
  readonly prefixHashes: number[] = [];
  private low = 0x811c9dc5 | 0;
  private high = 0x9e3779b9 | 0;
  private charCount = 0;
  private extraTokens = 0;

  /** A piece that counts by its length. */
  addText(text: string): void {
    let position = 0;
    while (position < text.length) {
      const end = Math.min(text.length, position + stepChars - (this.charCount % stepChars));
      this.fold(text, position, end);
      this.charCount += end - position;
      position = end;
      if (this.charCount % stepChars === 0) this.prefixHashes.push(this.hash());
    }
  }

  /** A piece that changes the answer but counts a fixed number of tokens, such as an image or the frame of a message. */
  addOpaque(content: string, tokens: number): void {
    this.fold(content, 0, content.length);
    this.extraTokens += tokens;
  }

  get tokens(): number {
    return Math.ceil(this.charCount / charsPerToken) + this.extraTokens;
  }

  /** 32 bits that stand for all that was read. */
  get seed(): number {
    return Math.imul(this.low ^ (this.low >>> 15), 2_246_822_507) ^ (this.high >>> 0);
  }

  private hash(): number {
    return (this.high >>> 0) * 2_097_152 + (this.low >>> 11);
  }

  private fold(text: string, start: number, end: number): void {
    let { low, high } = this;
    for (let i = start; i < end; i += 1) {
      const code = text.charCodeAt(i);
      low = Math.imul(low ^ code, 2_654_435_761);
      high = Math.imul(high ^ code, 1_597_334_677);
    }
    this.low = low;
    this.high = high;
  }
}
