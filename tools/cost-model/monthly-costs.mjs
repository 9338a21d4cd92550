// What a month of a workload costs with and without Costlane, by the product's own arithmetic.
import { classesOf, warmShareOf } from './request-classes.mjs';

const causes = ['cache', 'routing', 'prefix', 'batching'];

/** Tokens of a workload's prompt that others share, 0 where they are too few for a provider's cache. */
export function prefixTokensOf(workload, minimumTokens) {
  const tokens = Math.round(workload.input_tokens * workload.prefix_share);
  return tokens >= minimumTokens ? tokens : 0;
}

function usageOf(library, workload, price, fate, prefixTokens, isMarked) {
  const found = fate === 'warm' ? prefixTokens : 0;
  // A mark makes the first call write the prefix, which some providers charge for.
  const written = fate === 'cold' && isMarked && price.perMillion.cacheWriteShort !== undefined ? prefixTokens : 0;
  return {
    ...library.emptyUsage,
    freshInputTokens: workload.input_tokens - found - written,
    cacheReadTokens: found,
    cacheWriteShortTokens: written,
    outputTokens: workload.output_tokens,
  };
}

const zero = () => ({ list: 0n, paid: 0n, cache: 0n, routing: 0n, prefix: 0n, batching: 0n });

function addTimes(sums, count, { baselineNanoUsd, paidNanoUsd, savings }) {
  const times = BigInt(count);
  sums.list += times * BigInt(baselineNanoUsd);
  sums.paid += times * BigInt(paidNanoUsd);
  for (const cause of causes) sums[cause] += times * BigInt(savings[cause]);
}

/** A call beside the one that answered: it is paid, and takes away from the saving that it was made for. */
function addExtra(sums, count, paidNanoUsd, cause) {
  const extra = BigInt(count) * BigInt(paidNanoUsd);
  sums.paid += extra;
  sums[cause] -= extra;
}

function pricesOf(library, catalog, workload, asOf) {
  const find = (provider, model) => {
    const found = catalog.find({ provider, model, at: Date.parse(asOf) });
    if (!found.ok)
      throw new Error(`${workload.tenant}, ${workload.use_case}: no list price of ${provider} ${model} on ${asOf}`);
    return found.value.price;
  };
  return {
    asked: find(workload.provider, workload.model),
    easy: find(workload.easy_provider, workload.easy_model),
  };
}

/**
 * A month of one workload: counts of requests, and nano-dollars as bigints: `list` (the model asked, every token at list price: the baseline of
 * the ledger), `direct` (the same with what the provider's own cache takes off without us: what a bill would say), `paid`, and what each
 * lever saves, so that `list − paid = cache + routing + prefix + batching` exactly. Throws where a model has no list price.
 */
export function monthOf(library, catalog, workload, settings, asOf) {
  const { asked, easy } = pricesOf(library, catalog, workload, asOf);
  const prefixTokens = prefixTokensOf(workload, settings.prefix_minimum_tokens);
  const isMarked = !settings.isOff('prefix');
  const priceOf = (isEasy) => (isEasy ? easy : asked);
  const isCacheable = (isEasy) => prefixTokens > 0 && priceOf(isEasy).perMillion.cacheRead !== undefined;
  const counts = classesOf(workload, settings, isCacheable);
  const sums = zero();
  const attribute = (isEasy, fate) =>
    library.attributeSavings({
      usage: usageOf(library, workload, priceOf(isEasy), fate, prefixTokens, isMarked),
      usedPrice: priceOf(isEasy),
      baselinePrice: asked,
      isBatchDiscounted: fate === 'batch',
      isCacheHit: fate === 'hit',
    });
  for (const { count, isEasy, fate } of counts.classes) addTimes(sums, count, attribute(isEasy, fate));
  const easyMisses = sumOf(counts.classes.filter(({ isEasy, fate }) => isEasy && fate !== 'hit'));
  // The doubtful first answer was paid for nothing: the second one is by the model asked, and saves nothing by routing.
  const askedTwice = Math.round(easyMisses * settings.asked_twice_share);
  addExtra(sums, askedTwice, attribute(false, 'plain').paidNanoUsd, 'routing');
  addExtra(sums, counts.audits, attribute(false, 'plain').paidNanoUsd, 'cache');
  const direct = directCost(library, workload, asked, prefixTokens, settings, counts.requests);
  return { workload, ...counts, askedTwice, sums: { ...sums, direct } };
}

/** Without Costlane: every request to the model asked, a part of them with a prefix that the provider's own cache still has. */
function directCost(library, workload, price, prefixTokens, settings, requests) {
  const alone = { ...settings, isOff: (lever) => lever === 'prefix' || settings.isOff(lever) };
  const hasCache = prefixTokens > 0 && price.perMillion.cacheRead !== undefined;
  const warm = hasCache ? Math.round(requests * warmShareOf(workload.provider, alone)) : 0;
  const costOf = (fate) =>
    BigInt(
      library.attributeSavings({
        usage: usageOf(library, workload, price, fate, prefixTokens, false),
        usedPrice: price,
      }).paidNanoUsd,
    );
  return BigInt(warm) * costOf('warm') + BigInt(requests - warm) * costOf('plain');
}

export const sumOf = (classes) => classes.reduce((sum, { count }) => sum + count, 0);

/** The sum of months; counts are added up too. */
export function addMonths(months) {
  const total = { requests: 0, exactHits: 0, semanticHits: 0, audits: 0, askedTwice: 0, batch: 0, easy: 0 };
  const sums = { ...zero(), direct: 0n };
  for (const month of months) {
    for (const name of ['requests', 'exactHits', 'semanticHits', 'audits', 'askedTwice']) total[name] += month[name];
    total.batch += sumOf(month.classes.filter(({ fate }) => fate === 'batch'));
    total.easy += sumOf(month.classes.filter(({ isEasy, fate }) => isEasy && fate !== 'hit'));
    for (const name of Object.keys(sums)) sums[name] += month.sums[name];
  }
  const saved = causes.reduce((sum, cause) => sum + sums[cause], 0n);
  if (sums.list - sums.paid !== saved) throw new Error('the savings do not add up: this is an error of the cost model');
  return { ...total, calls: total.requests - total.exactHits - total.semanticHits, sums: { ...sums, saved } };
}
