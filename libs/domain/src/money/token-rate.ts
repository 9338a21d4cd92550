import { parseDecimal } from './decimal';
import type { TokenClass, TokenPrices } from './model-price';
import { nanoUsdFromBigInt, type NanoUsd } from './nano-usd';

/**
 * The price of one token as an exact number: whole pico-dollars where that is exact (every list price known has at
 * most six decimals per million), else `digits / 10^scale` dollars per million.
 */
type TokenRate =
  { readonly picoUsd: number } | { readonly picoUsd: null; readonly digits: bigint; readonly scale: number };

export type TokenRates = Readonly<Record<TokenClass, TokenRate>> & {
  /** Classes whose price is a fall-back. */
  readonly unpriced: ReadonlySet<TokenClass>;
};

const picoDecimals = 6;
const picosPerNano = 1000;

/** Parses the decimal strings once and settles every fall-back (see `TokenPrices`). */
export function compileRates(prices: TokenPrices): TokenRates {
  const unpriced = new Set<TokenClass>();
  const rate = (tokenClass: TokenClass, fallback: TokenRate): TokenRate => {
    const price = prices[tokenClass];
    if (price !== undefined) return parseRate(price);
    unpriced.add(tokenClass);
    return fallback;
  };
  const freshInput = parseRate(prices.freshInput);
  const output = rate('output', freshInput);
  const cacheRead = rate('cacheRead', freshInput);
  const cacheWriteShort = rate('cacheWriteShort', freshInput);
  const audioInput = rate('audioInput', freshInput);
  return {
    freshInput,
    output,
    cacheRead,
    cacheWriteShort,
    cacheWriteLong: rate('cacheWriteLong', cacheWriteShort),
    reasoning: rate('reasoning', output),
    audioInput,
    audioCacheRead: rate('audioCacheRead', prices.audioInput === undefined ? cacheRead : audioInput),
    audioOutput: rate('audioOutput', output),
    imageInput: rate('imageInput', freshInput),
    unpriced,
  };
}

/**
 * One axis' cost: the sum over its parts (text, audio, image), rounded half up to a nano-dollar once, at the end.
 * Arithmetic in plain numbers while the products stay below 2^53, else in BigInt.
 * @throws MoneyError `unsafe_amount` when the cost leaves the safe integers.
 */
export function costOfTokens(parts: readonly (readonly [tokens: number, rate: TokenRate])[]): NanoUsd {
  let picos = 0;
  for (const [tokens, rate] of parts) {
    if (tokens === 0) continue;
    picos = rate.picoUsd === null ? Number.NaN : picos + tokens * rate.picoUsd;
  }
  return picos <= Number.MAX_SAFE_INTEGER ? roundPicos(picos) : exactCost(parts);
}

/** The same for an axis of one class: the usual case, without an array. */
export function costOfClass(tokens: number, rate: TokenRate): NanoUsd {
  if (tokens === 0) return 0 as NanoUsd;
  const picos = rate.picoUsd === null ? Number.NaN : tokens * rate.picoUsd;
  return picos <= Number.MAX_SAFE_INTEGER ? roundPicos(picos) : exactCost([[tokens, rate]]);
}

function roundPicos(picos: number): NanoUsd {
  const remainder = picos % picosPerNano;
  return ((picos - remainder) / picosPerNano + (remainder * 2 >= picosPerNano ? 1 : 0)) as NanoUsd;
}

function exactCost(parts: readonly (readonly [number, TokenRate])[]): NanoUsd {
  const decimals = parts.map(([tokens, rate]) =>
    rate.picoUsd === null
      ? { digits: BigInt(tokens) * rate.digits, scale: rate.scale }
      : { digits: BigInt(tokens) * BigInt(rate.picoUsd), scale: picoDecimals },
  );
  const scale = Math.max(...decimals.map((decimal) => decimal.scale));
  const sum = decimals.reduce((total, { digits, scale: own }) => total + digits * 10n ** BigInt(scale - own), 0n);
  // sum / 10^scale is micro-dollars (tokens × dollars per million); a thousand of it are nano-dollars.
  const divisor = 10n ** BigInt(scale);
  return nanoUsdFromBigInt((2n * 1000n * sum + divisor) / (2n * divisor));
}

function parseRate(perMillion: string): TokenRate {
  const { digits, scale } = parseDecimal(perMillion);
  if (scale > picoDecimals) return { picoUsd: null, digits, scale };
  const picoUsd = digits * 10n ** BigInt(picoDecimals - scale);
  if (picoUsd > BigInt(Number.MAX_SAFE_INTEGER)) return { picoUsd: null, digits, scale };
  return { picoUsd: Number(picoUsd) };
}
