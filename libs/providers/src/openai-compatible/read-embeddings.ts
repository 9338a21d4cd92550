import { usageFromOpenAi } from '@costlane/domain';
import { modelOf, type ReadCompletion } from './extract-usage';
import { isObject, parseObject } from './json-object';

/** Reads the answer of `/embeddings`: whole when every vector of it is there, as a list of numbers or as base64. */
export function readEmbeddings(body: Buffer): ReadCompletion {
  const json = parseObject(body.toString('latin1'));
  if (!json) return { kind: 'malformed' };
  const { data } = json;
  if (!Array.isArray(data)) return { kind: isObject(json['error']) ? 'error' : 'malformed' };
  const facts = {
    usage: usageFromOpenAi(json['usage'])?.usage,
    modelUsed: modelOf(json),
    characters: 0,
    isWhole: data.length > 0 && (data as unknown[]).every(isVector),
  };
  return { kind: 'completion', facts };
}

function isVector(entry: unknown): boolean {
  const embedding = isObject(entry) ? entry['embedding'] : undefined;
  return (Array.isArray(embedding) || typeof embedding === 'string') && embedding.length > 0;
}
