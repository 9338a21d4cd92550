import {
  formatDecimal,
  MoneyError,
  parseDecimal,
  shiftDecimal,
  type LongPromptBand,
  type TokenPrices,
} from '@costlane/domain';

/** A model's standard prices as an open price list has them, in dollars per million tokens. */
export interface ListedModel {
  readonly provider: string;
  readonly model: string;
  readonly perMillion: TokenPrices;
  /** Undefined: the list says nothing of long prompts. */
  readonly longPromptBands?: readonly LongPromptBand[];
}

/** An entry of a list that is not taken, and why, in a sentence. */
export interface RefusedEntry {
  readonly entry: string;
  readonly reason: string;
}

export interface PriceListReading {
  readonly format: 'litellm' | 'models.dev';
  readonly models: readonly ListedModel[];
  readonly refused: readonly RefusedEntry[];
}

/** A price in the list's own field names; undefined where it is not given. */
export type GivenPrices = Readonly<Partial<Record<keyof TokenPrices, unknown>>>;

/** Why an entry is not taken; carried by a throw because it may be found deep within one. */
export class RefusedPrice extends Error {}

/** No model's text asks more (600 is the dearest listed) nor less: beyond, the unit was most likely mistaken. */
const dearestPerMillion = 1_000;
const cheapestPerMillion = 0.0005;
/** Digits beyond are the noise of binary numbers, `1.5000000000000002e-7`. */
const decimals = 12;

/**
 * The prices of an entry as decimal strings per million tokens.
 *
 * @param places how far the list's unit is from a million tokens: 6 for prices per token, 0 for prices per million
 * @throws RefusedPrice where input or output is missing, zero, negative or no number, where a price is beyond what any model asks, and where
 *   reading from a cache costs more than not doing so
 */
export function convertGivenPrices(given: GivenPrices, places: number): TokenPrices {
  const prices: { -readonly [K in keyof TokenPrices]?: string } = {};
  for (const [name, value] of Object.entries(given) as [keyof TokenPrices, unknown][]) {
    if (value === undefined || value === null) continue;
    const perMillion = toPerMillion(name, value, places);
    if (Number(perMillion) > 0) prices[name] = perMillion;
    else if (name === 'freshInput' || name === 'output') {
      throw new RefusedPrice(`${name} is zero: a list that says "free" may mean "not known"`);
    }
  }
  const { freshInput, output, cacheRead } = prices;
  if (freshInput === undefined) throw new RefusedPrice('freshInput is missing');
  if (output === undefined) throw new RefusedPrice('output is missing');
  if (cacheRead !== undefined && Number(cacheRead) > Number(freshInput)) {
    throw new RefusedPrice(`cacheRead ($${cacheRead} per million) is dearer than freshInput ($${freshInput})`);
  }
  return { ...prices, freshInput };
}

const outputClasses: ReadonlySet<string> = new Set<keyof TokenPrices>(['output', 'reasoning', 'audioOutput']);

/**
 * The prices of long prompts. A class that the list names for short prompts only rises there as input or output does: providers state a factor
 * for all input and one for all output, and lists leave some of the products out.
 *
 * @throws RefusedPrice as {@link convertGivenPrices}
 */
export function convertBandPrices(base: TokenPrices, above: GivenPrices, places: number): TokenPrices {
  const named = Object.fromEntries(Object.entries(above).filter(([, value]) => value !== undefined && value !== null));
  const both: GivenPrices = {
    freshInput: perUnit(base.freshInput, places),
    output: perUnit(base.output, places),
    ...named,
  };
  const prices = convertGivenPrices(both, places);
  const inputFactor = Number(prices.freshInput) / Number(base.freshInput);
  const outputFactor = Number(prices.output) / Number(base.output);
  const risen = Object.entries(base).flatMap(([name, price]): [string, string][] => {
    if (prices[name as keyof TokenPrices] !== undefined) return [];
    const factor = outputClasses.has(name) ? outputFactor : inputFactor;
    return [[name, withoutNoise(Number(price) * factor)]];
  });
  return { ...prices, ...Object.fromEntries(risen) };
}

/** Back from a million tokens to the list's unit. */
function perUnit(perMillion: string | undefined, places: number): string | undefined {
  return perMillion === undefined ? undefined : formatDecimal(shiftDecimal(parseDecimal(perMillion), -places));
}

const withoutNoise = (value: number): string => value.toFixed(decimals).replace(/\.?0+$/, '');

function toPerMillion(name: string, value: unknown, places: number): string {
  if (typeof value !== 'number' && typeof value !== 'string') throw new RefusedPrice(`${name} is no number`);
  let exact: string;
  try {
    exact = formatDecimal(shiftDecimal(parseDecimal(String(value).trim()), places));
  } catch (cause) {
    if (!(cause instanceof MoneyError)) throw cause;
    throw new RefusedPrice(`${name} is ${String(value).slice(0, 40)}, which is no price`);
  }
  const perMillion = Number(exact)
    .toFixed(decimals)
    .replace(/\.?0+$/, '');
  if (Number(perMillion) > dearestPerMillion) {
    throw new RefusedPrice(`${name} comes to $${perMillion} per million tokens: the unit is most likely another one`);
  }
  if (Number(exact) > 0 && Number(exact) < cheapestPerMillion) {
    throw new RefusedPrice(`${name} comes to $${exact} per million tokens: the unit is most likely another one`);
  }
  return perMillion;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
