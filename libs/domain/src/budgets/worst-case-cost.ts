import { parseDecimal } from '../money/decimal';
import { multiplyPrices, type ModelPrice, type TokenClass, type TokenPrices } from '../money/model-price';
import type { RequestSize } from './scan-request-size';

/** What is taken where a request and its model leave it open. */
export interface WorstCaseDefaults {
  /** Where neither the request nor the model limits the answer. */
  outputTokens: number;
  /** For a model without a price; undefined: it cannot be told. */
  unpricedNanoUsd: number | undefined;
}

/** Which calls a request may lead to. */
export interface WorstCasePlan {
  /** The model that is asked, and those that it may fall back to. */
  readonly models: readonly WorstCaseModel[];
  /** A doubtful answer is asked of a second model, and both are paid. */
  readonly isConfidenceChecked: boolean;
  /** A slow call may be made a second time, and both are paid. */
  readonly isHedged: boolean;
}

export interface WorstCaseModel {
  readonly price?: ModelPrice;
  /** 0 when unknown. */
  readonly contextTokens: number;
  /** 0 when unknown. */
  readonly maxOutputTokens: number;
}

/**
 * More than any of today's models counts for a picture at its full price per token (Claude: up to 4,784; 2026-11). Some models of the smallest
 * prices count ten times as many and more: gpt-4o-mini 48,169, which is 0.72 cents.
 */
const IMAGE_TOKENS = 5_000;
const IMAGE_NANO_USD = 7_500_000;
/** A token of sound is a thirtieth of a second at the shortest (Gemini: 32 a second): at 8 kbit/s, 41 characters of base64. */
const AUDIO_CHARACTERS_PER_TOKEN = 32;
/** What providers put around a request unasked, such as instructions for tools (Anthropic: up to some 800 tokens). */
const AROUND_TOKENS = 1_000;
const DEFAULT_CONTEXT_TOKENS = 128_000;
/** Each axis of a usage is rounded by itself. */
const ROUNDING_NANO_USD = 8;

/** Reading from a cache is dearer than fresh input nowhere; it is here for the bound's sake. */
const inputClasses: readonly TokenClass[] = [
  'freshInput',
  'cacheRead',
  'cacheWriteShort',
  'cacheWriteLong',
  'imageInput',
];
const outputClasses: readonly TokenClass[] = ['output', 'reasoning', 'audioOutput'];

/** Nano-dollars a token. Not exact: a bound is rounded up. */
interface Rates {
  readonly input: number;
  readonly audio: number;
  readonly output: number;
}

interface PriceRates {
  readonly usual: readonly { readonly fromTokens: number; readonly rates: Rates }[];
  /** How much dearer the dearest service tier is. */
  readonly tierFactor: number;
}

const known = new WeakMap<ModelPrice, PriceRates>();

/**
 * The most that a request can cost, in nano-dollars: all that it sends at the dearest rate for input (fresh or written to a cache), the longest answer
 * that it may get, no discounts. Undefined: one of its models has no price, and none is to be assumed.
 */
export function worstCaseCost(size: RequestSize, plan: WorstCasePlan, defaults: WorstCaseDefaults): number | undefined {
  let dearest = 0;
  let second = 0;
  for (const model of plan.models) {
    const cost = model.price ? costOf(size, model, model.price, defaults) : defaults.unpricedNanoUsd;
    if (cost === undefined) return undefined;
    if (cost >= dearest) {
      second = dearest;
      dearest = cost;
    } else second = Math.max(second, cost);
  }
  // Two calls of one request are paid at the most, the doubtful answer's and a stronger model's, and each may have been made twice.
  const sum = plan.isConfidenceChecked ? dearest + second : dearest;
  return Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(sum * (plan.isHedged ? 2 : 1)));
}

