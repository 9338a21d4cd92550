// Writes the licence texts of the packages that the bundles may hold: `node tools/deploy/licenses.mjs dist/THIRD-PARTY-LICENSES.txt`.
// Bundles carry other people's code without its files; their licences want their words to go along.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Names of the packages in a lock file that are there at run time, as folders below the lock file's. */
export function runtimePackages(lock) {
  return Object.entries(lock.packages)
    .filter(([folder, { dev, devOptional, link }]) => folder !== '' && !dev && !devOptional && !link)
    .map(([folder]) => folder)
    .sort();
}

/** Licence text of the package in `folder`: its LICENSE (or LICENCE, COPYING) and NOTICE files; empty when it ships none. */
export function licenseText(folder) {
  const names = readdirSync(folder).filter((name) => /^(licen[sc]e|copying|notice)/i.test(name));
  return names
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8').trim())
    .join('\n\n');
}

/** What the bundles carry beside packages: folders below the root with licence files of their own, and what they are licensed under. */
const modelFolders = [{ folder: 'libs/embedding/model', name: 'static-model.bin', license: 'Apache-2.0' }];

/** One document for all run-time packages that are installed below `root`; other platforms' optional ones are not. */
export function collectLicenses(root) {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const parts = [];
  for (const folder of runtimePackages(lock)) {
    const { version, license, optional } = lock.packages[folder];
    let text;
    try {
      text = licenseText(path.join(root, folder));
    } catch (error) {
      if (optional && error.code === 'ENOENT') continue;
      throw error;
    }
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    parts.push(
      `## ${name} ${version} ${license ? `(${license.replace(/^\(|\)$/g, '')})` : ''}\n\n${text || 'No licence file in the package.'}\n`,
    );
  }
  for (const { folder, name, license } of modelFolders)
    parts.push(`## ${name} (${license})\n\n${licenseText(path.join(root, folder))}\n`);
  return parts.join('\n');
}

if (process.argv[1]?.endsWith('licenses.mjs')) {
  writeFileSync(process.argv[2] ?? 'dist/THIRD-PARTY-LICENSES.txt', collectLicenses(process.cwd()));
}
