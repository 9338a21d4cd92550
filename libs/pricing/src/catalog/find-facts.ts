import type { FileFacts } from '../file/convert-file-facts';
import { mockProvider } from '../mock-prices';
import { listedProviderName } from '../provider-names';
import type { PriceSources } from '../resolve-price';
import { mergeFacts } from './merge-facts';
import { factsOf, type ModelFacts } from './model-facts';

const dateSuffix = /-(?:\d{4}-\d{2}-\d{2}|20\d{6})$/;
const unknownDay = 'unknown';

/**
 * What is known of a model: the operator's file field by field over the built-in facts; for a model that these do not have, the size of its
 * context in the price list.
 *
 * @param fileReadOn the day from which the file's edition is in force
 */
export function findFacts(
  sources: Pick<PriceSources, 'seed' | 'file'>,
  provider: string,
  model: string,
  fileReadOn: string = unknownDay,
): ModelFacts | undefined {
  const known = factsOf(provider, model) ?? listedContext(sources, provider, model);
  return mergeFacts(known, fileFacts(sources, provider, model), fileReadOn);
}

function listedContext({ seed }: Pick<PriceSources, 'seed'>, provider: string, model: string): ModelFacts | undefined {
  const contextTokens = seed.find(listedProviderName(provider), model.toLowerCase())?.contextTokens ?? 0;
  return contextTokens === 0
    ? undefined
    : { contextTokens, maxOutputTokens: 0, source: '@pydantic/genai-prices', readOn: unknownDay };
}

function fileFacts(
  { seed, file }: Pick<PriceSources, 'seed' | 'file'>,
  provider: string,
  model: string,
): FileFacts | undefined {
  const listedProvider = listedProviderName(provider);
  const name = model.toLowerCase();
  for (const owner of listedProvider === mockProvider ? [mockProvider, 'openai'] : [listedProvider]) {
    const canonical = seed.find(owner, name)?.canonicalModel;
    for (const candidate of [name, name.replace(dateSuffix, ''), ...(canonical === undefined ? [] : [canonical])]) {
      const found = file.facts(owner, candidate);
      if (found) return found;
    }
  }
  return undefined;
}
