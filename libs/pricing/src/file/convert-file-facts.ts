import type { ModelCapabilities, ModelTier } from '@costlane/domain';
import type { FactFields } from './price-file-schema';

/** What the operator says of a model; only what the file names is there. */
export interface FileFacts {
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly tier?: ModelTier;
  readonly quality?: number;
  readonly capabilities?: Partial<ModelCapabilities>;
}

const capabilityFields = {
  tools: 'supports_tools',
  vision: 'supports_vision',
  audio: 'supports_audio',
  jsonMode: 'supports_json_mode',
  jsonSchema: 'supports_json_schema',
  reasoning: 'supports_reasoning',
  logprobs: 'supports_logprobs',
} as const satisfies Record<keyof ModelCapabilities, keyof FactFields>;

/** Undefined where the entry says nothing but prices. */
export function convertFileFacts(entry: FactFields): FileFacts | undefined {
  const capabilities: { -readonly [K in keyof ModelCapabilities]?: boolean } = {};
  for (const [name, field] of Object.entries(capabilityFields) as [keyof ModelCapabilities, CapabilityField][]) {
    const given = entry[field];
    if (given !== undefined) capabilities[name] = given;
  }
  const facts: FileFacts = {
    ...(entry.context_tokens === undefined ? {} : { contextTokens: entry.context_tokens }),
    ...(entry.max_output_tokens === undefined ? {} : { maxOutputTokens: entry.max_output_tokens }),
    ...(entry.tier === undefined ? {} : { tier: entry.tier }),
    ...(entry.quality === undefined ? {} : { quality: Number(entry.quality) }),
    ...(Object.keys(capabilities).length > 0 ? { capabilities } : {}),
  };
  return Object.keys(facts).length > 0 ? facts : undefined;
}

type CapabilityField = (typeof capabilityFields)[keyof ModelCapabilities];
