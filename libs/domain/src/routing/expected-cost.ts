import { pricesForPromptLength, type ModelPrice } from '../money/model-price';

/** Nano-dollars a token, as a number: to rank models by, never to be booked. */
interface Rates {
  readonly freshInput: number;
  readonly cacheRead: number;
  readonly output: number;
}

const ratesOfPrice = new WeakMap<ModelPrice, Rates>();
const nanoUsdPerMillionth = 1_000;

/**
 * What a request is expected to cost with a model, in nano-dollars, rounded. `warmTokens` of its prompt are in the provider's cache already.
 * An estimate for a choice: the ledger never sees it.
 */
export function expectedCostNanoUsd(
  price: ModelPrice,
  promptTokens: number,
  outputTokens: number,
  warmTokens = 0,
): number {
  const { freshInput, cacheRead, output } = ratesOf(price, promptTokens);
  const warm = Math.min(warmTokens, promptTokens);
  return Math.round((promptTokens - warm) * freshInput + warm * cacheRead + outputTokens * output);
}

function ratesOf(price: ModelPrice, promptTokens: number): Rates {
  const { longPromptBands } = price;
  if (longPromptBands && longPromptBands.some(({ thresholdTokens }) => promptTokens > thresholdTokens))
    return read(pricesForPromptLength(price, promptTokens));
  let rates = ratesOfPrice.get(price);
  if (!rates) {
    rates = read(price.perMillion);
    ratesOfPrice.set(price, rates);
  }
  return rates;
}

/** The fall-backs of `TokenPrices`: a class without a price is never free. */
function read(prices: ModelPrice['perMillion']): Rates {
  const { freshInput, cacheRead = freshInput, output = freshInput } = prices;
  return {
    freshInput: Number(freshInput) * nanoUsdPerMillionth,
    cacheRead: Number(cacheRead) * nanoUsdPerMillionth,
    output: Number(output) * nanoUsdPerMillionth,
  };
}
