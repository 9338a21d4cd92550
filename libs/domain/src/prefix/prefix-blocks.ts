import { hash } from 'node:crypto';
import { estimateTokens } from '../money/estimate-tokens';

/** Tokens of a block, estimated; the block that a message ends in is shorter. */
export const blockTokens = 512;
/** A longer prompt is cut off here: half a million tokens of prose, a bound for prompts of very many small messages. */
const maxBlocks = 1_024;
/** `estimateTokens` counts four bytes a token for all alphabets but Chinese, Japanese and Korean (three). */
const bytesPerToken = 4;
const blockBytes = blockTokens * bytesPerToken;
/** 72 bits; also the longest substring that V8 copies instead of keeping the whole digest alive. */
const hashCharacters = 12;

/** Where the parts of a prompt are, in the order in which the model reads them: tools, system, messages. */
export interface PromptSegments {
  readonly source: Uint8Array;
  /** Pairs of start and end (exclusive) in `source`, a pair for each tool list, system part or message. */
  readonly spans: readonly number[];
  /** So many leading segments are tools and system, which requests of one application share. */
  readonly headSegments: number;
}

/** A prompt as blocks, each named by a hash of everything up to its end: equal leading hashes mean an equal prefix. */
export interface PrefixChain {
  readonly hashes: readonly string[];
  /** Estimated tokens from the prompt's beginning to each block's end; strictly ascending. */
  readonly endTokens: readonly number[];
  /** For each segment the index of the block that it ends with; shorter than the segments where the prompt was cut off. */
  readonly segmentEnds: readonly number[];
  /** Index of the last block of tools and system, or -1 without them. */
  readonly headEnd: number;
}

/** Whose provider cache a prompt goes to. Nothing is shared between tenants or models. */
export interface PrefixScope {
  readonly tenantId: string;
  readonly provider: string;
  readonly model: string;
}

export const emptyChain: PrefixChain = Object.freeze({ hashes: [], endTokens: [], segmentEnds: [], headEnd: -1 });

const scratch = Buffer.allocUnsafe(hashCharacters + blockBytes);

/**
 * Cuts a prompt into chained blocks: a block ends where a segment ends and after every 512 tokens of one; its name is
 * the SHA-256 (first 72 bits) of the name before it and its bytes. Tenant, provider and model are in the first name.
 * The scheme is that of vLLM's automatic prefix caching (Kwon et al. 2023, §4.4: blocks named by hash of prefix and
 * content), with larger blocks and no tokeniser.
 */
export function prefixBlocks(segments: PromptSegments, scope: PrefixScope): PrefixChain {
  const { source, spans, headSegments } = segments;
  const hashes: string[] = [];
  const endTokens: number[] = [];
  const segmentEnds: number[] = [];
  let previous = seedOf(scope);
  let tokens = 0;
  let headEnd = -1;
  for (let segment = 0; segment * 2 < spans.length; segment++) {
    const end = spans[segment * 2 + 1] ?? 0;
    for (let at = spans[segment * 2] ?? end; at < end; at += blockBytes) {
      if (hashes.length >= maxBlocks) return { hashes, endTokens, segmentEnds, headEnd };
      const stop = Math.min(at + blockBytes, end);
      previous = chained(previous, source, at, stop);
      tokens += estimateTokens(stop - at);
      hashes.push(previous);
      endTokens.push(tokens);
    }
    segmentEnds.push(hashes.length - 1);
    if (segment < headSegments) headEnd = hashes.length - 1;
  }
  return { hashes, endTokens, segmentEnds, headEnd };
}

/** Estimated tokens of the whole prompt, as far as it was cut into blocks. */
export const chainTokens = (chain: PrefixChain): number => chain.endTokens.at(-1) ?? 0;

/** Index of the first block whose prefix has at least so many tokens, or -1. */
export function firstBlockOf(chain: PrefixChain, tokens: number): number {
  return chain.endTokens.findIndex((end) => end >= tokens);
}

function chained(previous: string, source: Uint8Array, from: number, to: number): string {
  scratch.write(previous, 0, 'latin1');
  scratch.set(source.subarray(from, to), hashCharacters);
  return digest(scratch.subarray(0, hashCharacters + to - from));
}

const seedOf = ({ tenantId, provider, model }: PrefixScope): string =>
  digest(Buffer.from(JSON.stringify([tenantId, provider, model])));

const digest = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url').slice(0, hashCharacters);
