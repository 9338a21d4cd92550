import { AnthropicCache } from './anthropic-cache.mjs';
import { syntheticTraffic } from './synthetic-traffic.mjs';

/** List prices per million tokens, as in libs/pricing (November 2026). Newer models read for less, which makes marks pay sooner. */
const price = {
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'prefix-replay',
  perMillion: { freshInput: '3', cacheRead: '0.3', cacheWriteShort: '3.75', cacheWriteLong: '6', output: '15' },
};
const scope = { tenantId: 't', provider: price.provider, model: price.model };

/** What ways to mark prompts come to, on the same traffic, by Anthropic's rules of reading and writing. */
export function marksTable(domain, options = {}) {
  return syntheticTraffic(options).flatMap(({ name, requests }) => {
    const chains = requests.map(({ atMs, segments }) => ({ atMs, chain: chainOf(domain, segments) }));
    const plain = costOf(domain, chains, () => []);
    const rows = [
      ['planned', planner(domain)],
      ['always, 5 min', everywhere('short')],
      ['always, 1 h', everywhere('long')],
    ].map(([marks, plan]) => ({ marks, ...costOf(domain, chains, plan) }));
    return [{ marks: 'none', ...plain }, ...rows].map(({ marks, usd, ...tokens }) => ({
      traffic: name,
      marks,
      ...tokens,
      usd: Number(usd.toFixed(2)),
      saved: `${(100 * (1 - usd / plain.usd)).toFixed(1)} %`,
    }));
  });
}

function planner({ PrefixTracker, planCacheMarks }) {
  const tracker = new PrefixTracker();
  return (chain, nowMs) => {
    tracker.record(chain, nowMs);
    return planCacheMarks({ chain, tracker, model: price.model, price, nowMs });
  };
}

/** What many clients do: the end of the system prompt and the end of the prompt, always. */
const everywhere = (lifetime) => (chain) =>
  [...new Set([0, chain.segmentEnds.length - 1])].map((segment) => ({ segment, lifetime }));

function costOf({ costOfUsage, emptyUsage, minimumPrefixTokens }, chains, plan) {
  const cache = new AnthropicCache(minimumPrefixTokens(price.model));
  let usage = { ...emptyUsage };
  for (const { atMs, chain } of chains) {
    const billed = cache.bill(chain, plan(chain, atMs), atMs);
    usage = Object.fromEntries(Object.entries(usage).map(([axis, tokens]) => [axis, tokens + (billed[axis] ?? 0)]));
  }
  const { freshInputTokens, cacheReadTokens, cacheWriteShortTokens, cacheWriteLongTokens } = usage;
  return {
    fresh: freshInputTokens,
    read: cacheReadTokens,
    written: cacheWriteShortTokens + cacheWriteLongTokens,
    usd: costOfUsage(usage, price).totalNanoUsd / 1e9,
  };
}

function chainOf({ prefixBlocks }, segments) {
  const texts = segments.map(({ name, tokens }) => Buffer.alloc(tokens * 4, `${name}|`));
  const spans = [];
  let at = 0;
  for (const text of texts) spans.push(at, (at += text.length));
  return prefixBlocks({ source: Buffer.concat(texts), spans, headSegments: 1 }, scope);
}
