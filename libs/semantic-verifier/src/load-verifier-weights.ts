import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CostlaneError } from '@costlane/domain';
import { decodeWeights, type VerifierWeights } from './model/verifier-weights';

const beside = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Where the shipped weights are looked for: beside the running bundle, then in this lib's folder. */
export const defaultWeightsFiles = (): string[] => [
  beside('./verifier-weights.bin'),
  beside('../weights/verifier-weights.bin'),
];

/**
 * Reads the weights of `file` (CACHE_VERIFIER_WEIGHTS: what `npm run train:verifier` wrote), or those that are shipped. Synchronous, a few
 * milliseconds: for the start of a service. Throws a CostlaneError: `unavailable` where there is no file, `internal` where it is not of this kind.
 */
export function loadVerifierWeights(file?: string): VerifierWeights {
  const candidates = file === undefined ? defaultWeightsFiles() : [file];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new CostlaneError(
      'unavailable',
      `The verifier's weights are missing: looked for ${candidates.join(' and ')}.`,
    );
  return decodeWeights(readFileSync(found));
}
