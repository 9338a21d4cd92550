import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelPrice, TokenUsage } from '@costlane/domain';
import type { ProviderConfig } from '../provider-config';
import type { ProviderUsageSource } from '../provider';

/** An answer as a provider sends it, byte for byte in `file`, and what it comes to. For specs only. */
export interface GoldenCase {
  readonly file: string;
  readonly name: string;
  readonly model: string;
  /** Fields of the request that decide about the bill. */
  readonly request?: Readonly<Record<string, unknown>>;
  /** The connection broke where the file ends. */
  readonly isCutOff?: boolean;
  /** Name of a price in `prices.json`; null where the model has none. */
  readonly price: string | null;
  /** Tier that only the caller knows: a line of a batch does not say that it is one. */
  readonly billedAs?: string;
  readonly expected: {
    readonly usage: TokenUsage;
    readonly usageSource: ProviderUsageSource;
    readonly serviceTier?: string;
    readonly finishReason?: string;
    readonly costNanoUsd?: number;
    /** How the cost was reckoned: tokens × nano-dollars a token (dollars per million × 1,000), one product for each class. */
    readonly reckoned?: string;
    readonly assumptions?: readonly string[];
  };
}

/** Providers with golden answers, and what their wire format is called here. */
export const goldenProviders: readonly (readonly [name: string, kind: ProviderConfig['kind']])[] = [
  ['openai', 'openai-compatible'],
  ['anthropic', 'anthropic'],
  ['google', 'google'],
  ['cohere', 'cohere'],
  ['vllm', 'openai-compatible'],
];

const read = (...path: string[]): string => readFileSync(join(__dirname, ...path), 'utf8');

export const readCases = (provider: string): GoldenCase[] => JSON.parse(read(provider, 'cases.json')) as GoldenCase[];

export const readAnswer = (provider: string, { file }: GoldenCase): string => read(provider, file);

type Prices = Readonly<Record<string, Pick<ModelPrice, 'perMillion'> & Partial<ModelPrice>>>;

/** The price that a case names; the catalogue of prices is held to the same file. */
export function priceOf({ price }: GoldenCase): ModelPrice | undefined {
  if (price === null) return undefined;
  const listed = (JSON.parse(read('prices.json')) as Prices)[price];
  if (!listed) throw new Error(`no price is called ${price}`);
  const [provider = '', model = ''] = price.split('/');
  const frame = { serviceTier: 'standard', validFrom: null, validTo: null, priceVersion: 'golden' };
  return { provider, model, ...frame, ...listed };
}

/** A sum of products (`904 × 100 + 1,024 × 12.5`), each rounded half up. */
export function reckon(text: string): number {
  const product = (term: string): number =>
    term.split(' × ').reduce((amount, factor) => amount * Number(factor.replaceAll(',', '')), 1);
  return text.split(' + ').reduce((sum, term) => sum + Math.floor(product(term) + 0.5), 0);
}
