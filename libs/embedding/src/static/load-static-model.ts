import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CostlaneError } from '@costlane/domain';
import type { StaticModel } from '../embedder';
import { createStaticModel } from './create-static-model';
import { readModelFile } from './model-file';

/** Beside the running bundle; in this lib, seen from its sources; in this lib, seen from a bundle in `dist/apps/<app>`. */
const places = [
  './static-model.bin',
  '../../model/static-model.bin',
  '../../../libs/embedding/model/static-model.bin',
] as const;

/** The shipped model's file. Throws a CostlaneError `unavailable` when it is in none of its places. */
export function defaultModelFile(from: string = import.meta.url): string {
  const files = places.map((place) => fileURLToPath(new URL(place, from)));
  const found = files.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new CostlaneError(
    'unavailable',
    `The static embedding model is missing: there is neither ${files.join(' nor ')}.`,
  );
}

/**
 * Loads the built-in model, from `file` or from where it is shipped. Reads the file at once and synchronously: call it when a service
 * starts. Throws a CostlaneError `unavailable` when no file is there, `internal` when it is not a model.
 */
export function loadStaticModel(file?: string): StaticModel {
  if (file !== undefined && !existsSync(file)) {
    throw new CostlaneError('unavailable', `The static embedding model is missing: there is no ${file}.`);
  }
  return createStaticModel(readModelFile(file ?? defaultModelFile()));
}