function costOf(
  size: RequestSize,
  model: WorstCaseModel,
  price: ModelPrice,
  { outputTokens }: WorstCaseDefaults,
): number {
  const contextTokens = model.contextTokens > 0 ? model.contextTokens : Infinity;
  const unseenTokens = !size.hasUnseenInput
    ? 0
    : model.contextTokens > 0
      ? model.contextTokens
      : DEFAULT_CONTEXT_TOKENS;
  const textTokens = Math.min(contextTokens, size.textBytes + AROUND_TOKENS + unseenTokens);
  const imageTokens = Math.min(contextTokens, size.images * IMAGE_TOKENS);
  const audioTokens = Math.min(contextTokens, Math.ceil(size.audioCharacters / AUDIO_CHARACTERS_PER_TOKEN));
  const longest = model.maxOutputTokens > 0 ? model.maxOutputTokens : outputTokens;
  const answerTokens = (size.maxOutputTokens ?? longest) * size.answers;
  const { usual, tierFactor } = ratesOf(price);
  const promptTokens = textTokens + imageTokens + audioTokens;
  const { input, audio, output } = dearestFor(usual, promptTokens);
  const images = Math.max(imageTokens * input, size.images * Math.min(IMAGE_NANO_USD, input * DEFAULT_CONTEXT_TOKENS));
  const cost = textTokens * input + images + audioTokens * audio + answerTokens * output;
  return Math.ceil(cost * (size.namesServiceTier ? tierFactor : 1)) + ROUNDING_NANO_USD;
}

/** A shorter prompt than was counted may cost more by a band that is cheaper further up: the dearest of those up to it. */
function dearestFor(bands: PriceRates['usual'], promptTokens: number): Rates {
  let [input, audio, output] = [0, 0, 0];
  for (const { fromTokens, rates } of bands) {
    if (fromTokens > promptTokens) continue;
    input = Math.max(input, rates.input);
    audio = Math.max(audio, rates.audio);
    output = Math.max(output, rates.output);
  }
  return { input, audio, output };
}

function ratesOf(price: ModelPrice): PriceRates {
  let rates = known.get(price);
  if (!rates) known.set(price, (rates = compile(price)));
  return rates;
}

function compile(price: ModelPrice): PriceRates {
  const { perMillion, longPromptBands = [], regions = {}, serviceTiers = {} } = price;
  // Where a request is served is found out by its answer.
  const region = Math.max(1, ...Object.values(regions).map(({ multiplier }) => decimal(multiplier)));
  const bands = longPromptBands.map((band) => ({
    fromTokens: band.thresholdTokens,
    rates: rates(
      'perMillion' in band ? band.perMillion : multiplyPrices(perMillion, band.inputMultiplier, band.outputMultiplier),
      region,
    ),
  }));
  const base = rates(perMillion, region);
  const tiers = Object.values(serviceTiers).map((tier) =>
    'multiplier' in tier ? decimal(tier.multiplier) : factorOf(rates(tier.perMillion, region), base),
  );
  return { usual: [{ fromTokens: 0, rates: base }, ...bands], tierFactor: Math.max(1, ...tiers) };
}

const factorOf = (tier: Rates, base: Rates): number =>
  Math.max(...(['input', 'audio', 'output'] as const).map((axis) => (base[axis] > 0 ? tier[axis] / base[axis] : 1)));

function rates(prices: TokenPrices, factor: number): Rates {
  const input = dearest(prices, inputClasses);
  const output = Math.max(
    dearest(prices, outputClasses),
    prices.output === undefined ? perToken(prices.freshInput) : 0,
  );
  const audio = Math.max(input, prices.audioInput === undefined ? 0 : perToken(prices.audioInput));
  return { input: input * factor, audio: audio * factor, output: output * factor };
}

const dearest = (prices: TokenPrices, classes: readonly TokenClass[]): number =>
  Math.max(...classes.map((tokenClass) => perToken(prices[tokenClass] ?? '0')));

/** Dollars per million tokens are a thousand times as many nano-dollars per token. */
const perToken = (perMillion: string): number => decimal(perMillion) * 1_000;

function decimal(text: string): number {
  const { digits, scale } = parseDecimal(text);
  return Number(digits) / 10 ** scale;
}
