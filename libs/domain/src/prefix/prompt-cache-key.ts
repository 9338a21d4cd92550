import { hash } from 'node:crypto';
import type { PrefixChain } from './prefix-blocks';
import type { PrefixTracker } from './prefix-tracker';

/**
 * OpenAI sends requests of one prefix and key to one machine until they come faster than about 15 a minute; more spill
 * to others, each with a cold cache (developers.openai.com, "Prompt caching", read November 2026).
 */
export const requestsPerMinutePerKey = 15;
const maxKeysPerFamily = 1_024;
/** A head below this is no application's prompt: conversations are then told apart by their first block. */
const minHeadTokens = 256;

/** Index of the block that names a prompt's family: the end of tools and system, else the first block. */
export function familyBlock(chain: PrefixChain): number {
  const { headEnd, endTokens } = chain;
  return headEnd >= 0 && (endTokens[headEnd] ?? 0) >= minHeadTokens ? headEnd : 0;
}

/**
 * The value of OpenAI's `prompt_cache_key` for a prompt: one key for each family of prompts, spread over so many that
 * none gets more than about 15 requests a minute. Requests that share more than the family's prefix (the turns of a
 * conversation) stay on one key. 22 characters of a SHA-256: says nothing about the prompt.
 *
 * @param tracker knows how often the family is asked for by this process.
 */
export function promptCacheKey(tenantId: string, chain: PrefixChain, tracker: PrefixTracker, nowMs: number): string {
  const family = familyBlock(chain);
  const familyHash = chain.hashes[family] ?? '';
  const keys = keysFor(tracker.ratePerSecond(familyHash, nowMs) * 60);
  if (keys === 1) return digest(['prompt-cache-key', tenantId, familyHash]);
  // The block behind the family's is where its conversations part, and it stays as they go on.
  const parted = chain.hashes[family + 1] ?? familyHash;
  const place = Buffer.from(digest([parted]), 'base64url').readUInt32LE(0) % keys;
  return digest(['prompt-cache-key', tenantId, familyHash, keys, place]);
}

/** Powers of two, so that a family whose rate wavers does not change all its keys all the time. */
function keysFor(requestsPerMinute: number): number {
  let keys = 1;
  while (requestsPerMinute > keys * requestsPerMinutePerKey && keys < maxKeysPerFamily) keys *= 2;
  return keys;
}

/**
 * The value of vLLM's `cache_salt`: blocks are shared by requests of equal salt only, so that no tenant can tell from
 * an answer's timing what another has asked.
 *
 * @param secret keeps a tenant from computing another's salt; all workers in front of a server need the same one.
 * @param own a salt that the request brought: kept apart within the tenant, as it asks.
 */
export function cacheSalt(tenantId: string, secret = '', own?: string): string {
  return digest(['cache-salt', secret, tenantId, ...(own === undefined ? [] : [own])]);
}

const digest = (parts: readonly (string | number)[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);
