import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CostlaneError } from '@costlane/domain';
import type { StaticModel } from '../embedder';
import { createStaticModel } from './create-static-model';
import { readModelFile } from './model-file';

const beside = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Where the model is looked for when no file is named: beside the running bundle, then in this lib's folder. */
export const defaultModelFiles = (): string[] => [beside('./static-model.bin'), beside('../../model/static-model.bin')];

/**
 * Loads the built-in model, of `file` or of where it is shipped. Reads it at once, in about ten milliseconds: call it when a service
 * starts. Throws a CostlaneError `unavailable` when no file is there, `internal` when it is not a model.
 */
export function loadStaticModel(file?: string): StaticModel {
  const candidates = file === undefined ? defaultModelFiles() : [file];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new CostlaneError('unavailable', `The static model is missing: looked for ${candidates.join(' and ')}.`);
  }
  return createStaticModel(readModelFile(found));
}
