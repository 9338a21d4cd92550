// What the same requests cost when each of them goes to the premium model: worked out with the mock's own way of counting tokens.
import { loadSources, withoutSideEffects } from '../../tools/lib/load-sources.mjs';
import { readClusters } from './labelled.mjs';
import { bodyOf, createWorkload } from './workload.mjs';

const entry = `
export { readChatRequest } from './libs/testing/src/mock-llm/chat-request';
export { PromptCache } from './libs/testing/src/mock-llm/prompt-cache';
export { mockPrices } from './libs/pricing/src/mock-prices';
`;
const prefixesKept = 65_536;

/**
 * Dollars and tokens of the first `count` requests of a seed, at list price and with the provider's own discount for prefixes that it has seen
 * before, which a naive client gets as well.
 */
export async function naiveCost({ seed, pairs, count, model = 'mock-premium' }) {
  const { readChatRequest, PromptCache, mockPrices } = await loadSources({
    contents: entry,
    plugins: [withoutSideEffects],
  });
  const { freshInput, cacheRead, output } = mockPrices.find((price) => price.model === model).perMillion;
  const workload = createWorkload({ seed, labelled: readClusters(pairs) });
  const cache = new PromptCache(prefixesKept);
  const tokens = { prompt: 0, cached: 0, output: 0 };
  for (let at = 0; at < count; at += 1) {
    const request = workload.next();
    const read = readChatRequest(JSON.parse(bodyOf(request, model)));
    if (!read.ok) throw new Error(`the workload made a request that the mock refuses: ${read.error.message}`);
    tokens.prompt += read.value.prompt.tokens;
    tokens.cached += cache.lookUpAndRemember(read.value.prompt.prefixHashes);
    tokens.output += request.intent.outputTokens;
  }
  const dollars = (fresh, cached) => (fresh * freshInput + cached * cacheRead + tokens.output * output) / 1e6;
  return {
    tokens,
    listUsd: dollars(tokens.prompt, 0),
    discountedUsd: dollars(tokens.prompt - tokens.cached, tokens.cached),
  };
}
