import type { ModelCapabilities, ModelTier } from '@costlane/domain';
import { mockProvider } from '../mock-prices';
import { listedProviderName } from '../provider-names';
import facts from './model-facts.json';

/** A figure of a public benchmark, and who says so. */
export interface QualityFigure {
  /** Share of the benchmark's tasks that are solved, 0 to 1. */
  readonly value: number;
  readonly benchmark: string;
  readonly source: string;
  /** The day on which the source was read, `2026-11-27`. */
  readonly readOn: string;
}

/** What is known of a model besides its price. */
export interface ModelFacts {
  /** Tokens of prompt and answer together; 0 when unknown. */
  readonly contextTokens: number;
  /** The longest answer; 0 when unknown. */
  readonly maxOutputTokens: number;
  /** Undefined: nothing is known of any of them. */
  readonly capabilities?: ModelCapabilities;
  /** Undefined: no figure with a source was found. */
  readonly quality?: QualityFigure;
  /** Set by the operator's file only; else the tier follows from the price. */
  readonly tier?: ModelTier;
  readonly source: string;
  readonly readOn: string;
}

interface FactsEntry {
  readonly provider: string;
  readonly models: readonly string[];
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly capabilities: readonly string[];
  readonly quality?: QualityFigure;
  readonly sources: readonly string[];
  readonly readOn: string;
}

export const capabilityNames = [
  'tools',
  'vision',
  'audio',
  'jsonMode',
  'jsonSchema',
  'reasoning',
  'logprobs',
] as const satisfies readonly (keyof ModelCapabilities)[];

/** Stands for whoever serves open weights. */
const anyProvider = '*';
const dateSuffix = /-(?:\d{4}-\d{2}-\d{2}|20\d{6})$/;
/** Numbers of fewer bits change what a model needs, not what it can do; its quality suffers by a little. */
const numberFormatSuffix =
  /-(?:fp8(?:-dynamic|-kv)?|bf16|fp16|int[48]|[48]bit|awq|gptq(?:-int[48])?|w[48]a(?:8|16)|nvfp4|mxfp4)$/;
const fineTunedPattern = /^ft:([^:]+):[^:]*:[^:]*:[^:]+$/;

const byKey: ReadonlyMap<string, ModelFacts> = index(facts.models);

/**
 * What is known of a model: by the provider's own list, else by the list of open weights, under the name as it stands or without its date,
 * its `organisation/` prefix and the suffix of its number format. The mock provider also plays OpenAI's models. A fine-tuned model can do
 * what its base can; how good it is, is not known.
 *
 * @returns undefined for a stranger: that is not the same as a model that can do nothing.
 */
export function factsOf(provider: string, model: string): ModelFacts | undefined {
  const name = model.toLowerCase();
  const base = fineTunedPattern.exec(name)?.[1];
  if (base !== undefined) return withoutQuality(factsOf(provider, base));
  const listedProvider = listedProviderName(provider);
  const short = name.slice(name.lastIndexOf('/') + 1).replace(numberFormatSuffix, '');
  const names = [name, short, name.replace(dateSuffix, ''), short.replace(dateSuffix, '')];
  const providers = [listedProvider, ...(listedProvider === mockProvider ? ['openai'] : []), anyProvider];
  for (const owner of providers) {
    for (const candidate of names) {
      const found = byKey.get(`${owner}/${candidate}`);
      if (found) return found;
    }
  }
  return undefined;
}

function withoutQuality(base: ModelFacts | undefined): ModelFacts | undefined {
  if (!base) return undefined;
  const { quality: _ofTheBase, ...rest } = base;
  return rest;
}

function index(entries: readonly FactsEntry[]): Map<string, ModelFacts> {
  const all = new Map<string, ModelFacts>();
  for (const { provider, models, capabilities, sources, ...rest } of entries) {
    const source = sources.map(describeSource).join('; ');
    const known: ModelFacts = {
      contextTokens: rest.contextTokens,
      maxOutputTokens: rest.maxOutputTokens,
      capabilities: capabilitiesOf((name) => capabilities.includes(name)),
      ...(rest.quality ? { quality: rest.quality } : {}),
      source,
      readOn: rest.readOn,
    };
    for (const model of models) all.set(`${provider}/${model}`, known);
  }
  return all;
}

export function capabilitiesOf(has: (name: keyof ModelCapabilities) => boolean): ModelCapabilities {
  return {
    tools: has('tools'),
    vision: has('vision'),
    audio: has('audio'),
    jsonMode: has('jsonMode'),
    jsonSchema: has('jsonSchema'),
    reasoning: has('reasoning'),
    logprobs: has('logprobs'),
  };
}

function describeSource(name: string): string {
  const sources: Readonly<Record<string, string>> = facts.sources;
  return sources[name] ?? name;
}
