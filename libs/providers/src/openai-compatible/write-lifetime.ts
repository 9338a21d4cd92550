import { isObject, parseObject, textOf } from './json-object';
import type { AttemptOutcome } from '../attempt';

/** A lifetime in hours; the usual one is told in minutes (`30m`). */
const hours = /^\d+h$/;

/**
 * The outcome with its cache writes under the lifetime that the request asked for: OpenAI reports writes as one number, and charges
 * those that live hours twice as much. The request is read again only where something was written.
 */
export function withWriteLifetime(outcome: AttemptOutcome, requestBody: Buffer): AttemptOutcome {
  const { usage } = outcome;
  if (!usage || usage.cacheWriteShortTokens === 0 || !asksForHours(requestBody)) return outcome;
  const written = usage.cacheWriteShortTokens + usage.cacheWriteLongTokens;
  return { ...outcome, usage: { ...usage, cacheWriteShortTokens: 0, cacheWriteLongTokens: written } };
}

/** `prompt_cache_options.ttl` ("Prompt caching", read November 2026). */
function asksForHours(requestBody: Buffer): boolean {
  if (!requestBody.includes('"prompt_cache_options"')) return false;
  const options = parseObject(requestBody.toString('utf8'))?.['prompt_cache_options'];
  return isObject(options) && hours.test(textOf(options['ttl']) ?? '');
}
