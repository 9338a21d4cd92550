import type { FileFacts } from '../file/convert-file-facts';
import { capabilitiesOf, type ModelFacts } from './model-facts';

export const operatorSource = "the operator's prices file";

/**
 * Facts with the operator's on top, field by field and capability by capability. A model of which only the file says something has the
 * capabilities that the file gives it, and no others.
 *
 * @param readOn the day from which the file's edition is in force
 */
export function mergeFacts(
  known: ModelFacts | undefined,
  ofFile: FileFacts | undefined,
  readOn: string,
): ModelFacts | undefined {
  if (!ofFile) return known;
  const { capabilities, quality, ...rest } = ofFile;
  const merged = capabilities
    ? capabilitiesOf((name) => capabilities[name] ?? known?.capabilities?.[name] ?? false)
    : known?.capabilities;
  const figure =
    quality === undefined
      ? known?.quality
      : { value: quality, benchmark: 'set by the operator', source: operatorSource, readOn };
  return {
    contextTokens: rest.contextTokens ?? known?.contextTokens ?? 0,
    maxOutputTokens: rest.maxOutputTokens ?? known?.maxOutputTokens ?? 0,
    ...(merged ? { capabilities: merged } : {}),
    ...(figure ? { quality: figure } : {}),
    ...(rest.tier ? { tier: rest.tier } : {}),
    source: known ? `${operatorSource}; ${known.source}` : operatorSource,
    readOn,
  };
}
