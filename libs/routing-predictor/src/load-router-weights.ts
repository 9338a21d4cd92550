import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CostlaneError } from '@costlane/domain';
import type { RouterWeights } from './model/router-weights';
import { decodeWeights } from './model/weights-file';

const beside = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Where the shipped weights are looked for: beside the running bundle, then in this lib's folder. */
const defaultWeightsFiles = (): string[] => [beside('./router-weights.bin'), beside('../weights/router-weights.bin')];

/**
 * Reads the weights of `file` (what `npm run train:router` wrote), or those that ship. Synchronous, a few milliseconds. Throws a CostlaneError:
 * `unavailable` where there is no file, `internal` where it is not of this kind.
 */
export function loadRouterWeights(file?: string): RouterWeights {
  const candidates = file === undefined ? defaultWeightsFiles() : [file];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new CostlaneError('unavailable', `The router's weights are missing: looked for ${candidates.join(' and ')}.`);
  return decodeWeights(readFileSync(found));
}
