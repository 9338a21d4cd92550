// The programs that packages bring, called by their files: without npx, which may go and look on the network.
import path from 'node:path';
import { readJson } from './data-dir.mjs';

/** The file of a package's program (`name` defaults to the package's own). Throws when the package is not installed. */
export function packageBin(root, packageName, name = packageName) {
  const folder = path.join(root, 'node_modules', packageName);
  const bin = readJson(path.join(folder, 'package.json'))?.bin;
  const relative = typeof bin === 'string' ? bin : bin?.[name];
  if (!relative) throw new Error(`The package ${packageName} is not installed: run npm ci.`);
  return path.join(folder, relative);
}
